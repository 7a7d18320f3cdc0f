// SPDX-License-Identifier: MIT
#include "gateway/xml_rpc_codec.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <pugixml.hpp>

#include "base/base64.h"
#include "gateway/text_codec.h"

namespace foster {
namespace {

constexpr std::string_view kHead = "<?xml version='1.0'?>\n<methodResponse>\n";

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string TextOf(const pugi::xml_node& node) {
  std::string text;
  for (const auto& child : node.children())
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) text += child.value();
  return text;
}

pugi::xml_node FirstElement(const pugi::xml_node& node) {
  return node.find_child([](const pugi::xml_node& child) { return child.type() == pugi::node_element; });
}

Result<Json> ParseInt(std::string_view text) {
  text = Trimmed(text);
  std::int64_t value = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size())
    return Error("cannot read an int: '" + std::string(text.substr(0, 40)) + "'");
  return Json(value);
}

Result<Json> ParseDouble(std::string_view text) {
  text = Trimmed(text);
  double value = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size())
    return Error("cannot read a double: '" + std::string(text.substr(0, 40)) + "'");
  return Json(value);
}

Result<Json> ParseValue(const pugi::xml_node& value, std::size_t depth);

Result<Json> ParseArray(const pugi::xml_node& node, std::size_t depth) {
  Json array{Json::Array()};
  for (const auto& item : node.child("data").children("value")) {
    FOSTER_ASSIGN(Json parsed, ParseValue(item, depth + 1));
    array.Push(std::move(parsed));
  }
  return array;
}

Result<Json> ParseStruct(const pugi::xml_node& node, std::size_t depth) {
  Json object{Json::Object()};
  for (const auto& member : node.children("member")) {
    FOSTER_ASSIGN(Json parsed, ParseValue(member.child("value"), depth + 1));
    object.Set(TextOf(member.child("name")), std::move(parsed));
  }
  return object;
}

Result<Json> ParseValue(const pugi::xml_node& value, std::size_t depth) {
  if (!value) return Error("cannot read a value: there is none");
  if (depth >= kMaxJsonDepth) return Error("cannot read a value: nested deeper than 64");
  pugi::xml_node typed = FirstElement(value);
  if (!typed) return Json(TextOf(value));
  std::string_view type = typed.name();
  if (type == "string" || type == "dateTime.iso8601") return Json(TextOf(typed));
  if (type == "int" || type == "i4" || type == "i8") return ParseInt(TextOf(typed));
  if (type == "boolean") return Json(Trimmed(TextOf(typed)) == "1");
  if (type == "double") return ParseDouble(TextOf(typed));
  if (type == "array") return ParseArray(typed, depth);
  if (type == "struct") return ParseStruct(typed, depth);
  if (type == "nil") return Json();
  if (type == "base64") {
    auto decoded = Base64Decode(TextOf(typed));
    if (!decoded) return Error("cannot read base64");
    return Json(std::move(*decoded));
  }
  return Error("cannot read a value of type '" + std::string(type.substr(0, 40)) + "'");
}

bool IsForbidden(std::string_view character) {
  if (character.size() == 1) return static_cast<unsigned char>(character[0]) < 0x20;
  return character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF";
}

void AppendText(std::string_view text, std::string* out) {
  while (!text.empty()) {
    std::size_t length = Utf8Length(text);
    std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
    text.remove_prefix(character.size());
    if (character == "&")
      *out += "&amp;";
    else if (character == "<")
      *out += "&lt;";
    else if (character == ">")
      *out += "&gt;";
    // A bare CR would reach the client as LF.
    else if (character == "\r")
      *out += "&#13;";
    else if (character == "\n" || character == "\t")
      *out += character;
    else if (length == 0 || IsForbidden(character))
      *out += "\xEF\xBF\xBD";
    else
      *out += character;
  }
}

void AppendValue(const Json& value, std::string* out);

void AppendArray(const Json::Array& array, std::string* out) {
  *out += "<array><data>\n";
  for (const auto& item : array) AppendValue(item, out);
  *out += "</data></array>";
}

void AppendStruct(const Json::Object& object, std::string* out) {
  *out += "<struct>\n";
  for (const auto& [name, value] : object) {
    *out += "<member>\n<name>";
    AppendText(name, out);
    *out += "</name>\n";
    AppendValue(value, out);
    *out += "</member>\n";
  }
  *out += "</struct>";
}

void AppendString(std::string_view text, std::string* out) {
  *out += "<string>";
  AppendText(text, out);
  *out += "</string>";
}

void AppendValue(const Json& value, std::string* out) {
  *out += "<value>";
  if (value.is_bool()) {
    *out += value.AsBool() ? "<boolean>1</boolean>" : "<boolean>0</boolean>";
  } else if (value.is_int()) {
    auto number = std::clamp<std::int64_t>(value.AsInt(), INT32_MIN, INT32_MAX);
    *out += "<int>" + std::to_string(number) + "</int>";
  } else if (value.is_array()) {
    AppendArray(value.AsArray(), out);
  } else if (value.is_object()) {
    AppendStruct(value.AsObject(), out);
  } else if (value.is_string() || value.is_null()) {
    AppendString(value.AsString(), out);
  } else {
    *out += "<double>" + value.Dump() + "</double>";
  }
  *out += "</value>\n";
}

}  // namespace

Result<XmlRpcCall> ParseXmlRpcCall(std::string_view text) {
  try {
    pugi::xml_document document;
    auto parsed = document.load_buffer(text.data(), text.size(), pugi::parse_default | pugi::parse_ws_pcdata);
    if (!parsed) return Error(std::string("cannot read XML: ") + parsed.description());
    pugi::xml_node root = document.child("methodCall");
    XmlRpcCall call;
    call.method = std::string(Trimmed(TextOf(root.child("methodName"))));
    if (call.method.empty()) return Error("cannot read a call: no methodName");
    for (const auto& param : root.child("params").children("param")) {
      FOSTER_ASSIGN(Json value, ParseValue(param.child("value"), 0));
      call.params.push_back(std::move(value));
    }
    return call;
  } catch (const std::exception& error) {  // pugixml throws only when memory runs out
    return Error(std::string("cannot read XML: ") + error.what());
  }
}

std::string XmlRpcResponse(const Json& value) {
  std::string out(kHead);
  out += "<params>\n<param>\n";
  AppendValue(value, &out);
  out += "</param>\n</params>\n</methodResponse>\n";
  return out;
}

std::string XmlRpcFault(int code, std::string_view text) {
  std::string out(kHead);
  out += "<fault>\n";
  Json fault;
  fault.Set("faultCode", code).Set("faultString", text);
  AppendValue(fault, &out);
  out += "</fault>\n</methodResponse>\n";
  return out;
}

}  // namespace foster
