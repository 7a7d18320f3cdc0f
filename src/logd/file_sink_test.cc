// SPDX-License-Identifier: MIT
#include "logd/file_sink.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "file_sink_rig.h"
#include "logfile/native_format.h"

namespace foster {
namespace {

TEST_CASE("lines go into a file that is made with its directories") {
  LogRig rig;
  LogSink spec = To(rig.Path("a/b/web.log"));
  spec.mode = 0640;
  FileSink sink(rig.Place(spec));
  CHECK(Settle(sink) == kNoDeadline);
  CHECK(ContentOf(spec.target).empty());
  rig.Feed("one\ntwo\nthr");
  CHECK(Settle(sink) == kNoDeadline);
  CHECK(ContentOf(spec.target) == "one\ntwo\n");
  CHECK(ModeOf(spec.target) == 0640);
  CHECK(ModeOf(rig.Path("a/b")) == 0755);
  CHECK(rig.state().size.load() == 8);
  CHECK(rig.state().written.load() == 8);
  CHECK(HealthOf(rig) == LogSinkHealth::kGood);
  (void)Settle(sink, true);
  rig.Feed("ee\n");
  (void)Settle(sink);
  CHECK(ContentOf(spec.target) == "one\ntwo\nthree\n");
}

TEST_CASE("a line that finds no room any more is the first of the next step") {
  LogRig rig;
  LogSink spec = To(rig.Path("web.log"));
  spec.format = LogFormat::kFoster;
  FileSink sink(rig.Place(spec));
  constexpr int kLines = 20000;  // several staging areas, all short: each grows fivefold
  std::string text;
  for (int i = 1; i <= kLines; ++i) text += "line " + std::to_string(i) + "\n";
  rig.Feed(text);
  (void)Settle(sink);
  const std::string content = ContentOf(spec.target);
  std::size_t at = 0;
  for (int i = 1; i <= kLines; ++i) {
    at = content.find(" line " + std::to_string(i) + "\n", at);
    INFO(i);
    REQUIRE(at != std::string::npos);
  }
}

TEST_CASE("two streams keep their order and end each other's rests") {
  LogRig rig;
  LogSink spec = To(rig.Path("web.log"));
  spec.takes_err = true;
  FileSink sink(rig.Place(spec));
  rig.Feed("out 1\n", 0);
  rig.Feed("err 1\n", 1);
  rig.Feed("out 2\n", 0);
  (void)Settle(sink);
  rig.Feed("err alone\n", 1);
  (void)Settle(sink);
  rig.Feed("half", 0);
  (void)Settle(sink, true);
  rig.Feed("err 2\n", 1);
  (void)Settle(sink);
  rig.Feed(" of it\n", 0);
  (void)Settle(sink);
  CHECK(ContentOf(spec.target) == "out 1\nerr 1\nout 2\nerr alone\nhalf\nerr 2\n of it\n");
}

TEST_CASE("a rest of an earlier logd goes on, one of an earlier boot ends") {
  LogRig rig;
  const LogSink spec = To(rig.Path("web.log"));
  Put(spec.target, "old rest");
  {
    FileSink sink(rig.Place(spec));
    rig.Feed("new");
    (void)Settle(sink, true);
  }
  FileSink sink(rig.Place(spec));
  rig.Feed(" line\n");
  (void)Settle(sink);
  CHECK(ContentOf(spec.target) == "old rest\nnew line\n");
}

TEST_CASE("lines are formatted, cleaned and redacted") {
  LogRig rig;
  LogSink spec = To(rig.Path("web.log"));
  spec.format = LogFormat::kTai64n;
  spec.strip_ansi = true;
  SinkPlace place = rig.Place(spec);
  place.redactor = Redactor({"hunter22"});
  FileSink sink(place);
  rig.Feed("\x1b[31mpass hun\x1b[0mter22\x1b[m\nplain\n");
  (void)Settle(sink);
  const std::string content = ContentOf(spec.target);
  REQUIRE(content.size() == 2 * 26 + std::string("pass [redacted]\nplain\n").size());
  CHECK(content[0] == '@');
  CHECK(content.substr(26, 16) == "pass [redacted]\n");
  CHECK(rig.state().lines.load() == 2);
}

TEST_CASE("foster's own format begins each file, and each boot, with a header") {
  LogRig rig;
  LogSink spec = To(rig.Path("web.log"));
  spec.format = LogFormat::kFoster;
  spec.rotation.max_bytes = 200;
  {
    FileSink sink(rig.Place(spec));
    rig.Feed("one\n");
    (void)Settle(sink);
    FileSink again(rig.Place(spec));
    rig.Feed("two\n");
    (void)Settle(again);
    rig.Feed("three\n");
    (void)Settle(again);
  }
  const auto count = [](const std::string& path) {
    const std::string content = ContentOf(path);
    std::size_t headers = 0;
    for (std::size_t at = 0; (at = content.find(kNativeHeaderStart, at)) != std::string::npos; ++at)
      ++headers;
    CHECK((content.empty() || content.compare(0, kNativeHeaderStart.size(), kNativeHeaderStart) == 0));
    return headers;
  };
  CHECK(count(rig.Path("web.log.1")) == 1);
  CHECK(count(spec.target) == 1);
  rig.state().flags.store(0);  // another boot
  FileSink sink(rig.Place(spec));
  rig.Feed("4\n");
  (void)Settle(sink);
  CHECK(count(rig.Path("web.log.2")) == 1);
  CHECK(count(spec.target) + count(rig.Path("web.log.1")) == 2);
}

TEST_CASE("a file that others renamed, removed or emptied is noticed") {
  LogRig rig;
  const LogSink spec = To(rig.Path("web.log"));
  FileSink sink(rig.Place(spec));
  rig.Feed("one\n");
  (void)Settle(sink);
  REQUIRE(rename(spec.target.c_str(), rig.Path("moved").c_str()) == 0);
  rig.Feed("two\n");
  (void)Settle(sink);
  CHECK(ContentOf(rig.Path("moved")) == "one\n");
  CHECK(ContentOf(spec.target) == "two\n");
  REQUIRE(unlink(spec.target.c_str()) == 0);
  rig.Feed("three\n");
  (void)Settle(sink);
  CHECK(ContentOf(spec.target) == "three\n");
  Put(spec.target, "");
  rig.Feed("four\n");
  (void)Settle(sink);
  CHECK(ContentOf(spec.target) == "four\n");
  sink.Reopen();
  rig.Feed("five\n");
  (void)Settle(sink);
  CHECK(ContentOf(spec.target) == "four\nfive\n");
}

TEST_CASE("two services in one file share it, line by line") {
  LogRig a;
  LogRig b;
  const std::string path = a.Path("both.log");
  std::filesystem::create_symlink(a.directory(), b.Path("link"));
  FileSink first(a.Place(To(path)));
  FileSink second(b.Place(To(b.Path("link/both.log"))));
  CHECK(first.Group() == second.Group());
  CHECK(first.Group().substr(0, 5) == "disk:");
  a.Feed("half of a");
  (void)Settle(first, true);
  b.Feed("b\n");
  (void)Settle(second);
  a.Feed(" goes on\n");
  (void)Settle(first);
  CHECK(ContentOf(path) == "half of a\nb\n goes on\n");
}

TEST_CASE("a step that a killed logd left open is ended before anybody else's line") {
  LogRig a;
  LogSink spec = To(a.Path("both.log"));
  LogSinkState& other = a.slot().sinks[1];
  {
    FileSink sink(a.Place(spec));
    a.Feed("one\n");
    (void)Settle(sink);
  }
  struct stat status {};
  REQUIRE(stat(spec.target.c_str(), &status) == 0);
  Put(spec.target, "one\nerr");  // of the step "err 1\n"
  a.Feed("err 1\n", 1);
  other.step_writer = kRawStep;
  other.step_stream = 1;
  other.step_length = 6;
  other.step_next[1] = 6;
  other.step_size_before = 4;
  other.step_device = status.st_dev;
  other.step_inode = status.st_ino;
  other.step_valid.store(1);
  FileSink sink(a.Place(spec));
  a.Feed("two\n");
  (void)Settle(sink);
  CHECK(ContentOf(spec.target) == "one\nerr 1\ntwo\n");
  CHECK(other.step_valid.load() == 0);
  CHECK(other.position[1].load() == 6);
}

// The process may not make files longer than this, as if the disk were full there.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t size) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit small = before_;
    small.rlim_cur = size;
    REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  }
  ~SmallDisk() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_CASE("a full disk holds nobody up, and what is missing is told of where it is missing") {
  LogRig rig;
  const LogSink spec = To(rig.Path("web.log"));
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "line " + std::to_string(10000 + i) + "\n";  // 11 bytes each
  FileSink sink(rig.Place(spec));
  (void)Settle(sink);
  CHECK(sink.CanBlock());
  rig.Feed(text);
  {
    SmallDisk disk(10000);
    const MonoTime due = Settle(sink);
    CHECK(due <= MonoNow() + Millis(200));
    CHECK(HealthOf(rig) == LogSinkHealth::kFull);
    CHECK(rig.state().last_error.load() == EFBIG);
    CHECK_FALSE(sink.CanBlock());
    CHECK(ContentOf(spec.target).back() == '\n');
    CHECK(ContentOf(spec.target).size() > 5000);
    const MonoTime limit = MonoNow() + Millis(5000);
    while (MonoNow() <= due && MonoNow() < limit) usleep(1000);
    CHECK(Settle(sink) > MonoNow() + Millis(200));  // the delay grows
  }
  const std::string before = ContentOf(spec.target);
  CHECK(text.compare(0, before.size(), before) == 0);
  rig.Drop(1900 * 11);
  REQUIRE(WorkUntil(sink, [&] { return rig.state().position[0].load() == text.size(); }));
  const std::string gap = std::to_string(1900 * 11 - before.size());
  CHECK(ContentOf(spec.target) ==
        before + "foster: " + gap + " bytes skipped: File too large\n" + text.substr(1900 * 11));
  CHECK(std::to_string(rig.state().skipped[0].load()) == gap);
  CHECK(rig.state().skipped_told[0].load() == rig.state().skipped[0].load());
  CHECK(HealthOf(rig) == LogSinkHealth::kGood);
  CHECK(sink.CanBlock());
}

TEST_CASE("who wants nothing to be missing waits for the disk") {
  LogRig rig;
  SinkPlace place = rig.Place(To("/dev/full"));
  place.log.full_disk = LogFullDisk::kWait;
  FileSink sink(place);
  rig.Feed("one\n");
  (void)Settle(sink);
  CHECK(HealthOf(rig) == LogSinkHealth::kFull);
  CHECK(rig.state().last_error.load() == ENOSPC);
  CHECK(sink.CanBlock());
  CHECK(sink.Group() == "file:/dev/full");
}

TEST_CASE("a slow file says what was left out, in its own format") {
  LogRig rig;
  LogSink spec = To(rig.Path("web.log"));
  SinkPlace place = rig.Place(spec);
  place.log.overflow = LogOverflow::kDropOldest;
  FileSink raw(place);
  CHECK_FALSE(raw.CanBlock());
  rig.Feed("gone\nhere\n");
  rig.Drop(5);
  (void)Settle(raw);
  CHECK(ContentOf(spec.target) == "foster: 5 bytes skipped: the file was too slow\nhere\n");
  LogRig other;
  spec = To(other.Path("web.log"));
  spec.format = LogFormat::kFoster;
  FileSink own(other.Place(spec));
  other.Feed("gone\nhere\n");
  other.Drop(5);
  (void)Settle(own);
  CHECK(ContentOf(spec.target).find("\n#skipped 5 the file was too slow\n") != std::string::npos);
}

TEST_CASE("a directory in the file's place is said to be wrong, and looked at again on request") {
  LogRig rig;
  const LogSink spec = To(rig.Path("web.log"));
  std::filesystem::create_directory(spec.target);
  FileSink sink(rig.Place(spec));
  rig.Feed("one\n");
  (void)Settle(sink);
  CHECK(HealthOf(rig) == LogSinkHealth::kBroken);
  CHECK(rig.state().last_error.load() == EISDIR);
  std::filesystem::remove(spec.target);
  sink.Reopen();
  (void)Settle(sink);
  CHECK(HealthOf(rig) == LogSinkHealth::kGood);
  CHECK(ContentOf(spec.target) == "one\n");
}

TEST_CASE("a FIFO gets its lines once somebody reads it, and is never renamed") {
  LogRig rig;
  LogSink spec = To(rig.Path("fifo"));
  spec.rotation.max_bytes = 3;
  REQUIRE(mkfifo(spec.target.c_str(), 0600) == 0);
  FileSink sink(rig.Place(spec));
  CHECK(sink.Group() == "file:" + spec.target);
  rig.Feed("one\ntwo\n");
  (void)Settle(sink);
  CHECK(rig.state().last_error.load() == ENXIO);
  const UniqueFd reader(open(spec.target.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  sink.Reopen();
  sink.Rotate();
  (void)Settle(sink);
  char text[32] = {};
  CHECK(read(reader.get(), text, sizeof(text)) == 8);
  CHECK(std::string(text) == "one\ntwo\n");
  CHECK(ContentOf(rig.Path("fifo.1")) == "(none)");
}

TEST_CASE("a start that somebody asked for begins with an empty file") {
  LogRig rig;
  LogSink spec = To(rig.Path("web.log"));
  spec.truncate_at_start = true;
  FileSink sink(rig.Place(spec));
  rig.Feed("old\n");
  (void)Settle(sink);
  rig.slot().begin[0].store(4);
  rig.Feed("new 1\n");
  (void)Settle(sink);  // before it is told
  sink.StartedAnew();
  rig.Feed("new 2\n");
  (void)Settle(sink);
  CHECK(ContentOf(spec.target) == "new 1\nnew 2\n");
}

TEST_CASE("a line that grows beyond a step comes in pieces, all of it") {
  LogRig rig;
  LogSink spec = To(rig.Path("web.log"));
  spec.format = LogFormat::kJson;
  FileSink sink(rig.Place(spec));
  rig.Feed(std::string(60000, '\x01') + "\nnext\n");
  (void)Settle(sink);
  const std::string content = ContentOf(spec.target);
  std::size_t found = 0;
  for (std::size_t at = 0; (at = content.find("\\u0001", at)) != std::string::npos; ++at) ++found;
  CHECK(found == 60000);
  CHECK(content.find("\"text\":\"next\"") != std::string::npos);
}

}  // namespace
}  // namespace foster
