// SPDX-License-Identifier: MIT
// LogRig: a log table with one service whose pipes the test writes to, and a directory of the test's own.
// Not: a logd (nothing is moved unless Feed is called). Called by: tests of sinks. Invariants: the directory
// goes with the rig; what is fed is in the arena when Feed returns.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "logd/sink.h"
#include "logd/stream.h"

namespace foster {

class LogRig {
 public:
  LogRig() : table_(std::move(*LogTable::Create())) {
    char name[] = "/tmp/foster-log-rig-XXXXXX";
    directory_ = mkdtemp(name);
    slot_ = static_cast<std::uint32_t>(table_.Allocate("web"));
    for (std::uint32_t i = 0; i < kLogStreams; ++i) {
      int ends[2];
      if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw std::runtime_error("no pipe");
      streams_[i].slot = slot_;
      streams_[i].stream = i;
      streams_[i].pipe.Reset(ends[0]);
      writers_[i].Reset(ends[1]);
      TakeUp(table_, streams_[i]);
    }
  }
  ~LogRig() { std::filesystem::remove_all(directory_); }
  LogRig(const LogRig&) = delete;
  LogRig& operator=(const LogRig&) = delete;

  LogTable& table() { return table_; }
  LogSlot& slot() { return table_.header().slots[slot_]; }
  LogSinkState& state() { return slot().sinks[0]; }
  const std::string& directory() const { return directory_; }
  std::string Path(std::string_view name) const { return directory_ + "/" + std::string(name); }

  void Feed(std::string_view bytes, std::uint32_t stream = 0) {
    constexpr std::size_t kPiece = 32 * 1024;  // less than a pipe holds
    while (!bytes.empty()) {
      const std::string_view piece = bytes.substr(0, kPiece);
      if (write(writers_[stream].get(), piece.data(), piece.size()) != static_cast<ssize_t>(piece.size()))
        throw std::runtime_error("cannot write to the pipe");
      while (FillFromPipe(table_, streams_[stream], kPiece) == Fill::kMoved) continue;
      bytes.remove_prefix(piece.size());
    }
  }
  // As the ring does: what lies before `position` is gone.
  void Drop(std::uint64_t position, std::uint32_t stream = 0) {
    slot().streams[stream].tail.store(position);
    const auto whole = static_cast<std::int64_t>(position & ~std::uint64_t{4095});
    if (whole > 0)
      (void)fallocate(table_.arena_fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, ArenaBase(slot_, stream),
                      whole);
  }
  SinkPlace Place(LogSink spec) {
    SinkPlace place;
    place.table = &table_;
    place.slot = slot_;
    place.service = "web";
    place.spec = std::move(spec);
    place.log.full_disk = LogFullDisk::kSkip;
    return place;
  }

 private:
  LogTable table_;
  std::string directory_;
  std::uint32_t slot_ = 0;
  std::array<Stream, kLogStreams> streams_;
  std::array<UniqueFd, kLogStreams> writers_;
};

// "(none)" for a file that is not there.
inline std::string ContentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return "(none)";
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

inline void Put(const std::string& path, std::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
}

}  // namespace foster
