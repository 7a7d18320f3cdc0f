// SPDX-License-Identifier: MIT
#include "cli/s6_svc.h"

#include <algorithm>
#include <csignal>
#include <map>
#include <set>

#include "cli/plan_view.h"
#include "cli/s6_letters.h"
#include "cli/s6_targets.h"
#include "cli/s6_wait.h"
#include "client/client.h"
#include "sys/clock.h"
#include "wire/status_codec.h"

namespace foster::cli {
namespace {

enum S6ExitCode : int { kS6Ok = 0, kS6Timeout = 99, kS6Usage = 100, kS6NoService = 102, kS6Failed = 111 };
constexpr int kMostFailed = 98;  // more would read as a timeout

std::vector<ServiceStatus> ServicesOf(const Json& reply) {
  std::vector<ServiceStatus> services;
  for (const auto& item : reply["services"].AsArray()) services.push_back(ServiceStatusFromJson(item));
  return services;
}

// One run of s6-svc; `code` tells how it failed once a step returned false.
class S6Run {
 public:
  S6Run(const S6Command& command, Console& console) : command_(command), console_(console) {}

  int Run() {
    if (!Connect() || !Resolve()) return code_;
    if (command_.wait != S6Wait::kNone && !Subscribe()) return code_;
    for (const auto& act : command_.acts)
      for (const auto& target : targets_)
        if (!Do(act, target)) return code_;
    return command_.wait == S6Wait::kNone ? kS6Ok : Wait();
  }

 private:
  bool Fail(int code, const std::string& text) {
    console_.Complain(text);
    code_ = code;
    return false;
  }

  bool Connect() {
    Result<Client> client = Client::Connect();
    if (!client) return Fail(kS6Failed, client.error().message());
    client_.emplace(std::move(*client));
    return true;
  }

  std::optional<Json> Ask(std::string_view method, const Json& params) {
    Result<Json> reply = client_->Call(method, params);
    if (reply) return std::move(*reply);
    int code = reply.error().code() == kRpcNoSuchService ? kS6NoService : kS6Failed;
    Fail(code, reply.error().message());
    PrintDiagnosticArray(client_->last_failure().data["diagnostics"], console_);
    return std::nullopt;
  }

  bool Resolve() {
    auto status = Ask("status", Json(Json::Object{{"all", true}}));
    if (!status) return false;
    services_ = ServicesOf(*status);
    std::vector<WorkloadStatus> workloads;
    for (const auto& item : (*status)["workloads"].AsArray())
      workloads.push_back(WorkloadStatusFromJson(item));
    for (const auto& word : command_.targets) {
      auto target = ResolveS6Target(word, services_, workloads);
      if (!target && !ResolveByFoster(word, &target)) return false;
      targets_.push_back(std::move(*target));
    }
    return true;
  }

  // Globs, bundles, and the error text that lists close or ambiguous names.
  bool ResolveByFoster(const std::string& word, std::optional<S6Target>* target) {
    auto status = Ask("status", NamesOf({word}));
    if (!status) return false;
    target->emplace();
    for (const auto& s : ServicesOf(*status)) (*target)->names.push_back(s.name);
    return true;
  }

  bool Do(const S6Act& act, const S6Target& target) {
    if (target.workload.empty()) return Send(act, target.names);
    bool is_restart = act.verb == S6Verb::kRestart ||
                      (act.verb == S6Verb::kSignal && (act.signal == SIGTERM || act.signal == SIGHUP));
    if (is_restart) return RestartWorkload(target);
    // A workload comes up as it does at boot, goes down as a whole, and a signal goes to all that run.
    return Send(act, Pick(target, [&](const ServiceStatus& s) {
                  if (act.verb == S6Verb::kSignal) return s.pid > 0;
                  return act.verb == S6Verb::kDown || s.autostart;
                }));
  }

  template <class Condition>
  std::vector<std::string> Pick(const S6Target& target, Condition condition) const {
    std::vector<std::string> names;
    for (const auto& s : services_) {
      bool listed = std::find(target.names.begin(), target.names.end(), s.name) != target.names.end();
      if (listed && condition(s)) names.push_back(s.name);
    }
    return names;
  }

  // What -t of a supervisord or process-compose service meant: its file is read anew, and everything starts
  // afresh. A file that is not valid is refused, and what runs goes on running.
  bool RestartWorkload(const S6Target& target) {
    auto reply = Ask("reload", Json(Json::Object{{"workload", target.workload}}));
    if (!reply) return false;
    if (!(*reply)["refused"].AsArray().empty()) {
      for (const auto& item : (*reply)["refused"].AsArray())
        PrintDiagnosticArray(item["diagnostics"], console_);
      return Fail(kS6Failed, "workload " + target.workload + " was not reloaded: its file is not valid");
    }
    std::set<std::string> moving;  // the reload restarts or starts these by itself
    for (const auto& change : (*reply)["changes"].AsArray())
      if (change["change"].AsString() != "unchanged") moving.insert(change["name"].AsString());
    return Send({S6Verb::kRestart, 0, false}, Pick(target, [&](const ServiceStatus& s) {
                  return moving.count(s.name) == 0 && (s.autostart || s.goal != Goal::kDown);
                }));
  }

  bool Send(const S6Act& act, const std::vector<std::string>& names) {
    if (names.empty()) return true;
    Json params = NamesOf(names);
    if (act.verb == S6Verb::kSignal) {
      params.Set("signal", act.signal);
      if (act.to_group) params.Set("scope", "group");
      return Ask("signal", params).has_value();  // to a service that is down: nothing, as in s6
    }
    params.Set("wait", false);
    return Ask(MethodOf(act.verb), params).has_value();
  }

  static std::string_view MethodOf(S6Verb verb) {
    switch (verb) {
      case S6Verb::kUp:
        return "up";
      case S6Verb::kDown:
        return "down";
      case S6Verb::kOnce:
        return "once";
      case S6Verb::kRestart:
        return "restart";
      case S6Verb::kSignal:
        return "signal";
    }
    return "";
  }

  // ---- waiting: the events are subscribed to before anything is done, so that none is missed.

  bool Subscribe() {
    auto reply = Ask("events", Json(Json::Object{}));
    if (!reply) return false;
    for (const auto& s : ServicesOf(*reply)) incarnations_[s.name] = s.incarnation;
    return true;
  }

  int Wait() {
    const MonoTime deadline = After(MonoNow(), command_.timeout);
    std::set<std::string> open;
    for (const auto& target : targets_) open.insert(target.names.begin(), target.names.end());
    auto status = Ask("status", Json(Json::Object{{"all", true}}));
    if (!status) return code_;
    const std::int64_t seen = (*status)["sequence"].AsInt();
    for (const auto& s : ServicesOf(*status)) Judge(s, &open);
    while (!open.empty()) {
      Millis left = deadline == kNoDeadline ? kForever : std::max(Millis(0), deadline - MonoNow());
      auto next = client_->Next(left);
      if (!next) {
        Fail(kS6Failed, next.error().message());
        return code_;
      }
      if (!*next) {
        Fail(kS6Timeout, "the time was over before it came");
        return code_;
      }
      EventRecord event = EventRecordFromJson((*next)->params);
      if (static_cast<std::int64_t>(event.sequence) <= seen) continue;  // the status knows better
      if (event.kind == "removed") open.erase(event.service.name);
      if (event.kind == "state") Judge(event.service, &open);
    }
    return std::min(failed_, kMostFailed);
  }

  void Judge(const ServiceStatus& service, std::set<std::string>* open) {
    if (open->count(service.name) == 0) return;
    switch (AnswerOf(command_.wait, service, incarnations_[service.name])) {
      case S6Answer::kNotYet:
        return;
      case S6Answer::kFailed:
        ++failed_;
        console_.Complain(service.name + ": " + service.cause);
        break;
      case S6Answer::kYes:
        break;
    }
    open->erase(service.name);
  }

  const S6Command& command_;
  Console& console_;
  std::optional<Client> client_;
  std::vector<ServiceStatus> services_;
  std::vector<S6Target> targets_;
  std::map<std::string, std::uint64_t> incarnations_;
  int failed_ = 0;
  int code_ = kS6Failed;
};

}  // namespace

int RunS6Svc(const std::string& program, const std::vector<std::string>& words, Console& console) {
  console.SetProgram(program);
  Result<S6Command> command = ParseS6(words);
  if (!command) {
    console.Complain(command.error().message());
    console.Err("usage: " + program +
                " [-wu|-wU|-wd|-wD|-wr|-wR] [-T MS] -u|-d|-o|-r|-t|-k|-h|-i|-a|-b|-q|-1|-2|-p|-c" +
                " PATH-OR-NAME...\n");
    return kS6Usage;
  }
  int code = S6Run(*command, console).Run();
  console.Flush();
  return code;
}

}  // namespace foster::cli
