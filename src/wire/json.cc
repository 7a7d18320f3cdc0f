// SPDX-License-Identifier: MIT
#include "wire/json.h"

#include <nlohmann/json.hpp>

namespace foster {
namespace {

const Json kNull;
const std::string kNoString;
const Json::Array kNoArray;
const Json::Object kNoObject;

// Builds a Json from nlohmann's SAX events, so that depth is bounded before memory is spent.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return Add(Json()); }
  bool boolean(bool value) override { return Add(value); }
  bool number_integer(number_integer_t value) override { return Add(static_cast<std::int64_t>(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(INT64_MAX)) return Add(static_cast<double>(value));
    return Add(static_cast<std::int64_t>(value));
  }
  bool number_float(number_float_t value, const string_t&) override { return Add(value); }
  bool string(string_t& value) override { return Add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return Open(Json(Json::Object())); }
  bool key(string_t& value) override {
    stack_.back().key = std::move(value);
    return true;
  }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t) override { return Open(Json(Json::Array())); }
  bool end_array() override { return Close(); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    if (error_.empty()) error_ = "not JSON at byte " + std::to_string(position);
    return false;
  }

  Json root;
  const std::string& error() const { return error_; }

 private:
  struct Level {
    Json value;
    std::string key;
  };

  bool Add(Json value) {
    if (stack_.empty()) {
      root = std::move(value);
    } else if (stack_.back().value.is_array()) {
      stack_.back().value.Push(std::move(value));
    } else {
      stack_.back().value.Set(std::move(stack_.back().key), std::move(value));
    }
    return true;
  }
  bool Open(Json value) {
    if (stack_.size() >= kMaxJsonDepth) {
      error_ = "nested deeper than " + std::to_string(kMaxJsonDepth);
      return false;
    }
    stack_.push_back({std::move(value), {}});
    return true;
  }
  bool Close() {
    Json value = std::move(stack_.back().value);
    stack_.pop_back();
    return Add(std::move(value));
  }

  std::vector<Level> stack_;
  std::string error_;
};

void AppendString(const std::string& text, std::string* out) {
  *out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void NewLine(int indent, int depth, std::string* out) {
  if (indent < 0) return;
  out->push_back('\n');
  out->append(static_cast<std::size_t>(indent * depth), ' ');
}

void Append(const Json& json, int indent, int depth, std::string* out);

template <class List, class Item>
void AppendList(const List& list, char open, char close, int indent, int depth, std::string* out, Item item) {
  out->push_back(open);
  bool first = true;
  for (const auto& element : list) {
    if (!first) out->push_back(',');
    first = false;
    NewLine(indent, depth + 1, out);
    item(element);
  }
  if (!first) NewLine(indent, depth, out);
  out->push_back(close);
}

void Append(const Json& json, int indent, int depth, std::string* out) {
  if (json.is_null()) {
    *out += "null";
  } else if (json.is_bool()) {
    *out += json.AsBool() ? "true" : "false";
  } else if (json.is_int()) {
    *out += std::to_string(json.AsInt());
  } else if (json.is_string()) {
    AppendString(json.AsString(), out);
  } else if (json.is_array()) {
    AppendList(json.AsArray(), '[', ']', indent, depth, out,
               [&](const Json& element) { Append(element, indent, depth + 1, out); });
  } else if (json.is_object()) {
    AppendList(json.AsObject(), '{', '}', indent, depth, out, [&](const Json::Member& member) {
      AppendString(member.first, out);
      *out += indent < 0 ? ":" : ": ";
      Append(member.second, indent, depth + 1, out);
    });
  } else {
    *out += nlohmann::json(json.AsDouble()).dump();
  }
}

}  // namespace

bool Json::AsBool(bool otherwise) const {
  const bool* value = std::get_if<bool>(&data_);
  return value ? *value : otherwise;
}

std::int64_t Json::AsInt(std::int64_t otherwise) const {
  const std::int64_t* value = std::get_if<std::int64_t>(&data_);
  return value ? *value : otherwise;
}

double Json::AsDouble(double otherwise) const {
  if (const double* value = std::get_if<double>(&data_)) return *value;
  return is_int() ? static_cast<double>(AsInt()) : otherwise;
}

const std::string& Json::AsString() const { return is_string() ? std::get<std::string>(data_) : kNoString; }
const Json::Array& Json::AsArray() const { return is_array() ? std::get<Array>(data_) : kNoArray; }
const Json::Object& Json::AsObject() const { return is_object() ? std::get<Object>(data_) : kNoObject; }

const Json& Json::operator[](std::string_view key) const {
  for (const auto& member : AsObject())
    if (member.first == key) return member.second;
  return kNull;
}

bool Json::Has(std::string_view key) const {
  for (const auto& member : AsObject())
    if (member.first == key) return true;
  return false;
}

Json& Json::Set(std::string key, Json value) {
  if (!is_object()) data_ = Object();
  std::get<Object>(data_).emplace_back(std::move(key), std::move(value));
  return *this;
}

Json& Json::Push(Json value) {
  if (!is_array()) data_ = Array();
  std::get<Array>(data_).push_back(std::move(value));
  return *this;
}

std::string Json::Dump(int indent) const {
  std::string out;
  Append(*this, indent, 0, &out);
  return out;
}

Result<Json> ParseJson(std::string_view text) {
  Builder builder;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    return Error(builder.error().empty() ? "not JSON" : builder.error());
  }
  return std::move(builder.root);
}

}  // namespace foster
