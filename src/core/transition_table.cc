// SPDX-License-Identifier: MIT
#include "core/transition_table.h"

#include <array>

#include "base/enum_names.h"

namespace foster {
namespace {

using enum State;

constexpr EnumNames<Trigger, kLastTrigger> kTriggers{
    {"up",    "down",  "once",   "restart", "spawned", "spawn failed", "exited",         "tree gone",
     "ready", "timer", "gate",   "reload",  "restore", "shutdown",     "nothing to run", "again",
     "probe", "due",   "demand", "idle",    "pin",     "along"}};

template <class... T>
constexpr TriggerSet On(T... trigger) {
  return (TriggerSet{0} | ... | Bit(trigger));
}

constexpr TriggerSet kAsked =
    On(Trigger::kUp, Trigger::kOnce, Trigger::kRestart, Trigger::kReload, Trigger::kDue);
constexpr TriggerSet kLetGo = On(Trigger::kDown, Trigger::kReload, Trigger::kShutdown, Trigger::kPin);
constexpr TriggerSet kMustStop =
    kLetGo | On(Trigger::kRestart, Trigger::kDue, Trigger::kAlong, Trigger::kIdle);
constexpr TriggerSet kDied = On(Trigger::kExited, Trigger::kRestore);
constexpr TriggerSet kNotSpawned = On(Trigger::kSpawnFailed);
constexpr TriggerSet kGone = On(Trigger::kExited, Trigger::kTreeGone, Trigger::kRestore);
constexpr TriggerSet kLookAgain = kAsked | On(Trigger::kGate, Trigger::kRestore);
constexpr TriggerSet kCame = On(Trigger::kDemand, Trigger::kAgain);

constexpr Transition kTable[] = {
    {kStopped, kAsked | On(Trigger::kAgain, Trigger::kRestore), kStarting, "every gate is open"},
    {kStopped, kAsked | On(Trigger::kAgain, Trigger::kRestore), kWaiting, "a gate is closed"},
    {kStopped, kAsked | On(Trigger::kAgain, Trigger::kRestore), kFailed,
     "it is broken, or a gate can never open"},

    {kWaiting, kLookAgain | kCame, kStarting, "every gate is open, its time or connection has come"},
    {kWaiting, kLookAgain | kCame, kWaiting,
     "another gate is closed, or it waits for its time or connection"},
    {kWaiting, kLookAgain | kCame, kFailed, "it is broken, or a gate can never open"},
    {kWaiting, On(Trigger::kDue), kExited, "its schedule has no next time"},
    {kWaiting, kNotSpawned, kBackoff, "its socket could not be opened; another try follows"},
    {kWaiting, kNotSpawned, kFailed, "its socket could not be opened, and no try is left"},
    {kWaiting, kLetGo, kStopped, "it is no longer wanted"},

    {kStarting, On(Trigger::kSpawned), kStarting, "the process is there; its start time or time limit runs"},
    {kStarting, On(Trigger::kSpawned), kRunning, "there is nothing more to wait for"},
    {kStarting, On(Trigger::kReady), kRunning, "it said that it is ready"},
    {kStarting, On(Trigger::kProbe), kRunning, "its readiness probe passed"},
    {kStarting, On(Trigger::kProbe), kStopping, "its readiness probe failed for too long"},
    {kStarting, On(Trigger::kExited), kStopping,
     "it ended before it was up; the rest of its tree is stopped"},
    {kStarting, On(Trigger::kTimer), kRunning, "it lived through its start time"},
    {kStarting, On(Trigger::kTimer), kStopping, "it was not up in time"},
    {kStarting, On(Trigger::kTimer), kKilling, "the shutdown has no time left"},
    {kStarting, On(Trigger::kEmpty), kExited, "a oneshot without a program is done"},
    {kStarting, kGone, kFinishing, "it ended before it was up; the finish script runs"},
    {kStarting, kGone, kBackoff, "it ended before it was up; another try follows"},
    {kStarting, kGone, kExited, "a oneshot is done, or it ended and is not to be tried again"},
    {kStarting, kGone, kFailed, "it ended before it was up, and no try is left"},
    {kStarting, kGone, kStopped, "it ended and is no longer wanted"},
    {kStarting, kNotSpawned, kBackoff, "it could not be spawned; another try follows"},
    {kStarting, kNotSpawned, kFailed, "it could not be spawned, and no try is left"},
    {kStarting, kNotSpawned, kStopped, "it could not be spawned and is no longer wanted"},
    {kStarting, kMustStop, kStopping, "the stop signal is sent, or follows as soon as the process is there"},
    {kStarting, kMustStop, kStopped, "its spawn had not been handed out yet"},
    {kStarting, On(Trigger::kGate), kWaiting, "a gate closed again before its spawn was handed out"},
    {kStarting, On(Trigger::kGate), kFailed, "a gate closed for good before its spawn was handed out"},
    {kStarting, On(Trigger::kShutdown), kStarting, "its time is cut to what the shutdown has"},
    {kStarting, kGone | kNotSpawned | On(Trigger::kEmpty), kWaiting,
     "it is to run again at its next time or connection, or its spawn was lost"},

    {kRunning, kGone, kFinishing, "it ended; the finish script runs"},
    {kRunning, kGone, kBackoff, "it ended and is to be restarted"},
    {kRunning, kGone, kExited, "it ended and is not to be restarted"},
    {kRunning, kGone, kFailed, "it ended, and the budget of restarts is used up"},
    {kRunning, kGone, kStopped, "it ended and is no longer wanted"},
    {kRunning, kGone | kNotSpawned, kWaiting, "it is to run again at its next time or connection"},
    {kRunning, kNotSpawned, kBackoff, "the spawn that a former supervise asked for had failed"},
    {kRunning, kNotSpawned, kFailed,
     "the spawn that a former supervise asked for had failed, and no try is left"},
    {kRunning, kNotSpawned, kStopped,
     "the spawn that a former supervise asked for had failed; not wanted any more"},
    {kRunning, kMustStop, kStopping,
     "the stop signal is sent, the stop command runs, or the keys are pressed"},
    {kRunning, On(Trigger::kProbe), kStopping, "a probe failed, or the watchdog was not fed"},
    {kRunning, On(Trigger::kExited), kStopping, "it ended; the rest of its tree is stopped"},
    {kRunning, On(Trigger::kShutdown), kRunning,
     "waits for its dependents to stop, as long as the shutdown allows"},
    {kRunning, On(Trigger::kTimer), kKilling, "the shutdown has no time left"},

    {kStopping, On(Trigger::kSpawned), kStopping,
     "the awaited process is there: it is told to stop, its time runs"},
    {kStopping, On(Trigger::kTimer), kKilling, "the grace is over"},
    {kStopping, kGone | kNotSpawned, kStopping, "the rest of its tree gets a grace, or the down script runs"},
    {kStopping, kGone | kNotSpawned, kFinishing, "the process is gone; the finish script runs"},
    {kStopping, kGone | kNotSpawned, kExited, "what it left behind is gone; it is not to be restarted"},
    {kStopping, kGone | kNotSpawned, kStopped, "nothing lives any more"},
    {kStopping, kGone | kNotSpawned, kWaiting, "it is to run again at its next time or connection"},
    {kStopping, kGone | kNotSpawned, kBackoff, "it ended by itself or was not well; another try follows"},
    {kStopping, kGone | kNotSpawned, kFailed, "it ended by itself or was not well; no try is left"},
    {kStopping, kLetGo, kStopping, "another reason to stop, or less time for it"},

    {kKilling, On(Trigger::kSpawned), kKilling, "the awaited process is there and is killed"},
    {kKilling, On(Trigger::kTimer, Trigger::kRestore), kKilling, "SIGKILL is sent again"},
    {kKilling, kGone | kNotSpawned, kStopping, "it had completed before it was killed; the down script runs"},
    {kKilling, kGone | kNotSpawned, kFinishing, "the process is gone; the finish script runs"},
    {kKilling, kGone | kNotSpawned, kExited, "what it left behind is gone; it is not to be restarted"},
    {kKilling, kGone | kNotSpawned, kStopped, "nothing lives any more"},
    {kKilling, kGone | kNotSpawned, kWaiting, "it is to run again at its next time or connection"},
    {kKilling, kGone | kNotSpawned, kBackoff, "it ended by itself or was not well; another try follows"},
    {kKilling, kGone | kNotSpawned, kFailed, "it ended by itself or was not well; no try is left"},
    {kKilling, kLetGo, kKilling, "another reason to stop"},

    {kFinishing, On(Trigger::kSpawned), kFinishing, "the finish script is there; its time runs"},
    {kFinishing, On(Trigger::kTimer), kFinishing, "the finish script's time is over: SIGKILL"},
    {kFinishing, On(Trigger::kShutdown), kFinishing, "its time is cut to what the shutdown has"},
    {kFinishing, On(Trigger::kRestore), kFinishing,
     "the finish script's spawn was lost and is asked for again"},
    {kFinishing, kDied | kNotSpawned, kStopped, "the finish script is over; a stop was wanted"},
    {kFinishing, kDied | kNotSpawned, kWaiting,
     "the finish script is over; it is to run again at its next time or connection"},
    {kFinishing, kDied | kNotSpawned, kBackoff, "the finish script is over; another try follows"},
    {kFinishing, kDied | kNotSpawned, kExited, "the finish script is over; no restart is wanted"},
    {kFinishing, kDied | kNotSpawned, kFailed, "the finish script exited 125, or no try is left"},

    {kBackoff, On(Trigger::kTimer, Trigger::kAgain), kStarting, "the delay is over, every gate is open"},
    {kBackoff, On(Trigger::kTimer, Trigger::kAgain), kWaiting,
     "the delay is over; a gate is closed, or it waits for a connection"},
    {kBackoff, On(Trigger::kTimer, Trigger::kAgain), kFailed,
     "the delay is over; a gate can never open, or the budget has become smaller"},
    {kBackoff, kAsked, kStarting, "asked for; every gate is open"},
    {kBackoff, kAsked, kWaiting, "asked for; a gate is closed"},
    {kBackoff, kAsked, kFailed, "asked for; it is broken, or a gate can never open"},
    {kBackoff, kLetGo, kStopped, "it is no longer wanted"},

    {kExited, kAsked | On(Trigger::kAlong), kStarting, "asked for; every gate is open"},
    {kExited, kAsked | On(Trigger::kAlong), kWaiting, "asked for; a gate is closed"},
    {kExited, kAsked | On(Trigger::kAlong), kFailed, "asked for; it is broken, or a gate can never open"},
    {kExited, kMustStop, kStopping, "the down script of a completed oneshot runs"},
    {kExited, kLetGo, kStopped, "it is no longer wanted"},

    {kFailed, kLookAgain, kStarting, "asked for, or what it depends on is back; every gate is open"},
    {kFailed, kLookAgain, kWaiting, "asked for, or what it depends on is back; a gate is closed"},
    {kFailed, kLookAgain, kFailed, "it is broken, or a gate can never open"},
    {kFailed, kLetGo, kStopped, "it is no longer wanted"},
};

constexpr std::size_t kStates = static_cast<std::size_t>(kLastState) + 1;
using AllowedBits = std::array<std::array<TriggerSet, kStates>, kStates>;

constexpr AllowedBits MakeAllowed() {
  AllowedBits allowed{};
  for (const Transition& row : kTable)
    allowed[static_cast<std::size_t>(row.from)][static_cast<std::size_t>(row.to)] |= row.triggers;
  return allowed;
}
constexpr AllowedBits kAllowed = MakeAllowed();

}  // namespace

std::span<const Transition> Transitions() { return kTable; }

bool IsAllowed(State from, Trigger trigger, State to) {
  return (kAllowed[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)] & Bit(trigger)) != 0;
}

std::string_view NameOf(Trigger trigger) { return kTriggers.NameOf(trigger); }

}  // namespace foster
