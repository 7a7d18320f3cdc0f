// SPDX-License-Identifier: MIT
#include "logd/http_push.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <map>
#include <mutex>

#include "base/ascii.h"
#include "base/base64.h"
#include "logfile/compress.h"
#include "model/check_log.h"
#include "sys/clock.h"
#include "sys/http_connection.h"
#include "sys/memfd.h"

namespace foster {

struct PushServer {
  explicit PushServer(const HttpUrl& url) : connection(url) {}

  std::mutex mutex;  // only for sinks that a full house made share an origin across threads
  HttpConnection connection;
  Millis delay{0};
  MonoTime not_before{};
};

namespace {

constexpr Millis kFirstDelay{500};
constexpr Millis kLongestDelay{30'000};
constexpr Millis kLongestRetryAfter{300'000};
constexpr Millis kBrokenDelay{30'000};
constexpr std::uint64_t kMostCompressed = 8u << 20;

std::shared_ptr<PushServer> ServerOf(const HttpUrl& url) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<PushServer>> servers;
  const std::lock_guard<std::mutex> lock(mutex);
  std::erase_if(servers, [](const auto& entry) { return entry.second.expired(); });
  auto& known = servers[OriginOf(url)];
  auto server = known.lock();
  if (!server) known = server = std::make_shared<PushServer>(url);
  return server;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool IsHeader(std::string_view line) {
  const std::string_view name = line.substr(0, line.find(':'));
  const bool has_name =
      !name.empty() && name.size() < line.size() &&
      std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7f && c != ':'; });
  return has_name && line.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// Empty: it could not be compressed, and goes as it is.
std::string Compressed(std::string_view body) {
  const auto plain = SealedMemfd("push-body", body);
  const auto packed = CreateMemfd("push-gzip");
  if (!plain.ok() || !packed.ok()) return "";
  if (lseek(plain.value().get(), 0, SEEK_SET) != 0) return "";
  const auto done =
      Compress(plain.value().get(), packed.value().get(), LogCompression::kGzip, [] { return true; });
  if (!done.ok()) return "";
  auto bytes = ReadWholeFd(packed.value().get(), kMostCompressed);
  return bytes.ok() ? std::move(*bytes) : "";
}

int ErrnoOf(unsigned status) {
  switch (status) {
    case 401:
    case 403:
    case 407:
      return EACCES;
    case 404:
    case 405:
    case 410:
      return ENOENT;
    case 408:
      return ETIMEDOUT;
    case 413:
      return EMSGSIZE;
    case 429:
      return EBUSY;
    default:
      return status >= 500 ? EREMOTEIO : EBADMSG;
  }
}

PushVerdict VerdictOn(unsigned status) {
  if (status >= 200 && status < 300) return PushVerdict::kTaken;
  if (status == 408 || status == 429 || status >= 500) return PushVerdict::kLater;
  if (status == 413) return PushVerdict::kTooLarge;
  return status >= 400 ? PushVerdict::kRefused : PushVerdict::kBroken;
}

PushOutcome OutcomeOf(Result<HttpConnection::Reply> reply) {
  PushOutcome outcome;
  if (!reply.ok()) {
    outcome.error = reply.error().code() != 0 ? reply.error().code() : EIO;
    if (outcome.error == EKEYREJECTED) outcome.verdict = PushVerdict::kBroken;
    return outcome;
  }
  outcome.status = reply->status;
  outcome.verdict = VerdictOn(reply->status);
  if (outcome.verdict != PushVerdict::kTaken) outcome.error = ErrnoOf(reply->status);
  outcome.answer = std::move(reply->body);
  return outcome;
}

// How long nobody asks this server. It grows until it takes something, or says what it thinks of it.
void Pause(PushServer* server, PushOutcome* outcome, std::string_view retry_after) {
  const bool is_broken = outcome->verdict == PushVerdict::kBroken;
  if (!is_broken && outcome->verdict != PushVerdict::kLater) {
    server->delay = Millis(0);
    server->not_before = MonoTime{};
    return;
  }
  server->delay = std::clamp(server->delay * 2, kFirstDelay, kLongestDelay);
  const Millis delay = is_broken ? kBrokenDelay : std::max(server->delay, RetryAfter(retry_after, WallNow()));
  server->not_before = outcome->retry_at = MonoNow() + delay;
}

}  // namespace

HttpPush::HttpPush(HttpUrl url, const std::vector<std::string>& headers)
    : url_(std::move(url)), server_(ServerOf(url_)) {
  std::size_t count = 0;
  bool has_agent = false, has_credentials = url_.credentials.empty();
  for (const std::string& header : headers) {
    if (!IsHeader(header) || ++count > kMostSinkHeaders) continue;
    const std::string name = ToLower(header.substr(0, header.find(':')));
    if (name == "content-encoding") {
      wants_gzip_ = Trimmed(std::string_view(header).substr(name.size() + 1)) == "gzip";
    } else if (name != "host" && name != "content-length" && name != "content-type" &&
               name != "transfer-encoding" && name != "connection") {
      headers_ += header + "\r\n";
      has_agent |= name == "user-agent";
      has_credentials |= name == "authorization";
    }
  }
  if (!has_agent) headers_ += "User-Agent: foster/" FOSTER_VERSION "\r\n";
  if (!has_credentials) headers_ += "Authorization: Basic " + Base64Encode(url_.credentials) + "\r\n";
  headers_ += "Content-Type: application/json\r\n";
}

std::string HttpPush::HeadersWith(bool is_compressed) const {
  return headers_ + (is_compressed ? "Content-Encoding: gzip\r\n" : "");
}

MonoTime HttpPush::NotBefore() const {
  const std::lock_guard<std::mutex> lock(server_->mutex);
  return server_->not_before;
}

PushOutcome HttpPush::Post(std::string_view body, bool is_brief) {
  const std::string packed = wants_gzip_ ? Compressed(body) : "";
  const HttpConnection::Limits limits =
      is_brief ? HttpConnection::Limits{Millis(500), Millis(500)} : HttpConnection::Limits{};
  const std::lock_guard<std::mutex> lock(server_->mutex);
  auto reply = server_->connection.Post(url_.target, HeadersWith(!packed.empty()),
                                        packed.empty() ? body : packed, limits);
  const std::string retry_after = reply.ok() ? reply->retry_after : "";
  PushOutcome outcome = OutcomeOf(std::move(reply));
  Pause(server_.get(), &outcome, retry_after);
  return outcome;
}

Millis RetryAfter(std::string_view header, WallNanos now) {
  header = Trimmed(header);
  if (header.empty() || header.size() > 40) return Millis(0);
  std::int64_t seconds = 0;
  if (header.front() >= '0' && header.front() <= '9') {
    for (char c : header.substr(0, 9)) {
      if (c < '0' || c > '9') return Millis(0);
      seconds = seconds * 10 + (c - '0');
    }
  } else {
    tm when{};
    const char* end = strptime(std::string(header).c_str(), "%a, %d %b %Y %H:%M:%S GMT", &when);
    if (end == nullptr) return Millis(0);
    seconds = timegm(&when) - now / 1'000'000'000;
  }
  seconds = std::clamp<std::int64_t>(seconds, 0, kLongestRetryAfter.count() / 1000);
  return Millis(seconds * 1000);
}

}  // namespace foster
