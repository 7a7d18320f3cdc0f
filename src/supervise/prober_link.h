// SPDX-License-Identifier: MIT
// ProberLink: supervise's end of the channel to the prober: questions out, answers in, and what becomes of a
// question when the prober hangs or dies. Not: what is asked (probes.h), nor starting the prober (the engine
// does; it is the service foster/prober). Called by: Probes. Invariants: sending never waits; at most
// kMaxOpen questions are open; every question ends in one answer, or none after Cancel(); one that was out
// when the prober died is asked again, with a new limit, for it may lie unread or be somebody else's fault:
// kMaxDeaths times at most; a prober that owes an answer for too long is ended.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "supervise/store.h"
#include "supervise/timers.h"
#include "sys/loop.h"
#include "wire/probe_codec.h"

namespace foster {

inline constexpr std::string_view kStoreProberChannel = "prober-channel";  // [0] supervise's end, [1] its

class ProberLink {
 public:
  using Id = std::uint64_t;
  using Done = std::function<void(const ProberAnswer& answer)>;
  enum class Lasting : std::uint8_t {
    kNo,    // to be answered within the span; not to is the prober's fault
    kSpan,  // may not be answered within the span: then it is over, and nobody's fault
    kOpen,  // no limit
  };
  struct Hooks {
    std::function<Id()> next;        // ids that no supervise of this container has given before
    std::function<void()> wake;      // the prober is wanted
    std::function<bool()> kill;      // it hangs; false: there is none
    std::function<void(bool)> hear;  // whether somebody waits for log lines
  };

  static constexpr std::size_t kMaxOpen = 12'288;
  static constexpr int kMaxDeaths = 8;

  ProberLink(Loop& loop, Timers& timers, Store& store, Hooks hooks);
  ~ProberLink();

  // First boot: a channel is made and given to init. After a restart it is taken back; what is asked before
  // it is here waits. Where none can be had every question fails, with a text.
  void Open();
  void Use(UniqueFd channel);

  Id Ask(ProberRequest request, Millis span, Lasting lasting, Done done);
  void Cancel(Id id);

  void ProberEnded();
  void LogGrew();

  std::size_t open() const { return questions_.size(); }

 private:
  static constexpr Millis kBellPause{20};
  struct Question {
    std::string packet;
    Millis span{0};
    Lasting lasting = Lasting::kNo;
    bool waits_for_line = false;
    bool is_sent = false;
    bool is_spared = false;
    int deaths = 0;
    Done done;
    Timers::Id limit = 0;
  };

  void Make();
  void Refuse(Id id, const std::string& why);
  void Enqueue(Id id);
  void BeginLimit(Id id);
  void LimitPassed(Id id);
  void TellCancel(Id id);
  void End(Id id, const ProberAnswer& answer);
  void Fail(Id id, const std::string& why);
  void Flush();
  bool SendNow(std::string_view packet);
  bool SendGrew();
  void OnReady(unsigned ready);
  void Receive();
  void CountListeners(int change);

  Loop& loop_;
  Timers& timers_;
  Store& store_;
  Hooks hooks_;
  UniqueFd channel_;
  bool is_broken_ = false;
  bool is_dying_ = false;  // it was ended for hanging, and its end has not been seen yet
  std::map<Id, std::unique_ptr<Question>> questions_;  // in the order in which they were asked
  std::deque<Id> to_send_;
  std::deque<std::string> to_cancel_;
  std::size_t listeners_ = 0;
  bool grew_ = false;
  Timers::Id bell_timer_ = 0;
  std::string buffer_;
};

}  // namespace foster
