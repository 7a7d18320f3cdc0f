// SPDX-License-Identifier: MIT
// Json: one JSON value (null, bool, int, double, string, array, object with order kept). The reader is
// bounded in size and depth; strings that are not UTF-8 are written with U+FFFD. Not: a schema. Called by:
// wire, client, gateways, supervise. nlohmann-json is behind it, in json.cc alone (6 s a TU).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace foster {

class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;  // small: looked up by scanning

  Json() = default;                                             // null
  Json(std::nullptr_t) {}                                       // NOLINT: implicit on purpose, as all below
  Json(bool value) : data_(value) {}                            // NOLINT
  Json(int value) : data_(static_cast<std::int64_t>(value)) {}  // NOLINT
  Json(unsigned value) : data_(static_cast<std::int64_t>(value)) {}       // NOLINT
  Json(std::int64_t value) : data_(value) {}                              // NOLINT
  Json(std::uint64_t value) : data_(static_cast<std::int64_t>(value)) {}  // NOLINT
  Json(double value) : data_(value) {}                                    // NOLINT
  Json(const char* value) : data_(std::string(value)) {}                  // NOLINT
  Json(std::string_view value) : data_(std::string(value)) {}             // NOLINT
  Json(std::string value) : data_(std::move(value)) {}                    // NOLINT
  Json(Array value) : data_(std::move(value)) {}                          // NOLINT
  Json(Object value) : data_(std::move(value)) {}                         // NOLINT

  bool is_null() const { return data_.index() == 0; }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_int() const { return std::holds_alternative<std::int64_t>(data_); }
  bool is_string() const { return std::holds_alternative<std::string>(data_); }
  bool is_array() const { return std::holds_alternative<Array>(data_); }
  bool is_object() const { return std::holds_alternative<Object>(data_); }

  // The value, or `otherwise` when it is of another kind. AsDouble takes ints too.
  bool AsBool(bool otherwise = false) const;
  std::int64_t AsInt(std::int64_t otherwise = 0) const;
  double AsDouble(double otherwise = 0) const;
  const std::string& AsString() const;  // "" when it is no string
  const Array& AsArray() const;         // empty when it is no array
  const Object& AsObject() const;       // empty when it is no object

  // Member `key` of an object, null when there is none (or this is no object).
  const Json& operator[](std::string_view key) const;
  bool Has(std::string_view key) const;
  // Sets a member (this becomes an object if null). Appends: keys are not looked for. Returns *this.
  Json& Set(std::string key, Json value);
  // Appends to an array (this becomes one if null).
  Json& Push(Json value);

  bool operator==(const Json&) const = default;

  // One line, no spaces; or indented by `indent` spaces.
  std::string Dump(int indent = -1) const;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
};

inline constexpr std::size_t kMaxJsonDepth = 64;

// The one value that `text` holds. Errors: not JSON (with the byte offset), deeper than kMaxJsonDepth.
Result<Json> ParseJson(std::string_view text);

}  // namespace foster
