// SPDX-License-Identifier: MIT
#include "supervise/ending.h"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "supervise/internal_services.h"
#include "sys/clock.h"

namespace foster {
namespace {

constexpr Millis kReserve{500};  // between our deadline and init's
constexpr Millis kDrainLimit{1000};

}  // namespace

Millis ShutdownTimeout(const char* text) {
  constexpr Millis kDefault{8'000};
  if (text == nullptr || *text == '\0') return kDefault;
  double seconds = 0;
  auto [end, error] = std::from_chars(text, text + std::strlen(text), seconds);
  bool is_number = error == std::errc() && (*end == '\0' || std::strcmp(end, "s") == 0);
  if (!is_number || !(seconds > 0) || seconds > 86'400) return kDefault;
  return Millis(static_cast<std::int64_t>(seconds * 1000));
}

Ending::Ending(InitChannel& init, EngineDriver& driver, Timers& timers, Logs& logs, Publisher& publisher,
               Voice& voice)
    : init_(init), driver_(driver), timers_(timers), logs_(logs), publisher_(publisher), voice_(voice) {}

void Ending::Begin(const std::string& reason, int exit_code) {
  if (begun()) return;
  Millis total = ShutdownTimeout(std::getenv("FOSTER_SHUTDOWN_TIMEOUT"));
  MonoTime deadline = MonoNow() + std::max(total - kReserve, total / 2);
  savepoint_->header().exit_code = exit_code;
  savepoint_->header().stop_deadline = deadline.time_since_epoch().count();
  Message begun = MessageOf(kMsgShutdownBegun);
  begun.value = static_cast<std::uint32_t>(total.count());
  init_.Send(begun);
  voice_.Say("stopping: " + reason);
  publisher_.Shutdown(reason);
  StopUntil(deadline);
}

void Ending::Resume() {
  if (!begun()) {
    Begin("the container is being ended", 0);
    return;
  }
  StopUntil(MonoTime(Millis(savepoint_->header().stop_deadline)));
}

void Ending::MoveTime(Millis gap) {
  if (begun()) savepoint_->header().stop_deadline += gap.count();
}

void Ending::StopUntil(MonoTime deadline) { driver_.Shutdown(deadline); }

bool Ending::HoldSignal(const Effect& effect, std::function<void()> send) {
  if (!begun() || effect.signal == SIGKILL || driver_.NameOf(effect.service) != kLogdName) return false;
  auto once = std::make_shared<std::function<void()>>(std::move(send));
  auto release = [this, once] {
    if (!*once) return;
    auto go = std::move(*once);
    *once = nullptr;
    timers_.Cancel(drain_limit_);
    go();
  };
  drain_limit_ = timers_.In(kDrainLimit, release);
  logs_.Drain(release);
  return true;
}

void Ending::AllStopped() {
  Message finish = MessageOf(kMsgFinish);
  finish.value = static_cast<std::uint32_t>(savepoint_->header().exit_code);
  init_.Send(finish);
}

}  // namespace foster
