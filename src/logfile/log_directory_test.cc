// SPDX-License-Identifier: MIT
#include "logfile/log_directory.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "logfile/compress.h"
#include "logfile/native_format.h"
#include "logfile/time_stamp.h"

#include <fcntl.h>

namespace foster {
namespace {

namespace fs = std::filesystem;
constexpr WallNanos kSecond = 1'000'000'000;
constexpr WallNanos kNow = 1795266000 * kSecond;

class Directory {
 public:
  Directory() {
    std::string pattern = (fs::temp_directory_path() / "foster-logs-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Directory() { fs::remove_all(path_); }
  Directory(const Directory&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

  void Write(const std::string& name, const std::string& text, WallNanos changed = kNow) {
    fs::create_directories(fs::path(path_ + "/" + name).parent_path());
    std::ofstream(path_ + "/" + name, std::ios::binary) << text;
    const timespec times[2] = {{changed / kSecond, 0}, {changed / kSecond, 0}};
    REQUIRE(::utimensat(AT_FDCWD, (path_ + "/" + name).c_str(), times, 0) == 0);
  }
  void Pack(const std::string& name, LogCompression how) {
    const std::string to = path_ + "/" + name + std::string(SuffixOf(how));
    UniqueFd in(::open((path_ + "/" + name).c_str(), O_RDONLY | O_CLOEXEC));
    UniqueFd out(::open(to.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    REQUIRE(Compress(in.get(), out.get(), how, [] { return true; }).ok());
    fs::remove(path_ + "/" + name);
  }

 private:
  std::string path_;
};

std::string Text(LogFilesReader* reader) {
  std::string text;
  LogEntry entry;
  while (reader->Next(&entry))
    text += entry.skipped_bytes > 0 ? "(" + std::to_string(entry.skipped_bytes) + ") "
                                    : entry.text + (entry.is_cut ? "\\ " : " ");
  return text;
}

// "web: a b c | db: ..."
std::string All(const Directory& directory) {
  std::string text;
  auto found = FindLogFiles(directory.path());
  REQUIRE(found.ok());
  for (auto& files : *found) {
    text += files.service + (files.stream == 1 ? "!" : "") + ": ";
    LogFilesReader reader(std::move(files));
    text += Text(&reader);
  }
  return text;
}

std::string Native(const std::string& boot, int first, int last, bool with_header = true) {
  std::string text;
  if (with_header) AppendNativeHeader({boot, kNow, "supervisord/web"}, &text);
  for (int i = first; i <= last; ++i) {
    const std::string line = "line " + std::to_string(i);
    FormatLineInput input;
    input.seq = static_cast<std::uint64_t>(i);
    input.wall = kNow + i * kSecond;
    input.mono = i * kSecond;
    input.incarnation = 3;
    input.stream = static_cast<std::uint32_t>(i % 2);
    input.end = static_cast<std::uint64_t>(i) * 10;
    input.text = line;
    AppendNativeLine(input, &text);
  }
  return text;
}

const std::string kBoot = "00112233445566778899aabbccddeeff";
const std::string kOther = "ff112233445566778899aabbccddeeff";

TEST_CASE("files of every naming are found and read in the order of their age") {
  Directory directory;
  directory.Write("web.log", "5\n6");
  directory.Write("web.log.1", "3\n4\n");
  directory.Write("web.log.2", "2\n");
  directory.Write("web.log.10", "1\n");
  directory.Pack("web.log.2", LogCompression::kGzip);
  directory.Write("db-2026-11-21T07-32-35.863.log", "a\n");
  directory.Write("db-2026-11-21T08-32-35.863.log", "b\n");
  directory.Pack("db-2026-11-21T07-32-35.863.log", LogCompression::kZstd);
  directory.Write("db.log", "c\n");
  directory.Write("s6/current", "z\n");
  directory.Write("s6/@400000006b01b0f136ad1f69.s", "x\n");
  directory.Write("s6/@400000006b01b0f236ad1f69.u", "y\n");
  directory.Write("s6/state", "no log\n");
  directory.Write("s6/lock", "");
  directory.Write("api-stdout---supervisor-ab12cd.log", "out\n");
  directory.Write("api-stderr---supervisor-ab12cd.log", "err\n");
  directory.Write("deep/er/stderr.log", "e\n");
  directory.Write("web.log.3.zst.tmp", "half");
  CHECK(All(directory) == "api!: err api: out db: a b c deep/er!: e s6: x y z web: 1 2 3 4 5 6\\ ");
}

TEST_CASE("a directory that is one service's is it") {
  Directory directory;
  directory.Write("current", "a\n");
  const std::string name = fs::path(directory.path()).filename();
  CHECK(All(directory) == name + ": a ");
  CHECK_FALSE(FindLogFiles(directory / "none").ok());
}

TEST_CASE("foster's own files give everything back, over boots and skips") {
  Directory directory;
  std::string text = Native(kBoot, 1, 2);
  AppendNativeSkip({120, "disk full"}, &text);
  directory.Write("x/current.1", text);
  directory.Write("x/current", Native(kBoot, 3, 3) + Native(kOther, 1, 1));
  auto found = FindLogFiles(directory.path());
  REQUIRE(found.ok());
  REQUIRE(found->size() == 1);
  CHECK(found->front().service == "supervisord/web");
  LogFilesReader reader(std::move(found->front()));
  CHECK(Text(&reader) == "line 1 line 2 (120) line 3 line 1 ");
  directory.Pack("x/current.1", LogCompression::kZstd);
  CHECK(All(directory) == "supervisord/web: line 1 line 2 (120) line 3 line 1 ");
  CHECK(BootsIn(FindLogFiles(directory.path())->front()).size() == 2);
}

TEST_CASE("fields of a foster line arrive") {
  Directory directory;
  std::string text = Native(kBoot, 1, 2);
  AppendNativeSkip({120, "disk full"}, &text);
  directory.Write("web.log", text + Native(kOther, 1, 1));
  LogFilesReader reader(FindLogFiles(directory.path())->front());
  LogEntry entry;
  REQUIRE(reader.Next(&entry));
  CHECK(entry.service == "supervisord/web");
  CHECK(entry.seq == 1);
  CHECK(entry.end == 10);
  CHECK(entry.stream == 1);
  CHECK(entry.incarnation == 3);
  CHECK(entry.wall == kNow + kSecond);
  CHECK(entry.mono == kSecond);
  CHECK(entry.boot == kBoot);
  REQUIRE(reader.Next(&entry));
  REQUIRE(reader.Next(&entry));
  CHECK(entry.skipped_bytes == 120);
  CHECK(entry.text == "disk full");
  REQUIRE(reader.Next(&entry));
  CHECK(entry.boot == kOther);
  CHECK_FALSE(reader.Next(&entry));
}

TEST_CASE("the last lines are found from the end, and the older files are left alone") {
  Directory directory;
  std::string big;
  for (int i = 0; i < 100'000; ++i) big += "line " + std::to_string(i) + "\n";
  directory.Write("web.log", big);
  directory.Write("web.log.1", "old 1\nold 2\n");
  directory.Write("web.log.2", "never read\n");
  ::chmod((directory / "web.log.2").c_str(), 0);
  LogFilesReader reader(FindLogFiles(directory.path())->front());
  auto all = [](const LogEntry&) { return true; };
  auto place = reader.FindLast(3, all);
  CHECK(place.file == 2);
  CHECK(place.offset > big.size() - 70'000);
  reader.Seek(place);
  const std::string text = Text(&reader);
  CHECK(text.ends_with("line 99997 line 99998 line 99999 "));
  CHECK(text.size() < 70'000);
  CHECK(reader.FindLast(100'001, all) == LogFilesReader::Place{1, 0});
  auto rare = [](const LogEntry& entry) { return entry.text == "line 7" || entry.text == "old 2"; };
  CHECK(reader.FindLast(1, rare).file == 2);
  CHECK(reader.FindLast(2, rare).file == 1);
  CHECK(reader.FindLast(3, rare).file == 0);
  CHECK(reader.FindLast(0, all).file == 3);
}

TEST_CASE("a search from the end counts each line once, whatever the lines' lengths") {
  Directory directory;
  for (std::size_t length : {0u, 1u, 100u, 65'535u, 65'536u, 200'000u}) {
    std::string text;
    for (int i = 0; i < 20; ++i) text += std::string(length, 'x') + std::to_string(i) + "\n";
    directory.Write("web.log", text);
    LogFilesReader reader(FindLogFiles(directory.path())->front());
    std::size_t ends = 0;
    auto wanted = [&](const LogEntry& entry) { return !entry.is_cut; };
    reader.Seek(reader.FindLast(7, wanted));
    LogEntry entry;
    std::string last;
    while (reader.Next(&entry))
      if (!entry.is_cut) {
        ++ends;
        last = entry.text.substr(entry.text.find_last_of('x') + 1);
      }
    CHECK(ends >= 7);
    CHECK(ends <= 20);
    CHECK(last == "19");
  }
}

TEST_CASE("a place in the middle of a foster file knows its boot") {
  Directory directory;
  directory.Write("web.log", Native(kBoot, 1, 30'000) + Native(kOther, 1, 30'000));
  LogFilesReader reader(FindLogFiles(directory.path())->front());
  for (const std::string& boot : {kOther, kBoot}) {
    auto wanted = [&](const LogEntry& entry) { return entry.boot == boot && entry.seq == 20'000; };
    reader.Seek(reader.FindLast(1, wanted));
    LogEntry entry;
    bool seen = false;
    while (!seen && reader.Next(&entry)) seen = wanted(entry);
    CHECK(seen);
  }
}

TEST_CASE("since is found without reading what is older") {
  Directory directory;
  directory.Write("web.log.2", "old\n", kNow - 100 * kSecond);
  directory.Write("web.log.1", "old\n", kNow - 50 * kSecond);
  directory.Write("web.log", Native(kBoot, 1, 60'000), kNow + 60'000 * kSecond);
  LogFilesReader reader(FindLogFiles(directory.path())->front());
  for (int first : {1, 2, 777, 30'000, 59'999}) {
    const auto place = reader.FindSince(kNow + first * kSecond);
    CHECK(place.file == 2);
    reader.Seek(place);
    LogEntry entry;
    std::uint64_t lines = 0;
    REQUIRE(reader.Next(&entry));
    CHECK(entry.seq <= static_cast<std::uint64_t>(first));
    while (entry.seq < static_cast<std::uint64_t>(first) && reader.Next(&entry)) ++lines;
    CHECK(entry.seq == static_cast<std::uint64_t>(first));
    CHECK(lines < 10'000);
  }
  CHECK(reader.FindSince(kNow - 70 * kSecond).file == 1);
}

TEST_CASE("what is damaged is told, and what can be read is read") {
  Directory directory;
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i * 7919 % 65'537) + "\n";
  directory.Write("web.log.1", text);
  directory.Pack("web.log.1", LogCompression::kZstd);
  fs::resize_file(directory / "web.log.1.zst", fs::file_size(directory / "web.log.1.zst") - 100);
  directory.Write("web.log", std::string("a\0b\n\xff\n", 6));
  LogFilesReader reader(FindLogFiles(directory.path())->front());
  std::size_t count = 0;
  LogEntry entry;
  std::vector<std::string> last;
  while (reader.Next(&entry)) {
    ++count;
    last.push_back(entry.text);
  }
  CHECK(last[last.size() - 2] == std::string("a\0b", 3));
  CHECK(last.back() == "\xff");
  REQUIRE(reader.problems().size() == 1);
  CHECK(reader.problems()[0].find("web.log.1.zst: ") != std::string::npos);
}

TEST_CASE("a line without end comes in pieces") {
  Directory directory;
  directory.Write("web.log", std::string(10'000'000, 'x'));
  LogFilesReader reader(FindLogFiles(directory.path())->front());
  LogEntry entry;
  std::size_t size = 0;
  bool first = true;
  while (reader.Next(&entry)) {
    CHECK(entry.is_continued == !first);
    CHECK(entry.is_cut);
    CHECK(entry.text.size() <= kLogLineMost + 4096);
    size += entry.text.size();
    first = false;
  }
  CHECK(size == 10'000'000);
}

}  // namespace
}  // namespace foster
