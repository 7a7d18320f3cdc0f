// SPDX-License-Identifier: MIT
#include "logfile/archive_name.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace foster {
namespace {

constexpr std::int64_t kWall = 1795246355'863392026;  // 2026-11-21T07:32:35.863392026Z

ArchiveName Numbered(std::uint32_t number, LogCompression how = LogCompression::kNone) {
  return {LogNaming::kNumbered, number, 0, how, false};
}
ArchiveName Timed(LogNaming naming, std::int64_t wall, LogCompression how = LogCompression::kNone) {
  return {naming, 0, wall, how, false};
}

TEST_CASE("archives are named as each program names them") {
  CHECK(ArchivePath("/l/web.log", Numbered(3)) == "/l/web.log.3");
  CHECK(ArchivePath("/l/web.log", Numbered(3, LogCompression::kGzip)) == "/l/web.log.3.gz");
  CHECK(ArchivePath("/l/web.log", Timed(LogNaming::kDated, kWall)) == "/l/web-2026-11-21T07-32-35.863.log");
  CHECK(ArchivePath("/l/web", Timed(LogNaming::kDated, kWall, LogCompression::kZstd)) ==
        "/l/web-2026-11-21T07-32-35.863.zst");
  CHECK(ArchivePath("/l/current", Timed(LogNaming::kTai64n, kWall)) == "/l/@400000006b0149383376511a.s");
  ArchiveName unfinished = Numbered(1, LogCompression::kZstd);
  unfinished.is_unfinished = true;
  CHECK(ArchivePath("web.log", unfinished) == "web.log.1.zst.tmp");
}

TEST_CASE("names read back as what they were made of") {
  for (const std::string file : {"/l/web.log", "/l/web", "/l/a.b.gz", "/l/x.1"}) {
    for (LogCompression how : {LogCompression::kNone, LogCompression::kGzip, LogCompression::kZstd}) {
      for (ArchiveName name : {Numbered(1, how), Numbered(1234567, how),
                               Timed(LogNaming::kDated, kWall / 1000000 * 1000000, how),
                               Timed(LogNaming::kTai64n, kWall, how)}) {
        for (bool is_unfinished : {false, true}) {
          name.is_unfinished = is_unfinished;
          if (is_unfinished && how == LogCompression::kNone) continue;
          const std::string path = ArchivePath(file, name);
          INFO(path);
          const auto read = ReadArchiveName(file, BaseOf(path));
          REQUIRE(read);
          CHECK(*read == name);
        }
      }
    }
  }
}

TEST_CASE("other files are nobody's archive") {
  for (const std::string entry : {"web.log",
                                  "web.log.",
                                  "web.log.0",
                                  "web.log.01",
                                  "web.log.1x",
                                  "web.log.1.bz2",
                                  "web.log.1.tmp",
                                  "web.log.gz",
                                  "web.log2.1",
                                  "xweb.log.1",
                                  "web.log.99999999999999999999",
                                  "web-.log",
                                  "web-2026.log",
                                  "web-2026-11-21T07-32-35.863.txt",
                                  "web-2026-11-21T07:32:35.863.log",
                                  "web-2026-13-21T07-32-35.863.log",
                                  "@400000006b0149381.s",
                                  "@400000006b01493833762e9a.u",
                                  "current",
                                  "",
                                  ".tmp",
                                  ".gz"}) {
    INFO(entry);
    CHECK_FALSE(ReadArchiveName("/l/web.log", entry));
  }
}

class Directory {
 public:
  Directory() {
    char name[] = "/tmp/foster-archives-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  void Make(const std::string& name) const { std::ofstream(*this / name) << name; }

 private:
  std::string path_;
};

std::string Names(const Directory& directory, const ListOptions& options) {
  const auto archives = ListArchives(directory / "web.log", options);
  REQUIRE(archives.ok());
  std::string names;
  for (const Archive& archive : *archives) {
    CHECK(archive.size == BaseOf(archive.path).size());
    CHECK(archive.inode != 0);
    CHECK(archive.changed > kWall - kWall / 2);
    names += std::string(BaseOf(archive.path)) + " ";
  }
  return names;
}

TEST_CASE("a directory's archives come the oldest first") {
  Directory directory;
  for (const std::string name : {"web.log", "web.log.1", "web.log.2.gz", "web.log.10", "web.log.3.zst",
                                 "web.log.3", "web.log.1.zst.tmp", "other.log.1",
                                 "web-2026-11-21T07-32-35.863.log", "web-2025-11-21T07-32-35.863.log.gz"})
    directory.Make(name);
  std::filesystem::create_directory(directory / "web.log.4");
  std::filesystem::create_symlink(directory / "web.log.1", directory / "web.log.5");
  CHECK(Names(directory, {LogNaming::kNumbered, false, false}) ==
        "web.log.10 web.log.3.zst web.log.2.gz web.log.1 ");
  CHECK(Names(directory, {LogNaming::kNumbered, true, true}) ==
        "web.log.10 web.log.3.zst web.log.3 web.log.2.gz web.log.1.zst.tmp web.log.1 ");
  CHECK(Names(directory, {LogNaming::kDated, false, false}) ==
        "web-2025-11-21T07-32-35.863.log.gz web-2026-11-21T07-32-35.863.log ");
  const auto all = ListArchives(directory / "web.log", {});
  REQUIRE(all.ok());
  CHECK(all->size() == 6);
  CHECK_FALSE(ListArchives("/nowhere/web.log", {}).ok());
}

TEST_CASE("paths are cut at their last slash") {
  CHECK(DirectoryOf("/a/b") == "/a");
  CHECK(DirectoryOf("/a") == "/");
  CHECK(DirectoryOf("a") == ".");
  CHECK(BaseOf("/a/b") == "b");
  CHECK(BaseOf("a") == "a");
}

}  // namespace
}  // namespace foster
