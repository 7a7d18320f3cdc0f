// SPDX-License-Identifier: MIT
// One append to a file that a kill at any moment neither loses nor doubles: described in the sink's
// LogSinkState, carried out, its position moved. RecoverSteps finishes, or takes back, what a killed logd, or
// a full disk, left half done. Not: choosing bytes (file_sink.h). Called by: FileSink, on its thread.
// Invariants: after an error the file is as it was before, or `step_valid` is still 1 and RecoverSteps has to
// come first.
#pragma once

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "logd/line_source.h"
#include "sys/log_table.h"

namespace foster {

inline constexpr std::uint32_t kRawStep =
    UINT32_MAX;                                     // LogSinkState::step_writer: bytes of the stream itself
inline constexpr std::uint32_t kStepHasHeader = 1;  // in step_stream of a staged step

inline constexpr int kDroppedMeanwhile = ENOMSG;  // no file system says so

// An open file, for one step.
struct StepFile {
  int fd = -1;
  bool is_regular = true;  // else its size says nothing, and how far a step has come is written down
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;  // moves with each step
};

struct FileStep {
  std::uint32_t writer = kRawStep;  // whose staging area `bytes` go to
  std::string_view bytes;           // staged steps: at most kStagingBytes
  std::uint32_t stream = 0;         // raw steps: these bytes of it, from the sink's position on
  std::uint64_t length = 0;
  bool has_header = false;
  LogPositions next{};     // positions afterwards
  LogPositions skipped{};  // counters of skipped bytes afterwards: all of them told
};

// Whose state it is.
struct StepPlace {
  LogTable* table = nullptr;
  std::uint32_t slot = 0;
  LogSinkState* state = nullptr;
};

// Error kDroppedMeanwhile: raw bytes fell out of the ring before they were written; nothing was.
Result<void> CarryOut(const StepPlace& place, const FileStep& step, StepFile* file);

// Every step of any sink that was under way in this file is brought to an end.
Result<void> RecoverSteps(LogTable& table, StepFile* file);
// A step of `place` that was under way in another file than `file`, which stands at `path` now: the old one
// is looked for beside it. What cannot be found out is written again.
Result<void> RecoverElsewhere(const StepPlace& place, const StepFile& file, const std::string& path);

}  // namespace foster
