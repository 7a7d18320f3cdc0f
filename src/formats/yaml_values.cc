// SPDX-License-Identifier: MIT
#include "formats/yaml_values.h"

#include "base/ascii.h"
#include "formats/scalar_values.h"

namespace foster {

bool ReadYamlBool(const YamlNode& node, bool* value) {
  if (!node.is_scalar() || !node.is_plain) return false;
  std::string word = ToLower(node.scalar);
  for (const char* yes : {"true", "yes", "on", "y"})
    if (word == yes) return *value = true, true;
  for (const char* no : {"false", "no", "off", "n"})
    if (word == no) return *value = false, true;
  return false;
}

YamlMap::YamlMap(const YamlNode* node, std::string where, Report& report)
    : node_(node && node->is_map() ? node : nullptr), where_(std::move(where)), report_(report) {
  if (node && !node->is_map() && !node->is_null())
    report_.Error(node->origin, where_ + " has to be a map, not " + KindName(*node),
                  "write 'key: value' lines below it");
}

const std::vector<YamlNode::Pair>& YamlMap::pairs() const {
  static const std::vector<YamlNode::Pair> none;
  return node_ ? node_->pairs : none;
}

const YamlNode* YamlMap::Find(std::string_view key) const {
  const YamlNode* found = node_ ? node_->Find(key) : nullptr;
  return found && !found->is_null() ? found : nullptr;
}

void YamlMap::WrongKind(const YamlNode& node, std::string_view key, const char* wanted) const {
  report_.Error(node.origin,
                Quote(key) + " in " + where_ + " has to be " + wanted + ", not " + KindName(node));
}

std::string YamlMap::Text(std::string_view key, const std::string& otherwise) const {
  const YamlNode* node = Find(key);
  if (!node) return otherwise;
  if (node->is_scalar()) return node->scalar;
  WrongKind(*node, key, "text");
  return otherwise;
}

bool YamlMap::Bool(std::string_view key, bool otherwise) const {
  const YamlNode* node = Find(key);
  bool value = otherwise;
  if (node && !ReadYamlBool(*node, &value)) WrongKind(*node, key, "true or false");
  return value;
}

std::int64_t YamlMap::Integer(std::string_view key, std::int64_t otherwise) const {
  const YamlNode* node = Find(key);
  if (!node) return otherwise;
  if (node->is_scalar() && node->is_plain)
    if (auto value = ParseInteger(node->scalar); value.ok()) return *value;
  WrongKind(*node, key, "a whole number");
  return otherwise;
}

std::vector<const YamlNode*> YamlMap::List(std::string_view key) const {
  std::vector<const YamlNode*> out;
  const YamlNode* node = Find(key);
  if (!node) return out;
  if (!node->is_sequence()) {
    WrongKind(*node, key, "a list");
    return out;
  }
  for (const YamlNode::Pointer& item : node->items) out.push_back(item.get());
  return out;
}

std::vector<std::string> YamlMap::TextList(std::string_view key) const {
  std::vector<std::string> out;
  for (const YamlNode* item : List(key)) {
    if (item->is_scalar()) {
      out.push_back(item->scalar);
    } else {
      WrongKind(*item, key, "a list of texts");
    }
  }
  return out;
}

void YamlMap::CheckKeys(const KeyTable& table, bool is_strict) const {
  for (const YamlNode::Pair& pair : pairs()) {
    if (pair.key.rfind("x-", 0) == 0) continue;
    const KeyRow* row = FindKey(table, pair.key);
    bool value = true;
    bool asks_nothing = pair.value->is_null() || (ReadYamlBool(*pair.value, &value) && !value);
    if (row && row->state == KeyState::kNotYet && asks_nothing) continue;
    if (!row && is_strict) {
      report_.Error(pair.origin, "unknown key " + Quote(pair.key) + " found in " + where_, "is_strict is on");
      continue;
    }
    CheckKey(table, pair.key, where_, pair.origin, report_);
  }
}

}  // namespace foster
