// SPDX-License-Identifier: MIT
// Sink: one place that a service's lines go to beside its rings and foster's stdout: a file, an s6-log
// directory, a syslog, a collector. SinkHost makes and ends them as slots' configs say and gives each to a
// thread of its group, so that a slow disk or a dead collector stops only those that need it. Not: the
// console (feeder.h), whose thread is logd's own. Called by: SinkThread. Invariants: a sink is used by one
// thread at a time; its LogSinkState is written by that thread alone and says, at any moment of a kill, what
// its target has.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/redactor.h"
#include "foster/log_spec.h"
#include "foster/time.h"
#include "logd/line_source.h"
#include "logd/mailbox.h"
#include "sys/log_table.h"

namespace foster {

// What a sink is given. `table` and `mail` outlive it.
struct SinkPlace {
  LogTable* table = nullptr;
  std::uint32_t slot = 0;
  std::uint32_t index = 0;  // of its LogSinkState in the slot
  std::string service;
  LogSink spec;
  LogSpec log;  // of its service
  Redactor redactor;
  Mailbox* mail = nullptr;  // what is to be said on foster's stdout; nullptr: nothing is

  LogSinkState& state() const { return table->header().slots[slot].sinks[index]; }
};

class Sink {
 public:
  struct Turn {
    std::uint32_t writer = 0;  // the calling thread's staging area
    MonoTime now{};
    bool flush = false;      // nothing more will come for now: the rest without '\n' is to go, too
    bool is_ending = false;  // logd goes: what can be written at once is, nothing is waited for
  };

  virtual ~Sink() = default;
  // Sinks of one group share a thread: "disk:8:1", "net:http://...", "s6:..." Asked once, on the loop's
  // thread, must not block long.
  virtual std::string Group() const = 0;
  // Writes what there is, at most about one staging area's worth. Returns when it is to be called again
  // although nothing new came (a retry, a rotation that is due, a batch that waits for company): `turn.now` =
  // at once, kNoDeadline = never. May block in a system call; nobody but its group waits then.
  virtual MonoTime Work(const Turn& turn) = 0;
  // Requests, done at the next Work.
  virtual void Rotate() {}
  virtual void Reopen() {}
  virtual void StartedAnew() {}  // its service begins a life that somebody asked for (truncate_at_start)
  // Bytes that it has not taken yet count against the service (LogOverflow::kBlock); else they are just
  // dropped from the rings, and the sink finds them skipped.
  virtual bool CanBlock() const = 0;
};

// Makes the sink for `place.spec.kind`; never fails: one that cannot work says so in its state.
std::unique_ptr<Sink> MakeFileSink(SinkPlace place);
std::unique_ptr<Sink> MakeS6Sink(SinkPlace place);
std::unique_ptr<Sink> MakeSyslogSink(SinkPlace place);
std::unique_ptr<Sink> MakeOtlpSink(SinkPlace place);
std::unique_ptr<Sink> MakeLokiSink(SinkPlace place);

}  // namespace foster
