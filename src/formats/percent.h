// SPDX-License-Identifier: MIT
// Python's `template % mapping` as supervisord uses it: %(name)s, %(process_num)02d, %%.
// Not: f-strings or str.format. Called by: supervisord's reader. Invariant: pure; values are inserted
// verbatim; the result is at most kMaxExpandedBytes long.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace foster {

inline constexpr std::size_t kMaxExpandedBytes = 1u << 20;

// Names that may be expanded; those of `parent` too, own ones first.
class PercentNames {
 public:
  using Value = std::variant<std::string, std::int64_t>;

  explicit PercentNames(const PercentNames* parent = nullptr) : parent_(parent) {}
  void Set(std::string name, Value value) { own_[std::move(name)] = std::move(value); }
  const Value* Find(const std::string& name) const;
  // Every name but those that begin with "ENV_": they are too many and tell too much.
  std::vector<std::string_view> PublicNames() const;

 private:
  const PercentNames* parent_;
  std::map<std::string, Value> own_;
};

struct PercentError {
  enum class Kind { kNone, kUnknownName, kBadFormat };
  Kind kind = Kind::kNone;
  std::string text;  // the name, or what is wrong
  std::size_t offset = 0;
};

// The expanded text; empty with `error` set when it cannot be expanded.
std::string ExpandPercent(std::string_view text, const PercentNames& names, PercentError* error);

}  // namespace foster
