// SPDX-License-Identifier: MIT
// Probes: what the engine wants probed (EffectKind::kProbe) -> a program beside the service (exec_probes.h)
// or a question to the prober (prober_link.h), and the answer back as kProbeDone. Also the probes that a
// person asks for, and figures. Not: judging (the core) nor looking (the prober). Called by: Effects (Ask),
// Supervisor (news), methods_check.cc, methods_figures.cc, Publisher (Text). Invariants: every Ask() ends in
// exactly one kProbeDone with its own incarnation and number, within the probe's timeout + 1 s while the
// machine runs; or in none when the engine does not wait for it any more (another number, another
// incarnation, the service gone). A log line has no limit.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "supervise/engine_driver.h"
#include "supervise/exec_probes.h"
#include "supervise/logs.h"
#include "supervise/prober_link.h"
#include "supervise/trees.h"

namespace foster {

// Whether the engine still waits for probe `number` of life `incarnation`.
bool IsAwaited(const ServiceRecord& record, ProbeUse use, std::uint64_t incarnation, std::uint64_t number);
// Whether a probe is asked of a running process: of another service it says nothing.
bool NeedsProcess(ProbeKind kind);
// One line of printable text, cut where it is long.
std::string OneLine(std::string_view text);

class Probes {
 public:
  Probes(Loop& loop, InitChannel& init, Timers& timers, Store& store, Logs& logs, EngineDriver& driver);
  void SetSavepoint(Savepoint* savepoint) { savepoint_ = savepoint; }
  void Open() { link_.Open(); }

  void Ask(const Effect& effect, const std::string& name);
  void Changed(ServiceId id, const std::string& name);
  void Removed(const std::string& name);
  // True: about a probe's child, and nobody else's concern.
  bool OnMessage(const Message& message);
  void OnBell() { link_.LogGrew(); }

  // One probe now, for a person; not counted by anyone. `done` may run before this returns.
  void Check(const ServiceSpec& spec, ProbeUse use, std::function<void(CheckResult)> done);
  // Of at most kMaxFiguresPerPacket trees; not ok when the prober has not answered within 5 s.
  void Figures(std::vector<TreeId> trees, ProberLink::Done done);
  std::optional<TreeId> TreeOf(const std::string& name) const { return trees_.Of(name); }

  // What the last failed probe of `name` said, until that probe succeeds.
  std::string TextOf(const std::string& name) const;

 private:
  using Place = std::pair<std::string, ProbeUse>;
  struct Asked {
    ServiceId service = kNoService;
    std::uint64_t incarnation = 0;
    std::uint64_t number = 0;
    bool is_program = false;
    std::uint64_t handle = 0;  // ExecProbes::Number or ProberLink::Id
  };
  struct Failure {
    ProbeUse use = ProbeUse::kReadiness;
    std::string text;
  };

  ProberLink::Hooks LinkHooks();
  std::uint64_t NextNumber();
  ProberRequest RequestFor(const ServiceSpec& spec, const Probe& probe) const;
  ProberRequest QuietRequest(const ServiceSpec& spec) const;
  void Drop(std::map<Place, Asked>::iterator open);
  void Answer(const Place& place, std::uint64_t number, bool ok, const std::string& text);
  void Remember(const Place& place, bool ok, const std::string& text);
  void Wake();
  bool KillProber();

  Timers& timers_;
  Logs& logs_;
  InitChannel& init_;
  EngineDriver& driver_;
  Savepoint* savepoint_ = nullptr;
  Trees trees_;
  ExecProbes programs_;
  ProberLink link_;
  std::map<Place, Asked> asked_;
  std::map<std::string, Failure> failures_;
};

}  // namespace foster
