// SPDX-License-Identifier: MIT
// Logs: supervise's side of the log memories: a slot and two pipes per service, and telling logd of them.
// Not: moving bytes (logd) nor reading lines (sys/log_reader.h does, on table()). Called by: Effects, Boot,
// methods. Invariants: init holds every pipe, so neither our death nor logd's loses a byte; logd is told of
// every stream again whenever it is spawned; at most kMaxGets pipe fds are here at a time.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "supervise/store.h"
#include "sys/log_table.h"
#include "sys/loop.h"

namespace foster {

class Logs {
 public:
  Logs(Loop& loop, Store& store) : loop_(loop), store_(store) {}
  ~Logs();

  // First boot: makes the memories, the channel and the bell and gives them to init.
  Result<void> Create();
  // After a restart: takes them back; `done` runs when they are here (or are made anew).
  void Resume(std::function<void()> done);

  // Slot and pipes of `name`; false when there is no slot: its output then goes to foster's own.
  bool Ensure(const std::string& name);
  // Its slot's config (wire/log_codec.h), from now on. False: it has no slot, or there is no memory.
  bool Configure(const std::string& name, const std::string& config);
  bool HasPipes(const std::string& name) const;
  // Before each spawn of its main process. `is_read`: somebody looks for a line of this life alone, so what
  // the one before has left in the pipes must be told from it.
  void SetIncarnation(const std::string& name, std::uint64_t incarnation, bool is_read);
  // The service left: drained, closed, and the slot is free again.
  void Remove(const std::string& name);
  // Frees slots of services for which `keep` is false (after a restart).
  void Sweep(const std::function<bool(std::string_view)>& keep);

  void LogdSpawned();  // tells it of every stream
  // Asks logd to write everything out; `done` runs at its answer.
  void Drain(std::function<void()> done);

  // Its files begin anew, by their rotation. / All files of all services are opened again.
  void Rotate(const std::string& name);
  void Reopen();
  // Everything that it has written is brought where it goes, then its rings are emptied, and files that are
  // to be empty at its start; `done` runs then, or when it leaves. False: it has no slot.
  bool Empty(const std::string& name, std::function<void()> done);
  // A sink of the slot (by its LogSinkState) cannot write, or can again.
  using OnHealthChange = std::function<void(std::uint32_t slot, std::uint32_t sink, bool is_trouble)>;
  void OnHealth(OnHealthChange on_health) { on_health_ = std::move(on_health); }

  // The bell rings when bytes come for a slot that somebody follows; `on_bell` then reads what is new.
  void SetFollowers(std::map<int, std::uint32_t> counts);  // clients, by slot
  void SetWatchers(std::uint32_t count);                   // probes that wait for a line, of any service
  void OnSlots(std::function<void()> on_slots) { on_slots_ = std::move(on_slots); }  // one came or went
  void OnBell(std::function<void()> on_bell) { on_bell_ = std::move(on_bell); }

  bool usable() const { return table_.has_value(); }
  LogTable& table() { return *table_; }
  const LogTable& table() const { return *table_; }

 private:
  static constexpr std::size_t kMaxGets = 16;
  struct Stream {
    int slot;
    std::uint32_t stream;
    std::string store_name;
  };
  struct Outgoing {
    LogdMessage message;
    UniqueFd fd;
  };
  Result<void> Watch();
  Result<void> MakeChannel();
  Result<void> MakeBell();
  void PutPipe(const std::string& store_name);
  void KeepPipe(const std::string& name, std::uint32_t stream, const std::string& store_name);
  void Tell(int slot, std::uint32_t stream, const std::string& store_name);
  void Retell(std::uint32_t slot);
  void NextGet();
  void SendToLogd(LogdMessageKind kind, int slot, std::uint32_t stream, UniqueFd fd);
  void FlushToLogd();
  void StoreFollowers();
  void Emptied(std::uint32_t slot);
  void SlotsChanged();
  void OnChannel(unsigned ready);
  void OnMessage(const LogdMessage& message);

  Loop& loop_;
  Store& store_;
  std::optional<LogTable> table_;
  UniqueFd channel_;
  UniqueFd bell_;
  std::map<std::string, std::array<UniqueFd, kLogStreams>> kept_;  // read ends, to ask how full they are
  std::deque<Stream> to_tell_;
  std::size_t gets_ = 0;
  std::deque<Outgoing> outgoing_;
  std::map<std::uint32_t, std::string> dropping_;  // slot -> name
  std::map<int, std::uint32_t> followers_;
  std::uint32_t watchers_ = 0;
  std::function<void()> drained_;
  std::function<void()> on_bell_;
  std::function<void()> on_slots_;
  OnHealthChange on_health_;
  std::map<std::uint32_t, std::vector<std::function<void()>>> emptying_;  // slot -> who waits
};

}  // namespace foster
