// SPDX-License-Identifier: MIT
#include "gateway/auth.h"

#include "base/base64.h"
#include "gateway/text_codec.h"

namespace foster {
namespace {

HttpResponse Unauthorized() {
  HttpResponse response = ErrorPage(401);
  response.headers.insert(response.headers.begin(),
                          {{"Connection", "close"}, {"WWW-Authenticate", "Basic realm=\"default\""}});
  return response;
}

bool PasswordMatches(const std::string& wanted, const std::string& given) {
  constexpr std::string_view kSha = "{SHA}";
  if (wanted.starts_with(kSha)) return EqualsInConstantTime(wanted.substr(kSha.size()), Sha1Hex(given));
  return EqualsInConstantTime(wanted, given);
}

// "https://host:port/x" -> "host:port".
std::string_view AuthorityOf(std::string_view url) {
  std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  return url.substr(0, url.find('/'));
}

}  // namespace

std::optional<HttpResponse> CheckAuth(const Listener& listener, const HttpRequest& request) {
  if (listener.username.empty() && listener.password.empty()) return std::nullopt;
  const std::string& header = request.Header("Authorization");
  std::size_t space = header.find(' ');
  std::string scheme = header.substr(0, space);
  for (char& c : scheme) c = static_cast<char>(c | 0x20);
  if (space == std::string::npos || scheme != "basic") return Unauthorized();
  auto decoded = Base64Decode(std::string_view(header).substr(space + 1));
  if (!decoded) return ErrorPage(400);
  std::size_t colon = decoded->find(':');
  if (colon == std::string::npos) return Unauthorized();
  // Both are compared in any case, so that the time does not tell which was wrong.
  bool user = EqualsInConstantTime(listener.username, decoded->substr(0, colon));
  bool password = PasswordMatches(listener.password, decoded->substr(colon + 1));
  return user && password ? std::optional<HttpResponse>() : Unauthorized();
}

std::optional<HttpResponse> CheckSite(const HttpRequest& request) {
  if (request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS") return std::nullopt;
  HttpResponse refused = TextResponse(403, "refused: this request comes from another site\n");
  // The browser's own word comes first: behind a proxy Host and Origin may differ for good reasons.
  const std::string& site = request.Header("Sec-Fetch-Site");
  if (!site.empty()) return site == "same-origin" || site == "none" ? std::optional<HttpResponse>() : refused;
  if (!request.HasHeader("Origin")) return std::nullopt;
  std::string_view origin = AuthorityOf(request.Header("Origin"));
  return !origin.empty() && origin == request.Header("Host") ? std::optional<HttpResponse>() : refused;
}

}  // namespace foster
