// SPDX-License-Identifier: MIT
// Rig: a logd of its own with the memories, the channel and the pipes that init and supervise would hold for
// it. Not: supervise. Called by: the tests beside it. Invariant: every child that it starts is reaped by it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "sys/log_table.h"

namespace foster {

struct RigPipe {
  UniqueFd read;
  UniqueFd write;
};

class Rig {
 public:
  Rig();
  ~Rig();

  // The arena is this (new) file from now on. Before anything else.
  void UseArena(const std::string& path);
  // A service with its two pipes; its slot. Its config is the usual one unless it has none.
  int AddService(const std::string& name, bool has_config = true);
  // A new config, of which a running logd is told.
  void Configure(int slot, const LogSpec& spec, std::vector<std::string> secrets = {});
  // A new logd on the same memories, with every pipe told to it again.
  void StartLogd(int out, bool print = true, bool json = false);
  void KillLogd();
  // SIGTERM; its exit status.
  int EndLogd();
  pid_t logd() const { return logd_; }
  int bell() const { return bell_.get(); }
  // Runs `body` in a child.
  pid_t Fork(const std::function<void()>& body);
  // Waits for a child of Fork; true when it ended with 0.
  bool Join(pid_t child);
  bool HasEnded(pid_t child);
  // Waits until `done` holds, at most 60 s.
  bool Until(const std::function<bool()>& done);
  bool Tell(const LogdMessage& message);
  bool Await(std::uint32_t kind);

  LogTable& table() { return table_; }
  RigPipe& pipe(int slot, std::uint32_t stream) {
    return pipes_[static_cast<std::size_t>(slot) * 2 + stream];
  }
  const std::string& directory() const { return directory_; }

 private:
  void AddStreams();

  LogTable table_;
  UniqueFd bell_;
  UniqueFd ours_;
  UniqueFd theirs_;
  std::vector<RigPipe> pipes_;
  std::string directory_;
  pid_t logd_ = -1;
};

RigPipe MakePipe();
bool WriteAll(int fd, const std::string& bytes);
std::string ReadFile(const std::string& path);
void Pause(long microseconds);
double Seconds();

}  // namespace foster
