// SPDX-License-Identifier: MIT
#include "supervise/sd_notify.h"

#include <unistd.h>

#include "supervise/held_fds.h"
#include "sys/memfd.h"
#include "sys/tree_tag.h"

namespace foster {
namespace {

// Taken in at one go; the rest has its turn after the others.
constexpr int kMaxAtOnce = 64;
constexpr std::string_view kUnnamedFd = "stored";

std::string SocketName(const std::string& service) { return StoreNameOf("notify:", service); }

std::int64_t Micros(Millis span) { return span.count() * 1000; }

}  // namespace

SdNotify::~SdNotify() {
  for (auto& [name, socket] : sockets_)
    if (socket.fd) parts_.loop.Unwatch(socket.fd.get());
}

void SdNotify::SetDirectory(const std::string& directory, bool sweep) {
  directory_ = directory;
  if (sweep) SweepNotifyDirectory(directory);
}

bool SdNotify::Wants(const ServiceSpec& spec) {
  return spec.type == ServiceType::kLongrun &&
         (spec.readiness.sd_notify || spec.liveness.watchdog.count() > 0 ||
          spec.daemon.follow == Follow::kMainPid);
}

std::vector<std::string> SdNotify::Open(const ServiceSpec& spec, std::uint64_t incarnation) {
  Close(spec.name);
  Socket& socket = sockets_[spec.name];
  socket.incarnation = incarnation;
  // No path of ours is there inside a chroot.
  socket.address = NewNotifyAddress(spec.isolation.chroot.empty() ? directory_ : "");
  parts_.store.Put(SocketName(spec.name), [this, name = spec.name, incarnation](InitChannel::Fds* fds) {
    auto found = sockets_.find(name);
    if (found == sockets_.end() || found->second.incarnation != incarnation) return false;
    auto fd = BindNotifySocket(found->second.address);
    if (!fd.ok()) {
      parts_.voice.Say(name + ": " + fd.error().message());
      return false;
    }
    auto kept = Duplicate(fd->get());
    if (!kept.ok()) return false;
    found->second.fd = std::move(*fd);
    fds->push_back(std::move(*kept));
    return true;
  });
  std::vector<std::string> environment{"NOTIFY_SOCKET=" + socket.address};
  if (spec.liveness.watchdog.count() > 0)
    environment.push_back("WATCHDOG_USEC=" + std::to_string(Micros(spec.liveness.watchdog)));
  return environment;
}

bool SdNotify::IsOpen(const std::string& name, std::uint64_t incarnation) const {
  auto found = sockets_.find(name);
  return found != sockets_.end() && found->second.incarnation == incarnation && found->second.fd;
}

void SdNotify::Spawned(const std::string& name, std::uint64_t incarnation) {
  if (IsOpen(name, incarnation)) Watch(name, &sockets_[name]);
}

void SdNotify::Resume(const std::string& name, std::uint64_t incarnation) {
  if (!parts_.store.Has(SocketName(name))) return;
  parts_.store.Get(SocketName(name), [this, name, incarnation](InitChannel::Fds fds) {
    if (fds.empty() || sockets_.count(name) > 0) return;
    Socket& socket = sockets_[name];
    socket.address = NotifyAddressOf(fds[0].get());
    socket.incarnation = incarnation;
    socket.fd = std::move(fds[0]);
    Watch(name, &socket);
  });
}

void SdNotify::Watch(const std::string& name, Socket* socket) {
  (void)parts_.loop.Watch(socket->fd.get(), kReadable, [this, name](unsigned) { Look(name); });
}

void SdNotify::Look(const std::string& name) {
  for (int i = 0; i < kMaxAtOnce; ++i) {
    auto found = sockets_.find(name);
    if (found == sockets_.end() || !found->second.fd || found->second.taking) return;
    auto datagram = PeekDatagram(found->second.fd.get(), kMaxSdNotifyMessage + 1);
    if (!datagram.ok()) return;
    TakeIn(name, &found->second, std::move(*datagram));
  }
}

void SdNotify::TakeIn(const std::string& name, Socket* socket, Datagram datagram) {
  auto message = ParseSdNotify(datagram.bytes);
  ServiceId id = parts_.driver.engine().Find(name);
  if (!message || datagram.cut || id == kNoService || IsStranger(name, socket, datagram.pid)) {
    DropDatagram(socket->fd.get());
    return;
  }
  if (message->barrier) datagram.fds.clear();
  KeepFds(name, *message, std::move(datagram.fds));
  bool has_news = message->status && parts_.notes.SetStatusText(name, socket->incarnation, *message->status);
  if (has_news && on_text_) on_text_(id);
  auto events = EventsOf(id, *socket, *message);
  int fd = socket->fd.get();
  if (events.empty()) {
    DropDatagram(fd);
    return;
  }
  socket->taking = true;
  auto last = events.back();
  events.pop_back();
  for (const Event& event : events) parts_.driver.Post(event);
  parts_.driver.Post(last, [this, name, fd, incarnation = last.incarnation] {
    if (IsOpen(name, incarnation)) Done(name, fd);
  });
}

void SdNotify::Done(const std::string& name, int fd) {
  DropDatagram(fd);
  sockets_[name].taking = false;
}

// The tag of a process that is gone cannot be asked for any more: the name of the socket is its pass then.
bool SdNotify::IsStranger(const std::string& name, Socket* socket, std::int32_t pid) {
  auto tree = parts_.tree_of(name);
  bool is_stranger = pid <= 0;
  if (!is_stranger && tree && tree->incarnation == socket->incarnation && tree->tag != 0 &&
      tree->pid != pid) {
    auto tag = TreeTagOf(pid);
    is_stranger = tag && *tag != tree->tag;
  }
  if (is_stranger && !socket->warned) {
    socket->warned = true;
    parts_.voice.Say(name + ": process " + std::to_string(pid) +
                     ", which is none of its own, spoke to its notification socket: not listened to");
  }
  return is_stranger;
}

void SdNotify::KeepFds(const std::string& name, const SdNotifyMessage& message, std::vector<UniqueFd> fds) {
  std::string fd_name = message.fd_name.empty() ? std::string(kUnnamedFd) : message.fd_name;
  if (message.fd_store_remove) {
    DropHeldFd(parts_.store, name, fd_name);
    return;
  }
  if (!message.fd_store) return;
  for (UniqueFd& fd : fds) {
    if (HoldFd(parts_.store, name, fd_name, std::move(fd))) continue;
    parts_.voice.Say(name + ": " + std::to_string(kMaxHeldFds) + " of its fds are held, no more are taken");
    return;
  }
}

std::vector<Event> SdNotify::EventsOf(ServiceId id, const Socket& socket,
                                      const SdNotifyMessage& message) const {
  std::vector<Event> events;
  auto add = [&](EventKind kind) -> Event& {
    Event event{};
    event.kind = kind;
    event.service = id;
    event.incarnation = socket.incarnation;
    events.push_back(event);
    return events.back();
  };
  auto notice = [&](Notice what) -> Event& {
    Event& event = add(EventKind::kNotice);
    event.notice = what;
    return event;
  };
  if (message.main_pid) notice(Notice::kMainPid).pid = *message.main_pid;
  if (message.watchdog_interval) notice(Notice::kWatchdogInterval).span = *message.watchdog_interval;
  if (message.extend_timeout) notice(Notice::kExtendTimeout).span = *message.extend_timeout;
  if (message.watchdog == SdWatchdog::kAlive) notice(Notice::kWatchdog);
  if (message.watchdog == SdWatchdog::kTrigger) notice(Notice::kWatchdogTrigger);
  if (message.reloading) notice(Notice::kReloading);
  if (message.stopping) notice(Notice::kStopping);
  if (message.ready) add(EventKind::kReady);
  return events;
}

void SdNotify::Close(const std::string& name) {
  auto found = sockets_.find(name);
  if (found != sockets_.end()) {
    if (found->second.fd) parts_.loop.Unwatch(found->second.fd.get());
    RemoveNotifyAddress(found->second.address);
    sockets_.erase(found);
  }
  if (parts_.store.Has(SocketName(name))) parts_.store.Drop(SocketName(name));
}

}  // namespace foster
