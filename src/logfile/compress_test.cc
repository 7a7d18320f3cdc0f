// SPDX-License-Identifier: MIT
#include "logfile/compress.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "sys/memfd.h"

namespace foster {
namespace {

UniqueFd FileOf(std::string_view bytes) {
  auto fd = CreateMemfd("test");
  REQUIRE(fd.ok());
  REQUIRE(write(fd->get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  lseek(fd->get(), 0, SEEK_SET);
  return std::move(*fd);
}

std::string Packed(std::string_view bytes, LogCompression how) {
  const UniqueFd from = FileOf(bytes);
  const UniqueFd to = FileOf("");
  REQUIRE(Compress(from.get(), to.get(), how, [] { return true; }).ok());
  return *ReadWholeFd(to.get(), 1 << 30);
}

struct ReadBack {
  std::string bytes;
  int error = 0;
  LogCompression how = LogCompression::kNone;
};

ReadBack Unpacked(std::string_view file, std::size_t room) {
  ReadBack back;
  auto reader = ArchiveReader::Open(FileOf(file));
  REQUIRE(reader.ok());
  back.how = reader->compression();
  std::string piece(room, '\0');
  for (;;) {
    const auto got = reader->Read(piece.data(), room);
    if (!got.ok()) back.error = got.error().code();
    if (!got.ok() || *got == 0) return back;
    back.bytes.append(piece, 0, *got);
  }
}

// Compresses badly and well in turns, and is longer than any buffer.
std::string Text() {
  std::string text;
  std::uint32_t random = 1;
  for (int i = 0; i < 30000; ++i) {
    random = random * 1664525 + 1013904223;
    text += std::to_string(random) + (i % 7 == 0 ? std::string(300, 'x') : "") + "\n";
  }
  return text;
}

TEST_CASE("what is compressed reads back, in any pieces") {
  const std::string text = Text();
  for (LogCompression how : {LogCompression::kGzip, LogCompression::kZstd}) {
    const std::string file = Packed(text, how);
    CHECK(file.size() < text.size() / 2);
    for (std::size_t room : {7u, 4096u, 1u << 20}) {
      const ReadBack back = Unpacked(file, room);
      CHECK(back.how == how);
      CHECK(back.error == 0);
      CHECK(back.bytes == text);
    }
    CHECK(Unpacked(Packed("", how), 10).bytes.empty());
    CHECK(Unpacked(Packed("", how), 10).error == 0);
  }
}

TEST_CASE("a plain file is given as it is, also a short one and one that grows") {
  CHECK(Unpacked("", 10).bytes.empty());
  CHECK(Unpacked("\x1f", 10).bytes == "\x1f");
  CHECK(Unpacked("hello\n", 2).bytes == "hello\n");
  UniqueFd fd = FileOf("one\n");
  const int raw = fd.get();
  auto reader = ArchiveReader::Open(std::move(fd));
  char piece[16];
  REQUIRE(*reader->Read(piece, sizeof(piece)) == 4);
  REQUIRE(*reader->Read(piece, sizeof(piece)) == 0);
  REQUIRE(pwrite(raw, "two\n", 4, 4) == 4);
  REQUIRE(*reader->Read(piece, sizeof(piece)) == 4);
}

TEST_CASE("several members and frames are one text") {
  for (LogCompression how : {LogCompression::kGzip, LogCompression::kZstd}) {
    const ReadBack back = Unpacked(Packed("one\n", how) + Packed("", how) + Packed("two\n", how), 3);
    CHECK(back.bytes == "one\ntwo\n");
    CHECK(back.error == 0);
  }
}

TEST_CASE("a file that is cut off gives what it has, then an error") {
  const std::string text = Text();
  for (LogCompression how : {LogCompression::kGzip, LogCompression::kZstd}) {
    const std::string file = Packed(text, how);
    for (std::size_t size : {file.size() - 1, file.size() / 2, std::size_t{12}}) {
      const ReadBack back = Unpacked(file.substr(0, size), 4096);
      CHECK(back.error == EBADMSG);
      CHECK(text.compare(0, back.bytes.size(), back.bytes) == 0);
      if (size > 1000) CHECK(back.bytes.size() > text.size() / 4);
    }
  }
}

TEST_CASE("damaged bytes are an error, never an endless loop") {
  const std::string text = Text();
  for (LogCompression how : {LogCompression::kGzip, LogCompression::kZstd}) {
    std::string file = Packed(text, how);
    for (std::size_t at = 20; at < file.size(); at += file.size() / 9) {
      std::string damaged = file;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x5a);
      CHECK(Unpacked(damaged, 4096).error == EBADMSG);
    }
    CHECK(Unpacked(file + "rubbish behind it", 4096).error == EBADMSG);
  }
}

TEST_CASE("compression can be called off, and says what failed") {
  const UniqueFd from = FileOf(Text());
  const UniqueFd to = FileOf("");
  int asked = 0;
  const auto result = Compress(from.get(), to.get(), LogCompression::kZstd, [&] { return ++asked < 3; });
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code() == ECANCELED);
  const UniqueFd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  const auto failed = Compress(from.get(), full.get(), LogCompression::kGzip, [] { return true; });
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().code() == ENOSPC);
  CHECK_FALSE(Compress(from.get(), to.get(), LogCompression::kNone, [] { return true; }).ok());
}

TEST_CASE("gzip(1) and zstd(1) read it") {
  char name[] = "/tmp/foster-compress-XXXXXX";
  const UniqueFd to(mkstemp(name));
  const UniqueFd from = FileOf(Text());
  REQUIRE(Compress(from.get(), to.get(), LogCompression::kGzip, [] { return true; }).ok());
  CHECK(std::system(("gzip -t < " + std::string(name)).c_str()) == 0);
  unlink(name);
}

}  // namespace
}  // namespace foster
