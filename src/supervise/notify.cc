// SPDX-License-Identifier: MIT
#include "supervise/notify.h"

#include <fcntl.h>
#include <unistd.h>

#include "sys/log_table.h"
#include "sys/memfd.h"
#include "sys/unix_socket.h"

namespace foster {
namespace {

std::string StoreName(const std::string& name) { return std::string(kStoreReadyPrefix) + name; }

enum class Finding { kNothing, kNewline, kEnd };

// What lies in the pipe. Bytes without a newline are taken out (they mean nothing), a newline is left in.
Finding LookInto(int pipe) {
  int scratch[2];
  if (pipe2(scratch, O_CLOEXEC | O_NONBLOCK) != 0) return Finding::kNothing;
  UniqueFd read_end(scratch[0]);
  UniqueFd write_end(scratch[1]);
  ssize_t n = tee(pipe, write_end.get(), 4096, SPLICE_F_NONBLOCK);
  if (n < 0) return Finding::kNothing;
  if (n == 0) return Finding::kEnd;
  char bytes[4096];
  auto got = ReadSome(read_end.get(), bytes, static_cast<std::size_t>(n));
  if (!got.ok()) return Finding::kNothing;
  if (std::string_view(bytes, *got).find('\n') != std::string_view::npos) return Finding::kNewline;
  (void)ReadSome(pipe, bytes, *got);  // the same bytes
  return Finding::kNothing;
}

}  // namespace

Notify::~Notify() {
  for (auto& [name, fd] : watched_) loop_.Unwatch(fd.get());
}

void Notify::Open(const std::string& name, std::shared_ptr<UniqueFd> write_end) {
  store_.Put(StoreName(name), [this, name, write_end](InitChannel::Fds* fds) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;  // the spawn sees the missing end and fails in order
    UniqueFd read_end(ends[0]);
    *write_end = UniqueFd(ends[1]);
    fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
    auto kept = Duplicate(read_end.get());
    if (!kept.ok()) {
      write_end->Reset();
      return false;
    }
    fds->push_back(std::move(*kept));
    Watch(name, std::move(read_end));
    return true;
  });
}

void Notify::Resume(const std::string& name) {
  store_.Get(StoreName(name), [this, name](InitChannel::Fds fds) {
    if (!fds.empty()) Watch(name, std::move(fds[0]));
  });
}

void Notify::Watch(const std::string& name, UniqueFd read_end) {
  auto found = watched_.find(name);
  if (found != watched_.end()) loop_.Unwatch(found->second.get());
  int fd = read_end.get();
  watched_[name] = std::move(read_end);
  (void)loop_.Watch(fd, kReadable, [this, name](unsigned) { Look(name); });  // a pipe can be watched
}

void Notify::Look(const std::string& name) {
  auto found = watched_.find(name);
  if (found == watched_.end()) return;
  int fd = found->second.get();
  switch (LookInto(fd)) {
    case Finding::kNothing:
      return;
    case Finding::kEnd:
      Close(name);
      return;
    case Finding::kNewline:
      loop_.Unwatch(fd);
      on_ready_(name, [this, name, fd] {
        auto still = watched_.find(name);  // a new incarnation may have its own pipe by now
        if (still != watched_.end() && still->second.get() == fd) Close(name);
      });
      return;
  }
}

void Notify::Close(const std::string& name) {
  auto found = watched_.find(name);
  if (found != watched_.end()) {
    loop_.Unwatch(found->second.get());
    watched_.erase(found);
  }
  if (store_.Has(StoreName(name))) store_.Drop(StoreName(name));
}

}  // namespace foster
