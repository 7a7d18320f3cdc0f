// SPDX-License-Identifier: MIT
#include "formats/supervisord_section.h"

#include "formats/suggest.h"

namespace foster {

const IniEntry* SupervisordSection::Find(const std::string& key) const {
  const IniEntry* entry = section_.Find(key);
  return entry || !defaults_ ? entry : defaults_->Find(key);
}

Origin SupervisordSection::OriginOf(const std::string& key) const {
  const IniEntry* entry = Find(key);
  return entry ? entry->At(0) : section_.origin;
}

void SupervisordSection::Wrong(const std::string& key, const std::string& text,
                               const std::string& hint) const {
  report_.Error(OriginOf(key), key + ": " + text, hint);
}

std::string SupervisordSection::Expand(const std::string& key, bool* is_good) const {
  const IniEntry* entry = Find(key);
  PercentError error;
  std::string out = ExpandPercent(entry->value, names_, &error);
  *is_good = error.kind == PercentError::Kind::kNone;
  if (*is_good) return out;
  std::string what = "Format string " + Quote(entry->value) + " for '" + section_.name + "." + key + "' ";
  if (error.kind == PercentError::Kind::kUnknownName) {
    std::vector<std::string_view> names = names_.PublicNames();
    std::string hint = DidYouMean(error.text, names);
    if (hint.empty()) {
      hint = "names here: ENV_ and any environment variable";
      for (std::string_view name : names) hint += ", " + std::string(name);
    }
    what += "contains names (" + Quote(error.text) + ") which cannot be expanded";
    report_.Error(entry->At(error.offset), what, hint);
  } else {
    report_.Error(entry->At(error.offset), what + "is badly formatted: " + error.text,
                  "write '%%' for a percent sign");
  }
  return out;
}

std::string SupervisordSection::Text(const std::string& key, const std::string& otherwise) const {
  if (!Find(key)) return otherwise;
  bool is_good = true;
  std::string text = Expand(key, &is_good);
  return is_good ? text : otherwise;
}

bool SupervisordSection::Bool(const std::string& key, bool otherwise) const {
  return Value<bool>(key, otherwise, ParseBool, "allowed: true, false, yes, no, on, off, 1, 0");
}

std::int64_t SupervisordSection::Integer(const std::string& key, std::int64_t otherwise) const {
  return Value<std::int64_t>(key, otherwise, ParseInteger, "a whole number is needed");
}

std::vector<KeyValue> SupervisordSection::Environment() const {
  if (!Find("environment")) return {};
  bool is_good = true;
  std::string text = Expand("environment", &is_good);
  WordError error;
  std::vector<KeyValue> pairs;
  if (is_good) pairs = SplitEnvironment(text, &error);
  if (!error.text.empty())
    report_.Error(
        Find("environment")->At(text == Find("environment")->value ? error.offset : 0),
        error.text + " in value " + Quote(text),
        "write KEY=\"value\",OTHER=\"value\"; a ';' or '#' after a blank begins a comment, even in quotes");
  return pairs;
}

}  // namespace foster
