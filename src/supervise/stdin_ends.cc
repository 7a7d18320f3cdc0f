// SPDX-License-Identifier: MIT
#include "supervise/stdin_ends.h"

#include "sys/memfd.h"
#include "sys/stdin_end.h"
#include "sys/unix_socket.h"

namespace foster {

StdinEnds::~StdinEnds() {
  for (auto& [name, fd] : masters_) loop_.Unwatch(fd.get());
}

void StdinEnds::Open(const ServiceSpec& spec) {
  StopDraining(spec.name);
  bool is_terminal = spec.stdin_from == Stdin::kTerminal;
  store_.Put(StoreName(spec.name), [this, name = spec.name, is_terminal](InitChannel::Fds* fds) {
    auto pair = is_terminal ? MakeStdinTerminal() : MakeStdinPipe();
    if (!pair.ok()) {
      voice_.Say(name + ": " + pair.error().message());
      return false;
    }
    if (is_terminal) {
      auto copy = Duplicate(pair->ours.get());
      if (!copy.ok()) return false;
      Drain(name, std::move(*copy));
    }
    fds->push_back(std::move(pair->service));
    fds->push_back(std::move(pair->ours));
    return true;
  });
}

void StdinEnds::Write(const std::string& service, const std::string& bytes) {
  store_.Get(StoreName(service), [this, service, bytes](InitChannel::Fds fds) {
    if (fds.size() < 2) {
      voice_.Say(service + ": it has no stdin to write to");
      return;
    }
    auto written = WriteSome(fds[1].get(), bytes);
    std::size_t count = written.ok() ? *written : 0;
    if (count < bytes.size())
      voice_.Say(service + ": " + std::to_string(bytes.size() - count) +
                 " bytes for its stdin are lost: it does not read");
  });
}

void StdinEnds::Resume(const ServiceSpec& spec) {
  if (spec.stdin_from != Stdin::kTerminal || !IsOpen(spec.name)) return;
  store_.Get(StoreName(spec.name), [this, name = spec.name](InitChannel::Fds fds) {
    if (fds.size() > 1) Drain(name, std::move(fds[1]));
  });
}

void StdinEnds::Close(const std::string& service) {
  StopDraining(service);
  if (IsOpen(service)) store_.Drop(StoreName(service));
}

void StdinEnds::Drain(const std::string& service, UniqueFd master) {
  StopDraining(service);
  int fd = master.get();
  masters_[service] = std::move(master);
  (void)loop_.Watch(fd, kReadable, [this, service, fd](unsigned) {
    if (!DrainTerminal(fd)) StopDraining(service);
  });
}

void StdinEnds::StopDraining(const std::string& service) {
  auto found = masters_.find(service);
  if (found == masters_.end()) return;
  loop_.Unwatch(found->second.get());
  masters_.erase(found);
}

}  // namespace foster
