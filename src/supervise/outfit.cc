// SPDX-License-Identifier: MIT
#include "supervise/outfit.h"

namespace foster {
namespace {

std::string NotifyDirectory(const std::string& control) {
  return control.substr(0, control.rfind('/')) + "/notify";
}

}  // namespace

Outfit::Outfit(Parts parts)
    : driver_(parts.driver),
      store_(parts.store),
      notes_(parts.store),
      sd_notify_({parts.loop, parts.store, parts.driver, notes_, std::move(parts.tree_of), parts.voice}),
      stdin_ends_(parts.loop, parts.store, parts.voice),
      follow_(parts.init, parts.driver),
      cgroups_(parts.store),
      spawner_({parts.init, parts.driver, parts.logs, parts.store, parts.notify, sd_notify_, stdin_ends_,
                cgroups_, notes_, parts.voice, parts.log_configs, parts.timers}) {}

void Outfit::Create(const std::string& control) {
  sd_notify_.SetDirectory(NotifyDirectory(control), true);
  cgroups_.Create();
}

void Outfit::Reopen(const std::string& control) {
  sd_notify_.SetDirectory(NotifyDirectory(control), false);
  cgroups_.Resume();
}

void Outfit::Resume() {
  const Engine& engine = driver_.engine();
  for (ServiceId id = 0; id < engine.capacity(); ++id) {
    if (!engine.Exists(id)) continue;
    const ServiceSpec& spec = engine.spec(id);
    const ServiceRecord& record = engine.record(id);
    notes_.Resume(spec.name);
    bool has_tree = record.pid > 0 || record.lingering;
    if (!has_tree || record.spawn_pending) continue;
    sd_notify_.Resume(spec.name, record.incarnation);
    stdin_ends_.Resume(spec);
  }
}

void Outfit::StopKeys(const Effect& effect, const std::string& name) {
  if (driver_.engine().Exists(effect.service))
    stdin_ends_.Write(name, driver_.engine().spec(effect.service).stop.keys);
}

void Outfit::Changed(ServiceId id) {
  const ServiceRecord& record = driver_.engine().record(id);
  if (record.state != State::kStopped || record.goal != Goal::kDown) return;
  DropHeldFds(store_, driver_.engine().spec(id).name);
}

void Outfit::Removed(const std::string& name) {
  spawner_.Remove(name);
  sd_notify_.Close(name);
  stdin_ends_.Close(name);
  cgroups_.Leave(name);
  notes_.Remove(name);
  DropHeldFds(store_, name);
}

bool Outfit::OnMessage(const Message& message) {
  std::string name(NameIn(message.key.name));
  bool is_main = message.key.role == kRoleMain;
  switch (message.type) {
    case kMsgSpawnFailed:
      if (spawner_.TryWithLess(message)) return true;
      spawner_.Settled(message);
      return false;
    case kMsgExited:
      if (is_main) sd_notify_.Look(name);
      if (message.value == 0) TreeIsGone(name, message.key);
      return false;
    case kMsgTreeGone:
      if (is_main) sd_notify_.Look(name);
      TreeIsGone(name, message.key);
      return false;
    case kMsgAdopted:
      follow_.OnAdopted(message);
      return true;
    default:
      return false;
  }
}

void Outfit::Spawned(const Message& message) {
  spawner_.Settled(message);
  if (message.key.role == kRoleMain)
    sd_notify_.Spawned(std::string(NameIn(message.key.name)), message.key.incarnation);
}

// A later life may have begun to be made ready.
void Outfit::TreeIsGone(const std::string& name, const ChildKey& key) {
  ServiceId id = driver_.engine().Find(name);
  bool is_of_now = id == kNoService || driver_.engine().record(id).incarnation == key.incarnation;
  if (key.role > kRoleStop || !is_of_now) return;
  cgroups_.Leave(name);
  if (key.role != kRoleMain) return;
  sd_notify_.Close(name);
  stdin_ends_.Close(name);
}

}  // namespace foster
