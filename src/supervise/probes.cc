// SPDX-License-Identifier: MIT
#include "supervise/probes.h"

#include <csignal>

#include "supervise/internal_services.h"
#include "sys/clock.h"

namespace foster {
namespace {

constexpr Millis kAnswerSlack{900};  // beyond the probe's own timeout, to be there within a second of it
constexpr Millis kLookSpan{10'900};  // of what has no timeout: the prober gives itself 10 s
constexpr Millis kFiguresPatience{5'000};
constexpr Millis kCheckWait{30'000};
constexpr std::size_t kMaxText = 300;

std::uint32_t RoleOf(ProbeUse use) { return use == ProbeUse::kLiveness ? kRoleLiveness : kRoleReadiness; }

const Probe& ProbeIn(const ServiceSpec& spec, ProbeUse use) {
  return use == ProbeUse::kLiveness ? spec.liveness.probe : spec.readiness.probe;
}

}  // namespace

bool IsAwaited(const ServiceRecord& record, ProbeUse use, std::uint64_t incarnation, std::uint64_t number) {
  const ProbeRecord& probe = ProbeOf(record, use);
  return record.incarnation == incarnation && probe.pending && probe.number == number;
}

bool NeedsProcess(ProbeKind kind) { return kind == ProbeKind::kLogLine || kind == ProbeKind::kListen; }

std::string OneLine(std::string_view text) {
  std::string line(text.substr(0, kMaxText));
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return line;
}

Probes::Probes(Loop& loop, InitChannel& init, Timers& timers, Store& store, Logs& logs, EngineDriver& driver)
    : timers_(timers),
      logs_(logs),
      init_(init),
      driver_(driver),
      programs_(init, timers, [this] { return NextNumber(); }),
      link_(loop, timers, store, LinkHooks()) {}

ProberLink::Hooks Probes::LinkHooks() {
  ProberLink::Hooks hooks;
  hooks.next = [this] { return NextNumber(); };
  hooks.wake = [this] { Wake(); };
  hooks.kill = [this] { return KillProber(); };
  hooks.hear = [this](bool wanted) { logs_.SetWatchers(wanted ? 1 : 0); };
  return hooks;
}

std::uint64_t Probes::NextNumber() { return ++savepoint_->header().probe_number; }

void Probes::Wake() {
  const Engine& engine = driver_.engine();
  ServiceId id = engine.Find(kProberName);
  if (id == kNoService || engine.record(id).goal == Goal::kUp || engine.shutting_down()) return;
  Event event{};
  event.kind = EventKind::kUp;
  event.service = id;
  driver_.Post(event);
}

bool Probes::KillProber() {
  ServiceId id = driver_.engine().Find(kProberName);
  if (id == kNoService || driver_.engine().record(id).pid <= 0) return false;
  Message kill = MessageOf(kMsgSignal);
  kill.key = KeyOf(kProberName, kRoleMain, driver_.engine().record(id).incarnation);
  kill.signal = SIGKILL;
  kill.scope = kScopeProcess;
  init_.Send(kill);
  return true;
}

ProberRequest Probes::RequestFor(const ServiceSpec& spec, const Probe& probe) const {
  ProberRequest request;
  request.verb = ProberVerb::kProbe;
  request.probe = probe;
  request.tree.name = spec.name;
  if (auto tree = trees_.Of(spec.name)) request.tree = *tree;
  return request;
}

ProberRequest Probes::QuietRequest(const ServiceSpec& spec) const {
  ProberRequest request;
  request.verb = ProberVerb::kQuiet;
  request.sockets = spec.sockets;
  return request;
}

void Probes::Ask(const Effect& effect, const std::string& name) {
  const Engine& engine = driver_.engine();
  Place place{name, effect.probe};
  if (auto former = asked_.find(place); former != asked_.end()) Drop(former);
  if (!engine.Exists(effect.service)) return;
  const ServiceSpec& spec = engine.spec(effect.service);
  const Probe& probe = ProbeIn(spec, effect.probe);
  Asked& asked = asked_[place];
  asked = {effect.service, effect.incarnation, effect.number, false, 0};
  auto answer = [this, place, number = effect.number](bool ok, const std::string& text) {
    Answer(place, number, ok, text);
  };
  auto answered = [answer](const ProberAnswer& said) { answer(said.ok, said.text); };
  if (effect.probe == ProbeUse::kIdle) {
    asked.handle = link_.Ask(QuietRequest(spec), kLookSpan, ProberLink::Lasting::kNo, answered);
  } else if (probe.kind == ProbeKind::kExec) {
    asked.is_program = true;
    asked.handle = programs_.Run(spec, RoleOf(effect.probe), probe, kAnswerSlack, answer);
  } else {
    auto lasting = probe.kind == ProbeKind::kLogLine ? ProberLink::Lasting::kOpen : ProberLink::Lasting::kNo;
    ProberRequest request = RequestFor(spec, probe);
    request.tree.incarnation = effect.incarnation;
    asked.handle = link_.Ask(std::move(request), probe.timeout + kAnswerSlack, lasting, answered);
  }
}

void Probes::Drop(std::map<Place, Asked>::iterator found) {
  Asked asked = found->second;
  asked_.erase(found);
  if (asked.is_program) {
    programs_.Cancel(asked.handle);
  } else {
    link_.Cancel(asked.handle);
  }
}

void Probes::Answer(const Place& place, std::uint64_t number, bool ok, const std::string& text) {
  auto found = asked_.find(place);
  if (found == asked_.end() || found->second.number != number) return;
  Asked asked = found->second;
  asked_.erase(found);
  Remember(place, ok, text);
  Event event{};
  event.kind = EventKind::kProbeDone;
  event.service = asked.service;
  event.incarnation = asked.incarnation;
  event.probe = place.second;
  event.number = number;
  event.success = ok;
  driver_.Post(event);
}

void Probes::Remember(const Place& place, bool ok, const std::string& text) {
  const auto& [name, use] = place;
  if (use == ProbeUse::kIdle) return;  // not being idle is no failure
  if (!ok) {
    failures_[name] = {use, OneLine(text)};
  } else if (auto found = failures_.find(name); found != failures_.end() && found->second.use == use) {
    failures_.erase(found);
  }
}

std::string Probes::TextOf(const std::string& name) const {
  auto found = failures_.find(name);
  return found == failures_.end() ? "" : found->second.text;
}

void Probes::Changed(ServiceId id, const std::string& name) {
  const ServiceRecord& record = driver_.engine().record(id);
  for (ProbeUse use : {ProbeUse::kReadiness, ProbeUse::kLiveness, ProbeUse::kIdle}) {
    auto found = asked_.find({name, use});
    if (found == asked_.end()) continue;
    if (!IsAwaited(record, use, found->second.incarnation, found->second.number)) Drop(found);
  }
}

void Probes::Removed(const std::string& name) {
  for (ProbeUse use : {ProbeUse::kReadiness, ProbeUse::kLiveness, ProbeUse::kIdle})
    if (auto found = asked_.find({name, use}); found != asked_.end()) Drop(found);
  failures_.erase(name);
  programs_.Forget(name);
  trees_.Remove(name);
}

bool Probes::OnMessage(const Message& message) {
  if (ExecProbes::IsProbe(message)) {
    programs_.OnMessage(message);
    return true;
  }
  trees_.OnMessage(message);
  bool has_ended = message.type == kMsgExited && message.key.role == kRoleMain;
  if (has_ended && NameIn(message.key.name) == kProberName) link_.ProberEnded();
  return false;
}

void Probes::Check(const ServiceSpec& spec, ProbeUse use, std::function<void(CheckResult)> done) {
  const Probe& probe = ProbeIn(spec, use);
  CheckResult result;
  result.name = spec.name;
  result.probe = use == ProbeUse::kLiveness ? "liveness" : "readiness";
  result.kind = std::string(NameOf(probe.kind));
  auto answer = [result, done, begun = MonoNow()](bool ok, const std::string& text) {
    CheckResult finished = result;
    finished.ok = ok;
    finished.text = OneLine(text);
    finished.took_ms = (MonoNow() - begun).count();
    done(std::move(finished));
  };
  auto answered = [answer](const ProberAnswer& said) { answer(said.ok, said.text); };
  if (NeedsProcess(probe.kind) && !trees_.Of(spec.name)) {
    answer(false, "not running");
  } else if (probe.kind == ProbeKind::kExec) {
    programs_.Run(spec, kRoleCheck, probe, kCheckWait, answer);
  } else if (probe.kind == ProbeKind::kLogLine) {
    link_.Ask(RequestFor(spec, probe), probe.timeout, ProberLink::Lasting::kSpan, answered);
  } else {
    link_.Ask(RequestFor(spec, probe), probe.timeout + kAnswerSlack, ProberLink::Lasting::kNo, answered);
  }
}

void Probes::Figures(std::vector<TreeId> trees, ProberLink::Done done) {
  auto asker = std::make_shared<ProberLink::Done>(std::move(done));
  auto tell = [asker](const ProberAnswer& answer) {
    if (auto once = std::exchange(*asker, nullptr)) once(answer);
  };
  Timers::Id limit = timers_.In(kFiguresPatience, [tell] {
    ProberAnswer late;
    late.text = "the prober did not answer within 5 s";
    tell(late);
  });
  ProberRequest request;
  request.verb = ProberVerb::kFigures;
  request.trees = std::move(trees);
  link_.Ask(std::move(request), kLookSpan, ProberLink::Lasting::kNo,
            [this, limit, tell](const ProberAnswer& answer) {
              timers_.Cancel(limit);
              tell(answer);
            });
}

}  // namespace foster
