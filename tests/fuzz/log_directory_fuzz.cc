// SPDX-License-Identifier: MIT
// A file of any bytes, under a name that the first byte chooses: read forwards and found from the end, in
// bounded pieces; whatever comes forwards comes from the last place, too.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "logfile/log_directory.h"

namespace {

constexpr const char* kNames[] = {"web.log",      "web.log.1",     "current",
                                  "web.log.1.gz", "current.1.zst", "@400000006b01b0f136ad1f69.s"};

void Require(bool holds) {
  if (!holds) std::abort();
}

void Read(const foster::LogFiles& files) {
  foster::LogFilesReader reader(files);
  foster::LogEntry entry;
  std::size_t count = 0;
  std::string last;
  while (reader.Next(&entry)) {
    Require(entry.text.size() <= 1u << 20);
    last = entry.text;
    ++count;
  }
  const auto place = reader.FindLast(3, [](const foster::LogEntry&) { return true; });
  reader.Seek(place);
  std::size_t again = 0;
  std::string last_again;
  while (reader.Next(&entry)) {
    last_again = entry.text;
    ++again;
  }
  Require(again <= count && again >= std::min<std::size_t>(count, 3) && last == last_again);
  (void)reader.FindSince(1'795'266'000'000'000'000);
  (void)foster::BootsIn(files);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string directory =
      (std::filesystem::temp_directory_path() / ("foster-fuzz-logs-" + std::to_string(::getpid()))).string();
  if (size == 0) return 0;
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  std::ofstream(directory + "/" + kNames[data[0] % std::size(kNames)], std::ios::binary)
      .write(reinterpret_cast<const char*>(data + 1), static_cast<std::streamsize>(size - 1));
  auto found = foster::FindLogFiles(directory);
  Require(found.ok());
  for (const auto& files : *found) Read(files);
  return 0;
}
