// SPDX-License-Identifier: MIT
#include "sys/log_table.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace foster {
namespace {

constexpr std::int64_t kArenaSize =
    ArenaBase(kLogSlots + 1, 0);  // the console and the staging areas come last
constexpr std::uint32_t kColours = 12;

// The arena's offsets lie beyond any file size limit but "unlimited"; an unprivileged caller can only go to
// the hard one.
Result<void> LiftFileSizeLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return Ok();
  rlimit wanted{RLIM_INFINITY, RLIM_INFINITY};
  if (setrlimit(RLIMIT_FSIZE, &wanted) == 0) return Ok();
  wanted.rlim_max = limit.rlim_max;
  if (limit.rlim_max == RLIM_INFINITY && setrlimit(RLIMIT_FSIZE, &wanted) == 0) return Ok();
  return Error("cannot lift the file size limit (ulimit -f): " + std::string(std::strerror(EPERM)), EPERM);
}

Result<UniqueFd> NewMemory(const char* name, std::int64_t size) {
  UniqueFd fd(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return Error::FromErrno("cannot create " + std::string(name));
  if (ftruncate(fd.get(), size) != 0) return Error::FromErrno("cannot size " + std::string(name));
  // Nobody who is handed the fd can pull the pages from under a mapping. Refused seals only mean less
  // protection.
  (void)fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
  return fd;
}

Result<LogHeader*> Map(int fd) {
  void* memory = mmap(nullptr, sizeof(LogHeader), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return Error::FromErrno("cannot map the log table");
  return static_cast<LogHeader*>(memory);
}

Result<void> CheckSize(int fd, std::int64_t at_least, const char* what) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return Error::FromErrno("cannot read the size of the " + std::string(what));
  if (status.st_size < at_least) return Error("cannot use the " + std::string(what) + ": too small");
  return Ok();
}

// Everything that was ever in the stream is passed over; positions go on from where they are.
void Forget(int arena, LogSlot& slot, std::uint32_t number, std::uint32_t stream) {
  LogStream& s = slot.streams[stream];
  const std::int64_t base = ArenaBase(number, stream);
  if (s.write_at < base) s.write_at = base;  // the slot was never used
  const std::uint64_t written = Written(s, number, stream);
  s.tail.store(written, std::memory_order_release);
  s.rendered.store(written, std::memory_order_release);
  s.indexed.store(written, std::memory_order_release);
  s.skipped_told.store(s.skipped.load());
  // The page that the next byte falls into stays: it may be half written. A failure costs memory, nothing
  // else.
  const std::int64_t whole_pages = static_cast<std::int64_t>(written) & ~std::int64_t{4095};
  if (whole_pages > 0) (void)fallocate(arena, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, base, whole_pages);
  // Whoever looks before the first byte of what comes next finds that it begins a line.
  if (written > 0) (void)!pwrite(arena, "\n", 1, base + static_cast<std::int64_t>(written) - 1);
}

// LogSlot::config: which half of the config stream holds it, how long it is, and a generation, so that two
// configs are never told by the same number.
constexpr std::uint64_t kConfigLengthMask = (1ull << 24) - 1;
constexpr std::uint64_t kConfigHalf = 1ull << 24;
constexpr int kConfigGenerationShift = 32;

std::int64_t ConfigBase(std::uint32_t slot, std::uint64_t word) {
  const std::uint64_t half = (word & kConfigHalf) != 0 ? kMostConfigBytes : 0;
  return ArenaBase(slot, kConfigStream) + static_cast<std::int64_t>(half);
}

bool WriteAll(int fd, std::string_view bytes, std::int64_t offset) {
  while (!bytes.empty()) {
    const ssize_t wrote = pwrite(fd, bytes.data(), bytes.size(), offset);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
    offset += wrote;
  }
  return true;
}

void Punch(int arena, std::int64_t offset, std::uint64_t length) {
  // A refusal costs memory, nothing else.
  (void)fallocate(arena, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset,
                  static_cast<std::int64_t>(length));
}

// All that belongs to the service that had the slot, beside its bytes. Numbers of index entries go on.
void ForgetService(int arena, LogSlot& slot, std::uint32_t number) {
  const std::uint64_t entries = slot.index_end.load();
  slot.index_tail.store(entries, std::memory_order_release);
  const std::uint64_t whole_pages = entries * sizeof(LogIndexEntry) & ~std::uint64_t{4095};
  if (whole_pages > 0) Punch(arena, ArenaBase(number, kIndexStream), whole_pages);
  slot.lines.store(0);
  const std::uint64_t config = slot.config.exchange(0);
  if (config != 0) Punch(arena, ArenaBase(number, kConfigStream), 2 * kMostConfigBytes);
  slot.followers.store(0);
  slot.rotate.store(0);
  std::memset(static_cast<void*>(slot.sinks), 0, sizeof(slot.sinks));
}

// How many bytes were ever written into the stream: those that logd has moved, and those in the pipe. Bytes
// on their way between the two are in neither for a moment, so a sum can be too small, never too large.
std::uint64_t EverWritten(const LogStream& s, std::uint32_t slot, std::uint32_t stream, int pipe) {
  constexpr int kLooks = 3;
  std::uint64_t most = 0;
  for (int i = 0; i < kLooks; ++i) {
    const std::uint64_t moved = Written(s, slot, stream);
    int unread = 0;
    if (pipe < 0 || ioctl(pipe, FIONREAD, &unread) != 0) unread = 0;
    most = std::max(most, moved + static_cast<std::uint64_t>(unread));
  }
  return most;
}

}  // namespace

Result<LogTable> LogTable::Create() {
  FOSTER_TRY(LiftFileSizeLimit());
  FOSTER_ASSIGN(UniqueFd table, NewMemory("foster-log-table", static_cast<std::int64_t>(sizeof(LogHeader))));
  FOSTER_ASSIGN(UniqueFd arena, NewMemory("foster-log-arena", kArenaSize));
  FOSTER_ASSIGN(LogHeader * header, Map(table.get()));
  // Without randomness two boots could look like one to who compares cursors; the moment tells them apart.
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  header->boot_wall = std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  if (getrandom(header->boot, sizeof(header->boot), GRND_NONBLOCK) != sizeof(header->boot))
    std::memcpy(header->boot, &header->boot_wall, sizeof(header->boot_wall));
  header->console_sent = ConsoleBase();
  header->write_began_at = -1;
  header->version = kLogVersion;
  header->magic = kLogMagic;
  return LogTable(std::move(table), std::move(arena), header);
}

Result<LogTable> LogTable::Open(UniqueFd table, UniqueFd arena) {
  FOSTER_TRY(LiftFileSizeLimit());
  FOSTER_TRY(CheckSize(table.get(), static_cast<std::int64_t>(sizeof(LogHeader)), "log table"));
  FOSTER_TRY(CheckSize(arena.get(), kArenaSize, "log arena"));
  FOSTER_ASSIGN(LogHeader * header, Map(table.get()));
  if (header->magic != kLogMagic || header->version != kLogVersion) {
    munmap(header, sizeof(LogHeader));
    return Error("cannot use the log table: wrong magic or version");
  }
  return LogTable(std::move(table), std::move(arena), header);
}

LogTable::LogTable(UniqueFd table, UniqueFd arena, LogHeader* header)
    : table_(std::move(table)), arena_(std::move(arena)), header_(header) {}

LogTable::LogTable(LogTable&& other) noexcept
    : table_(std::move(other.table_)), arena_(std::move(other.arena_)), header_(other.header_) {
  other.header_ = nullptr;
}

LogTable& LogTable::operator=(LogTable&& other) noexcept {
  std::swap(table_, other.table_);
  std::swap(arena_, other.arena_);
  std::swap(header_, other.header_);
  return *this;
}

LogTable::~LogTable() {
  if (header_ != nullptr) munmap(header_, sizeof(LogHeader));
}

int LogTable::Find(std::string_view name) const {
  const std::uint32_t limit = std::min(header_->slot_limit.load(), kLogSlots);
  for (std::uint32_t i = 0; i < limit; ++i) {
    const LogSlot& slot = header_->slots[i];
    if (slot.used.load(std::memory_order_acquire) == 0) continue;
    if (name == std::string_view(slot.name, strnlen(slot.name, sizeof(slot.name))))
      return static_cast<int>(i);
  }
  return -1;
}

int LogTable::Allocate(std::string_view name) {
  if (name.empty() || name.size() >= sizeof(LogSlot::name)) return -1;
  const std::uint32_t limit = std::min(header_->slot_limit.load(), kLogSlots);
  std::uint32_t i = 0;
  while (i < limit && header_->slots[i].used.load() != 0) ++i;
  if (i == kLogSlots) return -1;
  LogSlot& slot = header_->slots[i];
  for (std::uint32_t stream = 0; stream < kLogStreams; ++stream) Forget(arena_.get(), slot, i, stream);
  ForgetService(arena_.get(), slot, i);
  std::memset(slot.name, 0, sizeof(slot.name));
  std::memcpy(slot.name, name.data(), name.size());
  slot.colour.store(i % kColours);
  slot.incarnation.store(0);
  if (i == limit) header_->slot_limit.store(i + 1);
  slot.used.store(1, std::memory_order_release);
  return static_cast<int>(i);
}

void LogTable::BeginIncarnation(int slot, std::uint64_t incarnation,
                                const std::array<int, kLogStreams>& pipes) {
  LogSlot& s = header_->slots[slot];
  if (s.incarnation.load() == incarnation) return;
  for (std::uint32_t stream = 0; stream < kLogStreams; ++stream)
    s.begin[stream].store(
        EverWritten(s.streams[stream], static_cast<std::uint32_t>(slot), stream, pipes[stream]));
  s.incarnation.store(incarnation);  // last: whoever reads it finds the beginnings that go with it
}

void LogTable::Free(int slot) {
  if (slot < 0 || static_cast<std::uint32_t>(slot) >= kLogSlots) return;
  const auto number = static_cast<std::uint32_t>(slot);
  LogSlot& s = header_->slots[number];
  if (s.used.exchange(0) == 0) return;
  for (std::uint32_t stream = 0; stream < kLogStreams; ++stream) Forget(arena_.get(), s, number, stream);
  ForgetService(arena_.get(), s, number);
}

// The bytes go into the half that nobody reads, then one store makes them the config; then the other half
// goes, for it may hold secrets.
bool LogTable::Configure(int slot, std::string_view config) {
  if (slot < 0 || static_cast<std::uint32_t>(slot) >= kLogSlots || config.size() > kMostConfigBytes)
    return false;
  const auto number = static_cast<std::uint32_t>(slot);
  LogSlot& s = header_->slots[number];
  const std::uint64_t old = s.config.load();
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  // After Free() generations begin anew, but not with one that somebody may still remember.
  const std::uint64_t begin = static_cast<std::uint64_t>(now.tv_sec * 1000 + now.tv_nsec / 1'000'000) << 1;
  std::uint64_t generation = old == 0 ? begin : (old >> kConfigGenerationShift) + 1;
  generation = std::max<std::uint64_t>(generation & UINT32_MAX, 1);
  const std::uint64_t half = old == 0 ? 0 : ~old & kConfigHalf;
  const std::uint64_t word = generation << kConfigGenerationShift | half | config.size();
  if (!WriteAll(arena_.get(), config, ConfigBase(number, word))) return false;
  s.config.store(word, std::memory_order_seq_cst);
  if (old != 0) Punch(arena_.get(), ConfigBase(number, old), kMostConfigBytes);
  return true;
}

std::string LogTable::ConfigOf(int slot) const {
  if (slot < 0 || static_cast<std::uint32_t>(slot) >= kLogSlots) return {};
  const auto number = static_cast<std::uint32_t>(slot);
  const LogSlot& s = header_->slots[number];
  std::string bytes;
  constexpr int kLooks = 16;  // it changes when somebody edits a file, not that often
  for (int i = 0; i < kLooks; ++i) {
    const std::uint64_t word = s.config.load(std::memory_order_acquire);
    bytes.assign(word & kConfigLengthMask, '\0');
    const ssize_t got = pread(arena_.get(), bytes.data(), bytes.size(), ConfigBase(number, word));
    if (s.config.load(std::memory_order_seq_cst) != word) continue;
    if (got == static_cast<ssize_t>(bytes.size())) return bytes;
  }
  return {};
}

}  // namespace foster
