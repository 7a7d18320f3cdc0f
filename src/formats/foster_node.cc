// SPDX-License-Identifier: MIT
#include "formats/foster_node.h"

#include <algorithm>

#include "base/signal_names.h"
#include "formats/foster_values.h"
#include "formats/foster_variables.h"
#include "formats/suggest.h"
#include "formats/yaml_values.h"

namespace foster {
namespace {

std::string Join(const std::vector<std::string_view>& words) {
  std::string out;
  for (std::string_view word : words) out += (out.empty() ? "" : ", ") + std::string(word);
  return out;
}

std::string Allowed(std::string_view word, const std::vector<std::string_view>& known) {
  std::string near = DidYouMean(word, known);
  return near.empty() ? "allowed: " + Join(known) : near;
}

}  // namespace

FosterNode FosterNode::Below(const std::string& key, const YamlNode& value) const {
  return FosterNode(value, path_.empty() ? key : path_ + "." + key, *dialect_, *report_);
}

FosterNode FosterNode::At(std::size_t index) const {
  return FosterNode(*node_->items[index], path_ + "[" + std::to_string(index) + "]", *dialect_, *report_);
}

void FosterNode::Error(const std::string& text, const std::string& hint) const {
  report_->Error(origin(), (path_.empty() ? "it" : path_ + ":") + " " + text, hint);
}

void FosterNode::ErrorAt(std::size_t offset, const std::string& text, const std::string& hint) const {
  const std::string& scalar = node_->scalar;
  Origin place = origin();
  bool is_as_written = scalar.find_first_of(node_->is_plain ? "\n" : "\n\\'\"") == std::string::npos;
  if (is_as_written && place.column > 0)
    place.column += static_cast<std::uint32_t>(std::min(offset, scalar.size()) + (node_->is_plain ? 0 : 1));
  report_->Error(place, path_ + ": " + text, hint);
}

void FosterNode::Fault(const std::string& below, const std::string& text, const std::string& hint) const {
  const YamlNode* place = node_;
  for (std::size_t at = 0; at < below.size();) {
    std::size_t dot = std::min(below.find('.', at), below.size());
    const YamlNode* next = place->Find(below.substr(at, dot - at));
    if (!next) break;
    place = next;
    at = dot + 1;
  }
  bool is_there = place != node_;
  report_->Error(place->origin, (is_there ? path_ + "." + below : path_) + ": " + text, hint);
}

void FosterNode::WrongKind(const std::string& wanted, const std::string& hint) const {
  Error("has to be " + wanted + ", not " + KindName(*node_), hint);
}

void FosterNode::UnknownKey(const YamlNode::Pair& pair, const std::vector<std::string_view>& known) const {
  std::string where = path_.empty() ? "" : " in " + path_;
  if (report_->is_full()) return report_->Error(pair.origin, "unknown key");
  report_->Error(pair.origin, "unknown key " + Quote(pair.key) + where, Allowed(pair.key, known));
}

void FosterNode::UnknownWord(const std::string& text, const std::vector<std::string_view>& known) const {
  Error("unknown word " + Quote(text), Allowed(text, known));
}

bool FosterNode::Text(std::string* out) const {
  if (!node_->is_scalar() || node_->is_null()) return WrongKind("text"), false;
  if (node_->scalar.find('\0') != std::string::npos) return Error("holds a NUL"), false;
  *out = node_->scalar;
  return true;
}

bool FosterNode::Expanded(std::string* out) const {
  std::string text;
  if (!Text(&text)) return false;
  if (dialect_->variables) {
    VariableError error;
    text = ExpandVariables(text, *dialect_->variables, &error);
    if (!error.text.empty())
      return ErrorAt(error.offset, error.text, "an environment variable of foster's, or '$${' for '${'"),
             false;
  }
  *out = std::move(text);
  return true;
}

bool FosterNode::Bool(bool* out) const {
  if (ReadYamlBool(*node_, out)) return true;
  return WrongKind("true or false"), false;
}

bool FosterNode::Path(std::string* out) const {
  std::string text;
  if (!Text(&text)) return false;
  if (text.empty() || text[0] != '/')
    return Error("not an absolute path: " + Quote(text), "begin it with /"), false;
  *out = std::move(text);
  return true;
}

bool FosterNode::Duration(Millis* out, Millis least, bool may_be_never) const {
  Millis value{0};
  const char* hint = may_be_never ? "like 250ms, 5s, 1m30s or never" : "like 250ms, 5s or 1m30s";
  if (!Value<Millis>(&value, ParseDuration, hint)) return false;
  if (value == kForever && !may_be_never) return Error("'never' is not possible here", hint), false;
  if (value < least)
    return Error("too short: " + Quote(node_->scalar), "at least " + std::to_string(least.count()) + "ms"),
           false;
  *out = value;
  return true;
}

bool FosterNode::Signal(int* out) const {
  std::string text;
  if (!Text(&text)) return false;
  auto number = SignalNumber(text);
  if (number && *number > 0) return *out = *number, true;
  std::string near = DidYouMean(BareSignalName(text), KnownSignalNames());
  Error(number ? "signal 0 does nothing" : "there is no signal " + Quote(text),
        near.empty() ? "a name like TERM, or a number from 1 to 64" : near);
  return false;
}

bool FosterNode::TextList(std::vector<std::string>* out) const {
  if (!List()) return false;
  std::vector<std::string> texts;
  bool is_good = true;
  for (std::size_t i = 0; i < node_->items.size(); ++i)
    is_good = At(i).Text(&texts.emplace_back()) && is_good;
  if (is_good) *out = std::move(texts);
  return is_good;
}

bool FosterNode::Map() const {
  if (node_->is_map()) return true;
  return WrongKind("a map", "write 'key: value' lines below it"), false;
}

bool FosterNode::List() const {
  if (node_->is_sequence()) return true;
  return WrongKind("a list", "write [a, b] or '- a' lines below it"), false;
}

bool FosterNode::WholeNumber(std::int64_t* out, std::int64_t least, std::int64_t most) const {
  auto parse = [&](std::string_view text) { return ParseNumber(text, least, most); };
  std::string hint = "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  return Value<std::int64_t>(out, parse, hint.c_str());
}

}  // namespace foster
