// SPDX-License-Identifier: MIT
// HttpPush: bodies to one address by POST, and what its answers mean: taken, try again later, never. Not:
// what the bodies hold. Called by: push_sink.cc, on the thread of its group. Invariants: all pushes to one
// server share its connection and its pause, so that a dead one costs one time-out a round, not one a
// service; credentials and headers are in no error and in no state.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "foster/time.h"
#include "model/http_url.h"

namespace foster {

enum class PushVerdict {
  kTaken,     // 2xx
  kLater,     // no answer, 408, 429, 5xx: `retry_at`
  kTooLarge,  // 413: less at once may be taken
  kRefused,   // any other 4xx: these bytes will never be taken
  kBroken,    // 1xx, 3xx, a certificate that is not trusted: nothing will be taken before somebody acts;
              // `retry_at`
};

struct PushOutcome {
  PushVerdict verdict = PushVerdict::kLater;
  int error = 0;  // errno that comes nearest
  unsigned status = 0;
  std::string answer;  // its body
  MonoTime retry_at = kNoDeadline;
};

struct PushServer;  // connection and pause of one origin

class HttpPush {
 public:
  // `headers`: "Name: value"; what is no header is left out. "Content-Encoding: gzip" has bodies compressed.
  HttpPush(HttpUrl url, const std::vector<std::string>& headers);

  MonoTime NotBefore() const;  // nothing is asked before; MonoTime{} = at once
  // Waits for the answer. `is_brief`: for a second at most, and the pause does not count.
  PushOutcome Post(std::string_view body, bool is_brief);

 private:
  std::string HeadersWith(bool is_compressed) const;

  HttpUrl url_;
  std::string headers_;
  bool wants_gzip_ = false;
  std::shared_ptr<PushServer> server_;
};

// Seconds of a Retry-After header ("120", or an HTTP date), at most five minutes; 0 when it says nothing.
Millis RetryAfter(std::string_view header, WallNanos now);

}  // namespace foster
