// SPDX-License-Identifier: MIT
// S6Rig: an S6Sink with a slot, pipes and a folder of its own, for tests. Not: a thread (Sink::Work is called
// by the test). Called by: s6_sink_test, s6_peer_test. Invariant: a sink may be made anew as after a kill.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "logd/s6_sink.h"
#include "logd/stream.h"
#include "sys/clock.h"

namespace foster {

namespace fs = std::filesystem;

inline std::string Slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

// A directory of its own, a slot with pipes, and a sink that may be made anew as after a kill of logd.
struct S6Rig {
  fs::path base;
  LogTable table = std::move(LogTable::Create().value());
  std::uint32_t slot = static_cast<std::uint32_t>(table.Allocate("w/web"));
  Stream streams[kLogStreams];
  UniqueFd writers[kLogStreams];
  LogSpec log;
  LogSink spec;
  Mailbox mail;
  std::unique_ptr<S6Sink> sink;

  explicit S6Rig(const std::string& script) {
    char name[] = "/tmp/foster-s6-XXXXXX";
    base = mkdtemp(name);
    for (std::uint32_t i = 0; i < kLogStreams; ++i) {
      int ends[2];
      REQUIRE(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
      streams[i].slot = slot;
      streams[i].stream = i;
      streams[i].pipe.Reset(ends[0]);
      writers[i].Reset(ends[1]);
    }
    spec.kind = LogSinkKind::kS6;
    spec.target = script;
    for (std::size_t at; (at = spec.target.find('%')) != std::string::npos;)
      spec.target.replace(at, 1, base.string());
  }
  ~S6Rig() {
    sink.reset();
    fs::remove_all(base);
  }
  LogSinkState& state() { return table.header().slots[slot].sinks[0]; }
  void Make() {
    sink.reset();
    SinkPlace place;
    place.table = &table;
    place.slot = slot;
    place.service = "w/web";
    place.spec = spec;
    place.log = log;
    place.mail = &mail;
    sink = std::make_unique<S6Sink>(std::move(place));
  }
  void Write(std::string_view text, std::uint32_t stream = 0) {
    while (!text.empty()) {
      const std::string_view piece = text.substr(0, 50000);
      REQUIRE(write(writers[stream].get(), piece.data(), piece.size()) == static_cast<ssize_t>(piece.size()));
      REQUIRE(FillFromPipe(table, streams[stream], 65536) == Fill::kMoved);
      text.remove_prefix(piece.size());
    }
  }
  Sink::Turn TurnAt(MonoTime now) const {
    Sink::Turn turn;
    turn.now = now;
    return turn;
  }
  // Until it asks for no more.
  MonoTime Work(bool is_ending = false, bool flush = false, MonoTime now = MonoNow()) {
    Sink::Turn turn = TurnAt(now);
    turn.is_ending = is_ending;
    turn.flush = flush;
    MonoTime due = turn.now;
    for (int i = 0; i < 100'000 && due <= turn.now; ++i) due = sink->Work(turn);
    return due;
  }
  std::vector<std::string> Archives(const std::string& name, char suffix) const {
    std::vector<std::string> names;
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(base / name, missing)) {
      const std::string file = entry.path().filename();
      if (IsS6Archive(file) && file.back() == suffix) names.push_back(file);
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  // Everything that is in a directory, the oldest first.
  std::string All(const std::string& name) const {
    std::vector<std::string> names = Archives(name, 's');
    for (const std::string& one : Archives(name, 'u')) names.push_back(one);
    std::sort(names.begin(), names.end());
    std::string all;
    for (const std::string& one : names) all += Slurp(base / name / one);
    return all + Slurp(base / name / "previous") + Slurp(base / name / "current");
  }
};

inline std::string Numbered(int from, int to) {
  std::string lines;
  for (int i = from; i < to; ++i) lines += "line " + std::to_string(i) + " of the test\n";
  return lines;
}

inline mode_t ModeOf(const fs::path& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
}

}  // namespace foster
