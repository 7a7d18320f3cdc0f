// SPDX-License-Identifier: MIT
// FileSink's rotations, with archives and their compression.
#include <fcntl.h>

#include <catch2/catch.hpp>

#include "file_sink_rig.h"
#include "logfile/archive_name.h"
#include "logfile/compress.h"

namespace foster {
namespace {

TEST_CASE("a file is rotated once it is full, by one line too much at most") {
  for (LogFormat format : {LogFormat::kRaw, LogFormat::kTai64n}) {
    LogRig rig;
    LogSink spec = To(rig.Path("web.log"));
    spec.format = format;
    spec.rotation.max_bytes = 100;
    spec.rotation.backups = 3;
    FileSink sink(rig.Place(spec));
    std::string text;
    for (int i = 0; i < 100; ++i) text += "line " + std::to_string(i) + "\n";
    rig.Feed(text);
    (void)Settle(sink);
    for (int i = 1; i <= 3; ++i) {
      const std::size_t size = ContentOf(rig.Path("web.log." + std::to_string(i))).size();
      CHECK(size >= 100);
      CHECK(size < 140);
    }
    CHECK(ContentOf(rig.Path("web.log.4")) == "(none)");
    CHECK(rig.state().rotations.load() >= 7);
  }
}

TEST_CASE("a file without backups is emptied in its place") {
  LogRig rig;
  LogSink spec = To(rig.Path("web.log"));
  spec.rotation.max_bytes = 10;
  spec.rotation.backups = 0;
  FileSink sink(rig.Place(spec));
  rig.Feed("0123456789\nrest\n");
  (void)Settle(sink);
  CHECK(ContentOf(spec.target) == "rest\n");
  CHECK(ContentOf(rig.Path("web.log.1")) == "(none)");
}

TEST_CASE("a file is rotated on request and by time") {
  LogRig rig;
  LogSink spec = To(rig.Path("web.log"));
  FileSink sink(rig.Place(spec));
  sink.Rotate();
  (void)Settle(sink);
  CHECK(ContentOf(rig.Path("web.log.1")) == "(none)");  // it was empty
  rig.Feed("one\n");
  (void)Settle(sink);
  sink.Rotate();
  (void)Settle(sink);
  CHECK(ContentOf(rig.Path("web.log.1")) == "one\n");
  CHECK(ContentOf(spec.target).empty());

  LogRig timed;
  spec = To(timed.Path("web.log"));
  spec.rotation.every = Millis(500);
  FileSink clock(timed.Place(spec));
  CHECK(Settle(clock) == kNoDeadline);  // an empty file has no turn
  timed.Feed("one\n");
  const MonoTime due = Settle(clock);
  CHECK(due <= MonoNow() + Millis(500));
  CHECK(WorkUntil(clock, [&] { return ContentOf(timed.Path("web.log.1")) == "one\n"; }));
  CHECK(MonoNow() + Millis(2) >= due);
}

TEST_CASE("a rotation that fails does not keep lines from being written") {
  LogRig rig;
  LogSink spec = To(rig.Path("web.log"));
  spec.rotation.max_bytes = 10;
  std::filesystem::create_directories(rig.Path("web.log.1/in the way"));
  FileSink sink(rig.Place(spec));
  rig.Feed("0123456789\nmore\n");
  const MonoTime due = Settle(sink);
  CHECK(ContentOf(spec.target) == "0123456789\nmore\n");
  CHECK(rig.state().last_error.load() != 0);
  CHECK(due > MonoNow());
  CHECK(due != kNoDeadline);
}

TEST_CASE("archives are compressed behind the writer's back") {
  for (LogCompression how : {LogCompression::kGzip, LogCompression::kZstd}) {
    LogRig rig;
    LogSink spec = To(rig.Path("web.log"));
    spec.rotation.max_bytes = 1000;
    spec.rotation.compression = how;
    FileSink sink(rig.Place(spec));
    std::string text;
    for (int i = 0; i < 400; ++i) text += "line " + std::to_string(i) + "\n";
    rig.Feed(text);
    REQUIRE(WorkUntil(sink, [&] { return sink.IsAtRest(); }));
    const auto archives = ListArchives(spec.target, {std::nullopt, true, true});
    REQUIRE(archives->size() == 3);
    std::string all;
    for (const Archive& archive : *archives) {
      CHECK(archive.name.compression == how);
      CHECK(ModeOf(archive.path) == 0644);
      auto reader = ArchiveReader::Open(UniqueFd(open(archive.path.c_str(), O_RDONLY | O_CLOEXEC)));
      char piece[4096];
      for (auto got = reader->Read(piece, sizeof(piece)); *got > 0; got = reader->Read(piece, sizeof(piece)))
        all.append(piece, *got);
    }
    CHECK(all + ContentOf(spec.target) == text);
  }
}

TEST_CASE("s6's files say by their mode how they were closed") {
  LogRig rig;
  LogSink spec = To(rig.Path("current"));
  spec.rotation.naming = LogNaming::kTai64n;
  spec.rotation.max_bytes = 10;
  {
    FileSink sink(rig.Place(spec));
    rig.Feed("0123456789\nrest\n");
    (void)Settle(sink);
    CHECK(ModeOf(spec.target) == 0644);
    CHECK(ModeOf(ListArchives(spec.target, {})->at(0).path) == 0744);
    (void)Settle(sink, false, true);
    CHECK(ModeOf(spec.target) == 0744);
  }
  FileSink next(rig.Place(spec));
  (void)Settle(next);
  CHECK(ModeOf(spec.target) == 0644);
}

}  // namespace
}  // namespace foster
