// SPDX-License-Identifier: MIT
// SdNotify: the notification sockets (sd_notify(3)) of services that speak that protocol: made before the
// spawn, watched while the process lives, and held in init's store as "notify:NAME". Not: deciding what
// follows from a message (the core), nor reading its text (wire/sd_notify_message.h). Called by: Spawner,
// Supervisor, Boot. Invariants: every incarnation has a socket of its own, so nothing is charged to a later
// life; a datagram leaves the queue only when what it says is saved, so nothing is lost while supervise is
// dead; only processes of the service's own tree are listened to.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "supervise/engine_driver.h"
#include "supervise/notes.h"
#include "supervise/voice.h"
#include "sys/loop.h"
#include "sys/notify_socket.h"
#include "wire/probe_codec.h"
#include "wire/sd_notify_message.h"

namespace foster {

class SdNotify {
 public:
  using TreeOf = std::function<std::optional<TreeId>(const std::string& name)>;
  struct Parts {
    Loop& loop;
    Store& store;
    EngineDriver& driver;
    Notes& notes;
    TreeOf tree_of;
    Voice& voice;
  };
  explicit SdNotify(Parts parts) : parts_(std::move(parts)) {}
  ~SdNotify();
  // Where the sockets lie: "notify" beside the control socket. `sweep`: what others left there is removed.
  void SetDirectory(const std::string& directory, bool sweep);
  // After what a service said only for people has changed.
  void OnText(std::function<void(ServiceId)> on_text) { on_text_ = std::move(on_text); }

  static bool Wants(const ServiceSpec& spec);
  // A new socket; what the service finds in its environment. Bound when its turn has come: see IsOpen.
  std::vector<std::string> Open(const ServiceSpec& spec, std::uint64_t incarnation);
  bool IsOpen(const std::string& name, std::uint64_t incarnation) const;
  // The process is there: from now on it is listened to.
  void Spawned(const std::string& name, std::uint64_t incarnation);
  // After a restart: takes the socket of a live process from the store again.
  void Resume(const std::string& name, std::uint64_t incarnation);
  // Takes in all that waits: before an exit is, so that what was said before it comes first.
  void Look(const std::string& name);
  void Close(const std::string& name);

 private:
  struct Socket {
    UniqueFd fd;
    std::string address;
    std::uint64_t incarnation = 0;
    bool taking = false;  // a datagram is on its way into the savepoint
    bool warned = false;  // of a stranger
  };
  void Watch(const std::string& name, Socket* socket);
  void TakeIn(const std::string& name, Socket* socket, Datagram datagram);
  bool IsStranger(const std::string& name, Socket* socket, std::int32_t pid);
  void KeepFds(const std::string& name, const SdNotifyMessage& message, std::vector<UniqueFd> fds);
  std::vector<Event> EventsOf(ServiceId id, const Socket& socket, const SdNotifyMessage& message) const;
  void Done(const std::string& name, int fd);

  Parts parts_;
  std::string directory_;
  std::function<void(ServiceId)> on_text_;
  std::map<std::string, Socket> sockets_;
};

}  // namespace foster
