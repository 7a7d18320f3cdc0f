// SPDX-License-Identifier: MIT
// ProberRequests: every request that is not answered yet, and the work for it. Not: packets (channel.h).
// Called by: prober.cc, tests. Invariants: one answer a request, none after kCancel; at most kMost at a time;
// every request but a log line's has a time limit.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "prober/cpu_share.h"
#include "prober/deadlines.h"
#include "prober/log_watch.h"
#include "prober/network_probe.h"
#include "prober/workers.h"
#include "sys/loop.h"
#include "wire/probe_codec.h"

namespace foster {

class ProberRequests {
 public:
  static constexpr std::size_t kMost = 16384;
  static constexpr Millis kFiguresLimit{10'000};  // of what is no probe and so has no limit of its own

  // `logs` may be null.
  ProberRequests(Loop& loop, Deadlines& deadlines, Workers& workers, std::shared_ptr<const LogTable> logs,
                 std::function<void(ProberAnswer)> on_answer);
  ~ProberRequests();

  void On(ProberRequest request);
  std::size_t waiting() const { return jobs_.size(); }

 private:
  struct Job;
  void Begin(Job& job);
  void BeginProbe(Job& job);
  void BeginFile(Job& job);
  void BeginLogLine(Job& job);
  void BeginListen(Job& job);
  void BeginQuiet(Job& job);
  void BeginFigures(Job& job);
  void BeginPorts(Job& job);
  void SetLimit(Job& job, Millis limit, std::string what);
  // `look` in a worker, its result to `then`, unless the request is gone by then.
  template <class T>
  void InWorker(Job& job, std::string key, std::function<T()> look, std::function<void(Job&, T)> then);
  void LookAtLog(Job& job);
  void OnLooked(Job& job, std::optional<std::string> line);
  void LookAtAllLogs();
  void OnFigures(Job& job, std::vector<ServiceFigures> figures);
  void Answer(Job& job, bool ok, std::string text, std::vector<ServiceFigures> figures = {});
  void Drop(std::uint64_t id);
  void DropAll();

  Loop& loop_;
  Deadlines& deadlines_;
  Workers& workers_;
  std::shared_ptr<const LogTable> logs_;
  std::function<void(ProberAnswer)> on_answer_;
  CpuShare shares_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Job>> jobs_;
  std::vector<std::unique_ptr<Job>> dropped_;  // until the next turn: their own callbacks may be running
};

}  // namespace foster
