// SPDX-License-Identifier: MIT
#include "model/http_url.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"

namespace foster {
namespace {

constexpr std::size_t kMostUrlBytes = 4096;

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string Decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto high = i + 2 < text.size() ? kHexDigits.find(ToLower(text[i + 1])) : std::string_view::npos;
    const auto low = i + 2 < text.size() ? kHexDigits.find(ToLower(text[i + 2])) : std::string_view::npos;
    if (text[i] != '%' || high == std::string_view::npos || low == std::string_view::npos) {
      out.push_back(text[i]);
      continue;
    }
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

std::optional<std::uint16_t> PortOf(std::string_view text) {
  unsigned port = 0;
  if (text.empty() || text.size() > 5) return std::nullopt;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    port = port * 10 + static_cast<unsigned>(c - '0');
  }
  if (port == 0 || port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

// "host", "host:80", "[::1]", "[::1]:80".
bool TakeHost(std::string_view text, HttpUrl* url) {
  std::size_t end = text.find(':');
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    url->host = text.substr(1, close - 1);
    end = close + 1;
  } else {
    url->host = text.substr(0, end);
  }
  if (url->host.empty()) return false;
  if (end >= text.size()) return true;
  const auto port = PortOf(text.substr(end + 1));
  if (text[end] != ':' || !port) return false;
  url->port = *port;
  return true;
}

std::string Bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

Result<HttpUrl> ParseHttpUrl(std::string_view text) {
  if (text.size() > kMostUrlBytes || !IsPrintable(text))
    return Error("cannot use the address: it has blanks or bytes that are no ASCII, or is over 4 KiB");
  HttpUrl url;
  if (text.substr(0, 7) == "http://") {
    text.remove_prefix(7);
  } else if (text.substr(0, 8) == "https://") {
    text.remove_prefix(8);
    url.is_tls = true;
    url.port = 443;
  } else {
    return Error("cannot use the address: it begins with neither http:// nor https://");
  }
  text = text.substr(0, text.find('#'));
  const std::size_t path = std::min(text.find_first_of("/?"), text.size());
  url.target = text.substr(path);
  if (url.target.empty() || url.target.front() != '/') url.target.insert(0, "/");
  std::string_view authority = text.substr(0, path);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.credentials = Decoded(authority.substr(0, at));
    authority.remove_prefix(at + 1);
  }
  if (!TakeHost(authority, &url)) return Error("cannot use the address: its host or port is wrong");
  return url;
}

std::string OriginOf(const HttpUrl& url) {
  return (url.is_tls ? "https://" : "http://") + Bracketed(url.host) + ":" + std::to_string(url.port);
}

std::string HostHeaderOf(const HttpUrl& url) {
  const std::uint16_t usual = url.is_tls ? 443 : 80;
  return Bracketed(url.host) + (url.port == usual ? "" : ":" + std::to_string(url.port));
}

std::string ShownUrl(std::string_view text) {
  const auto url = ParseHttpUrl(text);
  if (!url.ok()) return WithoutCredentials(text);
  const std::size_t query = url->target.find('?');
  return (url->is_tls ? "https://" : "http://") + std::string(url->credentials.empty() ? "" : "***@") +
         HostHeaderOf(*url) + url->target.substr(0, query) + (query == std::string::npos ? "" : "?***");
}

std::string WithoutCredentials(std::string_view text) {
  std::string out(text);
  for (std::size_t at = 0; (at = text.find("://", at)) != std::string_view::npos;) {
    at += 3;
    const std::size_t end = std::min(text.find_first_of(" \t\r\n\"'", at), text.size());
    const std::size_t last = text.substr(0, end).rfind('@');
    if (last != std::string_view::npos && last > at) out.replace(at, last - at, last - at, '*');
    const std::size_t query = std::min(text.find('?', at), end);
    if (query < end) out.replace(query + 1, end - query - 1, end - query - 1, '*');
    at = end;
  }
  return out;
}

}  // namespace foster
