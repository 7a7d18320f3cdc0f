// SPDX-License-Identifier: MIT
// Values of a YAML map by Go's yaml.v3 rules: any scalar is a string, a quoted number is no number.
// Not: keys' meaning. Called by: process-compose's reader. Invariant: a wrong kind is reported once, the
// default is returned.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/key_table.h"
#include "formats/yaml_tree.h"

namespace foster {

class YamlMap {
 public:
  // `node` may be null or no map: then it is as if empty (and reported, if it is neither a map nor nothing).
  YamlMap(const YamlNode* node, std::string where, Report& report);

  const YamlNode* Find(std::string_view key) const;
  const std::vector<YamlNode::Pair>& pairs() const;
  const std::string& where() const { return where_; }
  Report& report() const { return report_; }

  std::string Text(std::string_view key, const std::string& otherwise = {}) const;
  bool Bool(std::string_view key, bool otherwise) const;
  std::int64_t Integer(std::string_view key, std::int64_t otherwise) const;
  std::vector<const YamlNode*> List(std::string_view key) const;
  std::vector<std::string> TextList(std::string_view key) const;

  // Unknown keys and those not yet done; `x-...` is always right. A boolean key that says false asks for
  // nothing.
  void CheckKeys(const KeyTable& table, bool is_strict) const;

 private:
  void WrongKind(const YamlNode& node, std::string_view key, const char* wanted) const;

  const YamlNode* node_;
  std::string where_;
  Report& report_;
};

// true and false, and what YAML 1.1 took for them.
bool ReadYamlBool(const YamlNode& node, bool* value);

}  // namespace foster
