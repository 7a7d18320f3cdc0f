// SPDX-License-Identifier: MIT
#include "prober/http_request.h"

#include <algorithm>
#include <string_view>

#include "base/ascii.h"
#include "sys/addresses.h"

namespace foster {
namespace {

bool IsTokenByte(char c) {
  if ((c >= '0' && c <= '9') || (ToLower(c) >= 'a' && ToLower(c) <= 'z')) return true;
  return c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenByte);
}

// What no request line can hold is written as %XX.
std::string Target(const std::string& path) {
  std::string target = path.empty() || path.front() != '/' ? "/" : "";
  for (char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f) {
      target.push_back(c);
    } else {
      target += {'%', ToUpper(kHexDigits[byte >> 4]), ToUpper(kHexDigits[byte & 15])};
    }
  }
  return target;
}

std::string_view NameOfHeader(std::string_view header) { return header.substr(0, header.find(':')); }

Result<void> CheckHeader(std::string_view header) {
  const bool is_one_line = header.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
  if (header.find(':') == std::string_view::npos || !IsToken(NameOfHeader(header)) || !is_one_line)
    return Error("cannot send the header '" + std::string(header) + "'");
  return Ok();
}

bool HasHeader(const Probe& probe, std::string_view name) {
  return std::any_of(probe.headers.begin(), probe.headers.end(), [name](const std::string& header) {
    return ToLower(NameOfHeader(header)) == ToLower(name);
  });
}

std::string HostHeader(const Probe& probe) {
  const std::uint16_t usual = probe.tls ? 443 : 80;
  std::string host = HostAndPort(probe.host, probe.port);
  return probe.port == usual ? host.substr(0, host.rfind(':')) : host;
}

}  // namespace

std::string UrlOf(const Probe& probe) {
  return (probe.tls ? "https://" : "http://") + HostAndPort(probe.host, probe.port) + Target(probe.path);
}

Result<std::string> RequestText(const Probe& probe) {
  const std::string method = probe.method.empty() ? "GET" : probe.method;
  if (!IsToken(method)) return Error("cannot send the method '" + method + "'");
  if (probe.host.find_first_of(std::string_view("\r\n\0 ", 4)) != std::string::npos)
    return Error("cannot send the host '" + probe.host + "'");
  std::string text = method + " " + Target(probe.path) + " HTTP/1.1\r\n";
  if (!HasHeader(probe, "Host")) text += "Host: " + HostHeader(probe) + "\r\n";
  if (!HasHeader(probe, "User-Agent")) text += "User-Agent: foster\r\n";
  if (!HasHeader(probe, "Accept")) text += "Accept: */*\r\n";
  if (!HasHeader(probe, "Connection")) text += "Connection: close\r\n";
  const bool has_body = method != "GET" && method != "HEAD" && method != "OPTIONS";
  if (has_body && !HasHeader(probe, "Content-Length")) text += "Content-Length: 0\r\n";
  for (const std::string& header : probe.headers) {
    FOSTER_TRY(CheckHeader(header));
    text += header + "\r\n";
  }
  return text + "\r\n";
}

}  // namespace foster
