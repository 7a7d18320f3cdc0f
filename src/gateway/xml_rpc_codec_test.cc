// SPDX-License-Identifier: MIT
// The expected bytes were written by Python 3.11's xmlrpc.client.dumps.
#include "gateway/xml_rpc_codec.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

std::string Call(const std::string& value) {
  return "<?xml version='1.0'?>\n<methodCall>\n<methodName>m</methodName>\n<params>\n<param>\n" + value +
         "</param>\n</params>\n</methodCall>\n";
}

Json Param(const std::string& value) {
  auto call = ParseXmlRpcCall(Call(value));
  REQUIRE(call.ok());
  REQUIRE(call->params.size() == 1);
  return call->params[0];
}

TEST_CASE("a response is written as Python writes it") {
  Json value;
  value.Set("name", "a<b&c>").Set("n", 1).Set("ok", true).Set("list", Json().Push("x").Push(2));
  REQUIRE(
      XmlRpcResponse(value) ==
      "<?xml "
      "version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><struct>\n<member>\n<name>name</name>\n"
      "<value><string>a&lt;b&amp;c&gt;</string></value>\n</member>\n<member>\n<name>n</name>\n"
      "<value><int>1</int></value>\n</member>\n<member>\n<name>ok</name>\n<value><boolean>1</boolean></"
      "value>\n"
      "</member>\n<member>\n<name>list</name>\n<value><array><data>\n<value><string>x</string></value>\n"
      "<value><int>2</int></value>\n</data></array></value>\n</member>\n</struct></value>\n</param>\n</"
      "params>\n"
      "</methodResponse>\n");
}

TEST_CASE("a fault is written as Python writes it") {
  REQUIRE(
      XmlRpcFault(10, "BAD_NAME: x") ==
      "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n<name>faultCode</name>\n"
      "<value><int>10</int></value>\n</member>\n<member>\n<name>faultString</name>\n"
      "<value><string>BAD_NAME: "
      "x</string></value>\n</member>\n</struct></value>\n</fault>\n</methodResponse>\n");
}

TEST_CASE("what XML cannot carry is replaced, never sent") {
  std::string text = XmlRpcResponse(Json(std::string("a\x1b[1m\xFF\r\n\t\0z", 11)));
  REQUIRE(text.find("a\xEF\xBF\xBD[1m\xEF\xBF\xBD&#13;\n\t\xEF\xBF\xBDz") != std::string::npos);
  REQUIRE(XmlRpcResponse(Json("\xEF\xBF\xBE")).find("\xEF\xBF\xBD") != std::string::npos);
}

TEST_CASE("ints are cut to 32 bits") {
  REQUIRE(XmlRpcResponse(Json(std::int64_t{1} << 40)).find("<int>2147483647</int>") != std::string::npos);
  REQUIRE(XmlRpcResponse(Json(-(std::int64_t{1} << 40))).find("<int>-2147483648</int>") != std::string::npos);
}

TEST_CASE("every type of a call is read") {
  REQUIRE(Param("<value><string>a &amp; b</string></value>") == Json("a & b"));
  REQUIRE(Param("<value>bare</value>") == Json("bare"));
  REQUIRE(Param("<value> </value>") == Json(" "));
  REQUIRE(Param("<value></value>") == Json(""));
  REQUIRE(Param("<value><int>-7</int></value>") == Json(-7));
  REQUIRE(Param("<value><i4> +7 </i4></value>") == Json(7));
  REQUIRE(Param("<value><boolean>1</boolean></value>") == Json(true));
  REQUIRE(Param("<value><boolean>0</boolean></value>") == Json(false));
  REQUIRE(Param("<value><double>1.5</double></value>") == Json(1.5));
  REQUIRE(Param("<value><base64>aGFs\nbG8=</base64></value>") == Json("hallo"));
  REQUIRE(Param("<value><dateTime.iso8601>20260101T00:00:00</dateTime.iso8601></value>") ==
          Json("20260101T00:00:00"));
  REQUIRE(Param("<value><array><data><value>a</value><value><int>1</int></value></data></array></value>") ==
          Json().Push("a").Push(1));
  REQUIRE(Param("<value><struct><member><name>k</name><value>v</value></member></struct></value>") ==
          Json().Set("k", "v"));
}

TEST_CASE("params may be missing, the method may not") {
  auto call = ParseXmlRpcCall("<methodCall><methodName> a.b </methodName></methodCall>");
  REQUIRE(call.ok());
  REQUIRE(call->method == "a.b");
  REQUIRE(call->params.empty());
  REQUIRE_FALSE(ParseXmlRpcCall("<methodCall></methodCall>").ok());
}

TEST_CASE("what is no call is an error") {
  for (const char* text :
       {"", "hello", "<methodCall>", "<a/>",
        "<methodCall><methodName>m</methodName><params><param>"
        "<value><int>x</int></value></param></params></methodCall>",
        "<methodCall><methodName>m</methodName><params><param></param></params></methodCall>",
        "<methodCall><methodName>m</methodName><params><param><value><what/></value></param>"
        "</params></methodCall>"})
    CHECK_FALSE(ParseXmlRpcCall(text).ok());
}

TEST_CASE("nesting is bounded") {
  std::string open;
  std::string close;
  for (int i = 0; i < 100; ++i) {
    open += "<value><array><data>";
    close += "</data></array></value>";
  }
  REQUIRE_FALSE(ParseXmlRpcCall(Call(open + close)).ok());
}

TEST_CASE("an entity bomb stays text") {
  auto call = ParseXmlRpcCall(
      "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><methodCall><methodName>m</methodName><params><param>"
      "<value>&a;</value></param></params></methodCall>");
  if (call.ok()) REQUIRE(call->params[0].AsString() == "&a;");
}

}  // namespace
}  // namespace foster
