// SPDX-License-Identifier: MIT
// Mailbox: lines that sinks' threads want to be said on foster's stdout, which is the loop's. Not: printing
// them (feeder.h). Called by: S6Sink puts, Feeder takes. Invariants: putting never waits; it holds at most
// kMostMail bytes, and what does not fit is the sender's to count; what lies here when logd is killed is not
// said any more.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace foster {

inline constexpr std::size_t kMostMail = 256 * 1024;

class Mailbox {
 public:
  struct Letter {
    std::uint32_t slot = 0;
    std::int64_t wall = 0;  // ns since 1970
    std::string_view line;  // without '\n'
  };

  // `bell`: an eventfd, rung when something lies here that did not before; -1 = none.
  void UseBell(int bell) { bell_ = bell; }
  // `gap`: a line that goes before it unless it is empty. False: no room for both, and nothing has changed.
  bool Put(const Letter& letter, std::string_view gap = {});
  bool IsEmpty() const;
  // Everything in it, packed for Next. `*packed` keeps its memory.
  void TakeAll(std::string* packed);
  // The letter at `*at`, which moves behind it. False: there is none.
  static bool Next(std::string_view packed, std::size_t* at, Letter* letter);

 private:
  void Append(const Letter& letter);

  mutable std::mutex mutex_;
  std::string packed_;
  int bell_ = -1;
};

}  // namespace foster
