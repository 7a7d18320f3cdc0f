// SPDX-License-Identifier: MIT
// Savepoint: the run-time state of every service in a shared memory that init holds, so that the next
// supervise goes on where this one was. Not: the plan (kept as JSON beside it, planner.h). Called by:
// EngineDriver, Boot. Invariants: what Commit() has not reached is not there for a reader: each service has
// two copies, Put() overwrites the older one, and copies count only up to the committed sequence. A kill at
// any instruction leaves either the whole batch or nothing of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "core/engine.h"

namespace foster {

inline constexpr std::uint32_t kMaxSavedServices = 4608;

struct SavedService {
  char name[120];
  ServiceRecord record;
  WallNanos since_wall;
  WallNanos started_wall;
};

// Small facts about the whole, written one at a time; each alone is true at any moment.
struct SavepointHeader {
  std::uint32_t magic;
  std::uint32_t version;
  std::uint32_t service_size;     // of SavedService: another build's savepoint is not read
  std::uint32_t booted;           // the first plan was applied and is saved
  std::uint64_t committed;        // sequence of the last whole batch
  std::uint64_t event_sequence;   // of the last published event
  std::uint64_t load_generation;  // names of `foster load` children are never used twice
  std::uint64_t probe_number;     // of exec probes and of questions to the prober: never used twice
  std::int64_t boot_wall;         // ns since 1970
  std::int64_t stop_deadline;     // MonoTime of the ordered stop in ms, 0 = not stopping
  std::int32_t exit_code;
  std::uint32_t restore_attempts;  // restores that have not come to be ready
  std::uint32_t command_asked;     // init was told that the services have settled
  std::uint32_t settled_told;
};

class Savepoint {
 public:
  static Result<Savepoint> Create();
  static Result<Savepoint> Open(UniqueFd fd);
  Savepoint(Savepoint&& other) noexcept;
  Savepoint& operator=(Savepoint&&) = delete;
  ~Savepoint();

  int fd() const { return fd_.get(); }
  SavepointHeader& header();
  // Everything that is committed.
  std::vector<SavedService> Services() const;

  // A batch: any number of Put and Remove, then Commit. Put is false when all places are taken.
  bool Put(const SavedService& service);
  void Remove(std::string_view name);
  void Commit();

 private:
  struct Layout;
  Savepoint(UniqueFd fd, Layout* layout) : fd_(std::move(fd)), layout_(layout) {}
  void Index();
  void Write(std::uint32_t place, const SavedService& service);

  UniqueFd fd_;
  Layout* layout_ = nullptr;
  std::unordered_map<std::string, std::uint32_t> places_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> freed_by_batch_;  // reused only after Commit()
};

}  // namespace foster
