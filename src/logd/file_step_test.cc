// SPDX-License-Identifier: MIT
#include "logd/file_step.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "log_rig.h"

namespace foster {
namespace {

// A file with "old\n" in it, and a way to stand as if a logd had been killed in the middle of a step.
struct Bench {
  LogRig rig;
  std::string path = rig.Path("web.log");
  UniqueFd fd;
  StepFile file;

  Bench() {
    Put(path, "old\n");
    Open();
  }
  void Open() {
    fd.Reset(open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644));
    struct stat status {};
    REQUIRE(fstat(fd.get(), &status) == 0);
    file.fd = fd.get();
    file.device = status.st_dev;
    file.inode = status.st_ino;
    file.size = static_cast<std::uint64_t>(status.st_size);
  }
  StepPlace Place() { return {&rig.table(), 0, &rig.state()}; }
  FileStep Staged(std::string_view bytes, std::uint64_t next) const {
    FileStep step;
    step.writer = kWarmWriters - 1;  // what it staged is still there when the test interrupts it
    step.bytes = bytes;
    step.length = bytes.size();
    step.next = {next, 0};
    step.skipped = {7, 0};
    return step;
  }
  FileStep Raw(std::uint64_t length) const {
    FileStep step;
    step.length = length;
    step.next = {length, 0};
    return step;
  }
  // Carries the step out, then puts back what only the end of it would have changed; `content` is the file's.
  void Interrupt(const FileStep& step, const std::string& content) {
    REQUIRE(CarryOut(Place(), step, &file).ok());
    LogSinkState& state = rig.state();
    for (auto& position : state.position) position.store(0);
    for (auto& skipped : state.skipped) skipped.store(0);
    for (auto& told : state.skipped_told) told.store(0);
    state.step_valid.store(1);
    Put(path, content);  // the same inode
    Open();
  }
  bool IsOpenStep() { return rig.state().step_valid.load() != 0; }
  std::uint64_t Position() { return rig.state().position[0].load(); }
};

TEST_CASE("a step appends and moves the position and the counters") {
  Bench b;
  REQUIRE(CarryOut(b.Place(), b.Staged("one\ntwo\n", 88), &b.file).ok());
  CHECK(ContentOf(b.path) == "old\none\ntwo\n");
  CHECK(b.file.size == 12);
  CHECK(b.Position() == 88);
  CHECK(b.rig.state().skipped[0].load() == 7);
  CHECK(b.rig.state().skipped_told[0].load() == 7);
  CHECK_FALSE(b.IsOpenStep());
}

TEST_CASE("only some writers keep their staging area") {
  Bench b;
  FileStep step = b.Staged("one\ntwo\n", 8);
  char byte = 0;
  for (const std::uint32_t writer : {kWarmWriters - 1, kWarmWriters}) {
    step.writer = writer;
    REQUIRE(CarryOut(b.Place(), step, &b.file).ok());
    REQUIRE(pread(b.rig.table().arena_fd(), &byte, 1, StagingBase(writer)) == 1);
    CHECK(byte == (writer < kWarmWriters ? 'o' : '\0'));
  }
  CHECK(ContentOf(b.path) == "old\none\ntwo\none\ntwo\n");
}

TEST_CASE("raw steps of any size come out of the arena") {
  Bench b;
  std::string text;
  for (int i = 0; text.size() < 700'000; ++i) text += "line " + std::to_string(i) + "\n";
  b.rig.Feed(text);
  FileStep step = b.Raw(5);
  REQUIRE(CarryOut(b.Place(), step, &b.file).ok());
  step.length = text.size() - 5;
  step.next = {text.size(), 0};
  REQUIRE(CarryOut(b.Place(), step, &b.file).ok());
  CHECK(ContentOf(b.path) == "old\n" + text);
}

TEST_CASE("a step that was not begun, half done or done is brought to its end") {
  for (const std::string done : {"", "o", "one\ntw", "one\ntwo\n"}) {
    for (bool is_raw : {false, true}) {
      Bench b;
      b.rig.Feed("one\ntwo\n");
      b.Interrupt(is_raw ? b.Raw(8) : b.Staged("one\ntwo\n", 8), "old\n" + done);
      REQUIRE(RecoverSteps(b.rig.table(), &b.file).ok());
      CHECK_FALSE(b.IsOpenStep());
      // What was not begun is left to be written anew.
      CHECK(b.Position() == (done.empty() ? 0 : 8));
      CHECK(ContentOf(b.path) == (done.empty() ? "old\n" : "old\none\ntwo\n"));
      CHECK(b.file.size == ContentOf(b.path).size());
    }
  }
}

TEST_CASE("half a step whose bytes are gone is taken back") {
  Bench staged;
  staged.Interrupt(staged.Staged("one\ntwo\n", 8), "old\none\nt");
  REQUIRE(pwrite(staged.rig.table().arena_fd(), "other", 5, StagingBase(kWarmWriters - 1)) == 5);
  REQUIRE(RecoverSteps(staged.rig.table(), &staged.file).ok());
  CHECK(ContentOf(staged.path) == "old\n");
  CHECK(staged.Position() == 0);
  Bench raw;
  raw.rig.Feed("one\ntwo\n");
  raw.Interrupt(raw.Raw(8), "old\none\nt");
  raw.rig.Drop(8);
  REQUIRE(RecoverSteps(raw.rig.table(), &raw.file).ok());
  CHECK(ContentOf(raw.path) == "old\n");
  CHECK_FALSE(raw.IsOpenStep());
}

TEST_CASE("a file that others emptied or wrote to is judged by its content") {
  const std::string step = "one\ntwo\n";
  Bench emptied;
  emptied.Interrupt(emptied.Staged(step, 8), "");
  REQUIRE(RecoverSteps(emptied.rig.table(), &emptied.file).ok());
  CHECK(emptied.Position() == 0);  // written again
  Bench behind;
  behind.Interrupt(behind.Staged(step, 8), "old\n" + step + "theirs, which is longer\n");
  REQUIRE(RecoverSteps(behind.rig.table(), &behind.file).ok());
  CHECK(behind.Position() == 8);
  Bench moved;
  Put(moved.path, std::string(100, 'x') + "\n");
  moved.Open();
  moved.Interrupt(moved.Staged(step, 8), step);  // emptied, then written
  REQUIRE(RecoverSteps(moved.rig.table(), &moved.file).ok());
  CHECK(moved.Position() == 8);
  CHECK(ContentOf(moved.path) == step);
}

TEST_CASE("a step in a file that was renamed meanwhile is completed there") {
  Bench b;
  b.Interrupt(b.Staged("one\ntwo\n", 8), "old\none\n");
  REQUIRE(rename(b.path.c_str(), b.rig.Path("web.log-20261121").c_str()) == 0);
  b.Open();
  REQUIRE(RecoverSteps(b.rig.table(), &b.file).ok());
  CHECK(b.IsOpenStep());  // not in this one
  REQUIRE(RecoverElsewhere(b.Place(), b.file, b.path).ok());
  CHECK_FALSE(b.IsOpenStep());
  CHECK(b.Position() == 8);
  CHECK(ContentOf(b.rig.Path("web.log-20261121")) == "old\none\ntwo\n");
  CHECK(ContentOf(b.path).empty());
}

TEST_CASE("a step in a file that is gone is written again") {
  Bench b;
  b.Interrupt(b.Staged("one\ntwo\n", 8), "old\none\n");
  REQUIRE(unlink(b.path.c_str()) == 0);
  b.Open();
  REQUIRE(RecoverElsewhere(b.Place(), b.file, b.path).ok());
  CHECK_FALSE(b.IsOpenStep());
  CHECK(b.Position() == 0);
}

TEST_CASE("what a full disk took of a step is taken back") {
  Bench b;
  const rlimit before = [] {
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    return limit;
  }();
  signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 9;  // half of the step fits. (The arena's memory has no such limit.)
  b.rig.Feed("one\ntwo\n");
  REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto result = CarryOut(b.Place(), b.Raw(8), &b.file);
  REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code() == EFBIG);
  CHECK(ContentOf(b.path) == "old\n");
  CHECK_FALSE(b.IsOpenStep());
  CHECK(b.Position() == 0);
  REQUIRE(CarryOut(b.Place(), b.Raw(8), &b.file).ok());
  CHECK(ContentOf(b.path) == "old\none\ntwo\n");
}

TEST_CASE("raw bytes that fell out of the ring are not written as zeros") {
  Bench b;
  b.rig.Feed(std::string(600'000, 'x') + "\n");
  for (std::uint64_t length : {std::uint64_t{1000}, std::uint64_t{600'001}}) {
    b.rig.Drop(500);
    const auto result = CarryOut(b.Place(), b.Raw(length), &b.file);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code() == kDroppedMeanwhile);
    CHECK(ContentOf(b.path) == "old\n");
    CHECK_FALSE(b.IsOpenStep());
  }
}

TEST_CASE("a pipe's step goes on where its reader has got to") {
  Bench b;
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  StepFile file;
  file.fd = writer.get();
  file.is_regular = false;
  file.inode = 42;
  REQUIRE(CarryOut(b.Place(), b.Staged("one\ntwo\n", 8), &file).ok());
  b.rig.state().step_valid.store(1);
  b.rig.state().step_size_before = -1 - 4;  // "one\n" was written
  REQUIRE(RecoverSteps(b.rig.table(), &file).ok());
  char text[32] = {};
  REQUIRE(read(reader.get(), text, sizeof(text)) == 12);
  CHECK(std::string(text) == "one\ntwo\ntwo\n");
}

}  // namespace
}  // namespace foster
