// SPDX-License-Identifier: MIT
// A YAML document as a tree with places: aliases shared, `<<` merged, duplicate keys and too much of anything
// reported. Not: a schema, nor types beyond "plain or quoted". Called by: process-compose's reader. yaml-cpp
// is behind it, in yaml_tree.cc alone. Invariant: never deeper than kMaxYamlDepth, never more than
// kMaxYamlNodes even with every alias written out; the keys of a map are unique.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/report.h"
#include "foster/service_spec.h"

namespace foster {

inline constexpr std::size_t kMaxYamlDepth = 64;
inline constexpr std::size_t kMaxYamlNodes = 1'000'000;

struct YamlNode {
  enum class Kind { kScalar, kSequence, kMap };
  using Pointer = std::shared_ptr<const YamlNode>;
  struct Pair {
    std::string key;
    Origin origin;  // of the key
    Pointer value;
  };

  Kind kind = Kind::kScalar;
  std::string scalar;
  bool is_plain = true;  // a scalar without quotes: may be a number, a boolean or null
  std::vector<Pointer> items;
  std::vector<Pair> pairs;
  Origin origin;
  std::size_t weight = 1;  // nodes below and including this one, aliases written out

  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_sequence() const { return kind == Kind::kSequence; }
  bool is_map() const { return kind == Kind::kMap; }
  bool is_null() const;
  const YamlNode* Find(std::string_view key) const;  // of a map; null when there is none
};

// What YAML calls it: "a map", "a list", "null", "true", "42", "text".
std::string KindName(const YamlNode& node);

// The first document of `text`; null after an error, which is reported. `origin_of` turns an offset into a
// place.
YamlNode::Pointer ParseYaml(std::string_view text, const std::function<Origin(std::size_t)>& origin_of,
                            Report& report);

}  // namespace foster
