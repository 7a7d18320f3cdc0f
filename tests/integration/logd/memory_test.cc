// SPDX-License-Identifier: MIT
// What logd takes beside the rings while a hundred services flood every kind of place on a disk: its own
// memory and all blocks of the two shared ones are counted.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>

#include "rig.h"

namespace foster {
namespace {

constexpr int kCount = 100;
constexpr int kLines = 4000;                                      // of each; 100 bytes
[[maybe_unused]] constexpr std::uint64_t kMostBeside = 4u << 20;  // not under AddressSanitizer

std::uint64_t BlocksOf(int fd) {
  struct stat status {};
  REQUIRE(fstat(fd, &status) == 0);
  return static_cast<std::uint64_t>(status.st_blocks) * 512;
}

// One place: a file of some format, or a logging script.
LogSpec SpecOf(const std::string& path, int i) {
  constexpr LogFormat kFormats[] = {LogFormat::kRaw, LogFormat::kIso, LogFormat::kFoster};
  LogSpec spec;
  spec.console = false;
  spec.ring_bytes = kLeastRingBytes;
  LogSink sink;
  sink.kind = i % 4 == 3 ? LogSinkKind::kS6 : LogSinkKind::kFile;
  sink.target = i % 4 == 3 ? "s100000 " + path : path;
  if (i % 4 != 3) sink.format = kFormats[i % 4];
  spec.sinks.push_back(sink);
  return spec;
}

TEST_CASE("a hundred floods into files and directories keep no more than their rings and four megabytes") {
  Rig rig;
  for (int i = 0; i < kCount; ++i) {
    rig.AddService("s" + std::to_string(i));
    rig.Configure(i, SpecOf(rig.directory() + "/s" + std::to_string(i), i));
  }
  RigPipe out = MakePipe();
  rig.StartLogd(out.write.get());
  std::vector<pid_t> writers;
  for (int w = 0; w < 4; ++w)
    writers.push_back(rig.Fork([&] {
      std::string text;
      for (int n = 0; n < 20; ++n) text += std::string(99, 'x') + "\n";
      for (int n = 0; n < kLines / 20; ++n)
        for (int i = w; i < kCount; i += 4)
          if (!WriteAll(rig.pipe(i, static_cast<std::uint32_t>(n % 2)).write.get(), text)) _exit(1);
    }));
  // Pages that the fork has in common with this program are this program's.
  const auto own = [&]() -> std::uint64_t {
    const std::string status = ReadFile("/proc/" + std::to_string(rig.logd()) + "/smaps_rollup");
    return std::strtoull(status.c_str() + status.find("Private_Dirty:") + 14, nullptr, 10) * 1024;
  };
  std::uint64_t most = 0;
  std::uint64_t most_shared = 0;
  const auto look = [&] {
    const std::uint64_t shared = BlocksOf(rig.table().arena_fd()) + BlocksOf(rig.table().table_fd());
    most = std::max(most, shared + own());
    most_shared = std::max(most_shared, shared);
  };
  REQUIRE(rig.Until([&] {
    look();
    return std::all_of(writers.begin(), writers.end(), [&](pid_t writer) { return rig.HasEnded(writer); });
  }));
  for (pid_t writer : writers) CHECK(rig.Join(writer));
  const auto has_all = [&](int i) {
    const LogSinkState& sink = rig.table().header().slots[i].sinks[0];
    return sink.position[0].load() + sink.position[1].load() == kLines * 100;
  };
  REQUIRE(rig.Until([&] {
    look();
    for (int i = 0; i < kCount; ++i)
      if (!has_all(i)) return false;
    return true;
  }));
  const std::uint64_t rings = 2ull * kCount * kLeastRingBytes;
  std::printf("100 floods into files: at most %.1f MB, %.1f MB of it shared (rings: %.1f MB)\n",
              static_cast<double>(most) / 1e6, static_cast<double>(most_shared) / 1e6,
              static_cast<double>(rings) / 1e6);
#ifndef FOSTER_SANITIZED  // AddressSanitizer keeps freed memory and a shadow of all
  CHECK(most <= rings + kMostBeside);
#endif
  CHECK(rig.EndLogd() == 0);
}

}  // namespace
}  // namespace foster
