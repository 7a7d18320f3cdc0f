// SPDX-License-Identifier: MIT
// The boot of supervise. Each step that must ask init goes on in the answer:
//   snapshot -> savepoint and plan -> log memories -> own voice -> control socket -> engine (restore, or load
//   and start)
// After a restart every step finds what the former supervise left in init's store and takes it up.
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <map>

#include "supervise/spawn.h"
#include "supervise/supervisor.h"
#include "sys/clock.h"
#include "sys/memfd.h"
#include "sys/paths.h"

namespace foster {
namespace {

constexpr std::uint64_t kMaxPlanText = 256u << 20;
// A plan that cannot be restored this many times in a row, with init asking for safety, is given up for the
// seeds.
constexpr std::uint32_t kMaxRestoreAttempts = 8;

bool IsOff(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && std::string_view(value) == "0";
}

bool HasColour() { return isatty(1) != 0 && std::getenv("NO_COLOR") == nullptr; }

// A command on a terminal has the screen to itself, unless it is asked for.
bool PrintsLines(bool has_command) {
  if (std::getenv("FOSTER_STDOUT") != nullptr) return !IsOff("FOSTER_STDOUT");
  return !has_command || isatty(1) == 0;
}

InternalOptions OptionsFor(const std::string& socket, bool has_command) {
  InternalOptions options;
  options.self = SelfPath();
  options.socket = socket;
  options.print = PrintsLines(has_command);
  options.colour = HasColour();
  return options;
}

bool HasEnded(const Message& child) {
  return child.child_state == kChildExited || child.child_state == kChildLingering;
}

}  // namespace

void Supervisor::OnSnapshotEnd() {
  if (!store_.Has(kStoreSavepoint)) {
    UseSavepoint({});
    return;
  }
  store_.Get(kStoreSavepoint, [this](InitChannel::Fds fds) { UseSavepoint(std::move(fds)); });
}

void Supervisor::UseSavepoint(InitChannel::Fds fds) {
  if (fds.size() > 1) {
    auto text = ReadWholeFd(fds[1].get(), kMaxPlanText);
    if (text.ok()) plan_text_ = std::move(*text);
  }
  if (!fds.empty()) {
    auto former = Savepoint::Open(std::move(fds[0]));
    if (former.ok()) savepoint_ = std::make_unique<Savepoint>(std::move(*former));
    if (!former.ok()) voice_.Say(former.error().message() + ": it is made anew");
  }
  if (savepoint_ == nullptr) {
    auto fresh = Savepoint::Create();
    if (!fresh.ok()) {
      voice_.Say(fresh.error().message());
      std::abort();  // init starts another one, later
    }
    savepoint_ = std::make_unique<Savepoint>(std::move(*fresh));
    savepoint_->header().boot_wall = WallNow();
    store_.Put(kStoreSavepoint, [this](InitChannel::Fds* out) {
      auto copy = Duplicate(savepoint_->fd());
      if (copy.ok()) out->push_back(std::move(*copy));
      return copy.ok();
    });
  }
  surroundings_.boot_time = savepoint_->header().boot_wall;
  publisher_.SetSavepoint(savepoint_.get());
  loader_.SetSavepoint(savepoint_.get());
  probes_.SetSavepoint(savepoint_.get());
  ending_.SetSavepoint(savepoint_.get());
  driver_.Start(
      savepoint_.get(),
      [this](const Effect& effect, const std::string& name) { effects_.Perform(effect, name); },
      [this] { AfterSteps(); });
  OpenLogs();
}

void Supervisor::OpenLogs() {
  probes_.Open();
  if (store_.Has(kStoreLogTable)) {
    logs_.Resume([this] { OpenVoice(); });
    return;
  }
  auto made = logs_.Create();
  if (!made.ok())
    voice_.Say("no logs: " + made.error().message() + "; services write to foster's own output");
  OpenVoice();
}

void Supervisor::OpenVoice() {
  std::string name(kOwnLogName);
  log_configs_.SetOptions(LogOptionsHere(voice_));
  if (logs_.Ensure(name)) {
    log_configs_.Apply(name, LogSpec{}, false);
    store_.Get(std::string(kStoreErrPrefix) + name, [this](InitChannel::Fds fds) {
      if (fds.size() > 1) voice_.SetPipe(std::move(fds[1]));
      OpenControl();
    });
    return;
  }
  OpenControl();
}

void Supervisor::OpenControl() {
  std::string path = ServerSocketPath();
  if (!store_.Has(kStoreControl)) {
    server_.Open(path);
    outfit_.Create(path);
    StartEngine();
    return;
  }
  outfit_.Reopen(path);
  store_.Get(kStoreControl, [this, path](InitChannel::Fds fds) {
    if (fds.empty()) {
      server_.Open(path);
    } else {
      server_.Resume(std::move(fds[0]), path);
    }
    StartEngine();
  });
}

void Supervisor::StartEngine() {
  planner_.SetUp(savepoint_.get(), &publisher_, OptionsFor(server_.path(), has_command_),
                 FindPaths().services, HasColour());
  if (!plan_text_.empty() && RestorePlan()) {
    // What it went on with may be what it died of.
    if (surroundings_.safe && !ending_.begun()) planner_.LoadFirst(true, [this] { AfterSteps(); });
    return;
  }
  voice_.Say(std::string("foster " FOSTER_VERSION) + (surroundings_.pid1 ? " is PID 1" : " is a subreaper") +
             ", control socket " + server_.path());
  SayWhatIsLacking();
  auto saved = savepoint_->Services();
  if (saved.empty() && children_.empty()) {
    planner_.StartEmpty();
  } else {
    driver_.Restore(planner_.WholePlan(), saved, LiveChildren(planner_.WholePlan()));
    SettleChildren();
  }
  EngineIsThere();
  if (was_stopping_ || ending_.begun()) {
    server_.AnswerAll();
    ending_.Resume();
    return;
  }
  planner_.LoadFirst(surroundings_.safe, [this] {
    Booted();
    const Engine& engine = driver_.engine();
    for (ServiceId id = 0; id < engine.capacity(); ++id)  // what failed before it was begun
      if (engine.Exists(id)) narrator_.Changed(id, false);
  });
}

bool Supervisor::RestorePlan() {
  std::uint32_t attempts = ++savepoint_->header().restore_attempts;
  if (surroundings_.safe && attempts > kMaxRestoreAttempts) return false;
  if (!planner_.Resume(plan_text_)) return false;
  plan_text_.clear();
  voice_.Say("supervise is back");
  auto saved = savepoint_->Services();
  Plan whole = planner_.WholePlan();
  sockets_.Use(planner_.plan());
  driver_.Restore(whole, saved, LiveChildren(whole));
  ConfigureLogs();
  SettleChildren();
  ResumeReadiness();
  scheduler_.Resume();
  outfit_.Resume();
  narrator_.Learn();
  logs_.Sweep([this](std::string_view name) {
    return name == kOwnLogName || driver_.engine().Find(name) != kNoService;
  });
  EngineIsThere();
  if (was_stopping_ || ending_.begun()) ending_.Resume();
  Booted();
  return true;
}

std::vector<LiveChild> Supervisor::LiveChildren(const Plan& plan) const {
  std::map<std::string_view, ServiceId> places;
  for (std::size_t i = 0; i < plan.services.size(); ++i)
    places[plan.services[i].name] = static_cast<ServiceId>(i);
  std::vector<LiveChild> live;
  for (const Message& child : children_) {
    auto place = places.find(NameIn(child.key.name));
    if (child.key.role > kRoleStop || place == places.end()) continue;
    LiveChild one;
    one.service = place->second;
    one.role = static_cast<Role>(child.key.role);
    one.incarnation = child.key.incarnation;
    one.pid = child.pid;
    one.lingering = HasEnded(child);
    live.push_back(one);
  }
  return live;
}

// What init still holds is told to the engine as if it had just come; what belongs to nobody is ended.
void Supervisor::SettleChildren() {
  for (Message child : children_) {
    bool is_known = driver_.engine().Find(NameIn(child.key.name)) != kNoService;
    bool is_service = child.key.role <= kRoleStop;
    if (HasEnded(child)) {
      child.type = kMsgExited;
      child.value = child.child_state == kChildLingering ? 1 : 0;
      OnChildMessage(child);
    } else if (child.child_state == kChildFailed) {
      child.type = kMsgSpawnFailed;
      OnChildMessage(child);
    } else if (child.key.role == kRoleLoad || (is_service && !is_known)) {
      KillUnknown(child);
    } else if (is_service && NameIn(child.key.name) == kLogdName) {
      logs_.LogdSpawned();
    }
  }
  children_.clear();
}

void Supervisor::ResumeReadiness() {
  std::vector<std::string> names;
  for (const std::string& name : store_.names())
    if (name.starts_with(kStoreReadyPrefix)) names.push_back(name.substr(kStoreReadyPrefix.size()));
  for (const std::string& name : names) {
    ServiceId id = driver_.engine().Find(name);
    bool waits =
        id != kNoService && driver_.engine().record(id).pid > 0 && !driver_.engine().record(id).ready;
    if (waits) {
      notify_.Resume(name);
    } else if (id == kNoService || !driver_.engine().record(id).spawn_pending) {
      notify_.Close(name);
    }
  }
}

void Supervisor::Booted() {
  surroundings_.booted = true;
  savepoint_->header().restore_attempts = 0;
  init_.Send(MessageOf(kMsgReady));
  server_.AnswerAll();
  AfterSteps();
}

void Supervisor::SayWhatIsLacking() {
  if (surroundings_.safe) voice_.Say("safe mode: seeds only");
  if (geteuid() != 0)
    voice_.Say("not root (uid " + std::to_string(geteuid()) + "): services cannot run as other users");
  if (!SealingWorks()) voice_.Say("memory files cannot be sealed here: it works, less guarded");
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max < 4096)
    voice_.Say("at most " + std::to_string(files.rlim_max) + " open files: enough for about " +
               std::to_string(files.rlim_max / 8) + " services");
}

}  // namespace foster
