// SPDX-License-Identifier: MIT
#include "supervise/savepoint.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <atomic>
#include <cstring>
#include <type_traits>

#include "sys/memfd.h"

namespace foster {
namespace {

constexpr std::uint32_t kMagic = 0x56415346;  // "FSAV"
constexpr std::uint32_t kVersion = 1;
static_assert(std::is_trivially_copyable_v<SavedService>);

struct Copy {
  std::uint64_t sequence;  // 0 = nothing
  std::uint64_t checksum;
  SavedService service;
};

// FNV-1a. Guards against a copy that is not what was written, whatever the reason.
std::uint64_t Checksum(const SavedService& service) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(&service);
  std::uint64_t sum = 14695981039346656037ull;
  for (std::size_t i = 0; i < sizeof service; ++i) sum = (sum ^ bytes[i]) * 1099511628211ull;
  return sum;
}

// The kernel may end us between any two stores, but what was stored stays: only the compiler must keep the
// order.
void Barrier() { std::atomic_signal_fence(std::memory_order_seq_cst); }

}  // namespace

struct Savepoint::Layout {
  SavepointHeader header;
  Copy copies[kMaxSavedServices][2];

  // The newest committed copy, or nullptr.
  const Copy* Newest(std::uint32_t place) const {
    const Copy* newest = nullptr;
    for (const Copy& copy : copies[place]) {
      if (copy.sequence == 0 || copy.sequence > header.committed || copy.checksum != Checksum(copy.service))
        continue;
      if (newest == nullptr || copy.sequence > newest->sequence) newest = &copy;
    }
    return newest;
  }
};

Result<Savepoint> Savepoint::Create() {
  FOSTER_ASSIGN(UniqueFd fd, CreateMemfd("foster-savepoint", sizeof(Layout)));
  void* memory = mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return Error::FromErrno("cannot map the savepoint");
  auto* layout = static_cast<Layout*>(memory);
  layout->header.version = kVersion;
  layout->header.service_size = sizeof(SavedService);
  layout->header.magic = kMagic;
  Savepoint savepoint(std::move(fd), layout);
  savepoint.Index();
  return savepoint;
}

Result<Savepoint> Savepoint::Open(UniqueFd fd) {
  struct stat info {};
  if (fstat(fd.get(), &info) != 0 || info.st_size != sizeof(Layout))
    return Error("the savepoint has another size than this build's");
  void* memory = mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return Error::FromErrno("cannot map the savepoint");
  auto* layout = static_cast<Layout*>(memory);
  Savepoint savepoint(std::move(fd), layout);
  if (layout->header.magic != kMagic || layout->header.version != kVersion ||
      layout->header.service_size != sizeof(SavedService))
    return Error("the savepoint is of another build");
  savepoint.Index();
  return savepoint;
}

Savepoint::Savepoint(Savepoint&& other) noexcept
    : fd_(std::move(other.fd_)),
      layout_(std::exchange(other.layout_, nullptr)),
      places_(std::move(other.places_)),
      free_(std::move(other.free_)),
      freed_by_batch_(std::move(other.freed_by_batch_)) {}

Savepoint::~Savepoint() {
  if (layout_ != nullptr) munmap(layout_, sizeof(Layout));
}

SavepointHeader& Savepoint::header() { return layout_->header; }

// Also wipes the copies of a batch that was never committed: its sequence number will be given again.
void Savepoint::Index() {
  for (std::uint32_t place = kMaxSavedServices; place-- > 0;) {
    for (Copy& copy : layout_->copies[place])
      if (copy.sequence > layout_->header.committed) copy.sequence = 0;
    const Copy* newest = layout_->Newest(place);
    if (newest != nullptr && newest->service.name[0] != '\0') {
      places_[newest->service.name] = place;
    } else {
      free_.push_back(place);
    }
  }
}

std::vector<SavedService> Savepoint::Services() const {
  std::vector<SavedService> services;
  for (const auto& [name, place] : places_)
    if (const Copy* newest = layout_->Newest(place)) services.push_back(newest->service);
  return services;
}

void Savepoint::Write(std::uint32_t place, const SavedService& service) {
  std::uint64_t sequence = layout_->header.committed + 1;
  Copy* copies = layout_->copies[place];
  // A copy of this very batch is written again; else the older one gives way.
  int which = copies[0].sequence == sequence         ? 0
              : copies[1].sequence == sequence       ? 1
              : layout_->Newest(place) == &copies[0] ? 1
                                                     : 0;
  Copy& copy = copies[which];
  copy.sequence = 0;
  Barrier();
  std::memcpy(&copy.service, &service, sizeof service);
  copy.checksum = Checksum(copy.service);
  Barrier();
  copy.sequence = sequence;
}

bool Savepoint::Put(const SavedService& service) {
  auto [found, is_new] = places_.try_emplace(service.name, 0u);
  if (is_new) {
    if (free_.empty()) {
      places_.erase(found);
      return false;
    }
    found->second = free_.back();
    free_.pop_back();
  }
  Write(found->second, service);
  return true;
}

void Savepoint::Remove(std::string_view name) {
  auto found = places_.find(std::string(name));
  if (found == places_.end()) return;
  SavedService nothing;
  std::memset(static_cast<void*>(&nothing), 0, sizeof nothing);
  Write(found->second, nothing);
  freed_by_batch_.push_back(found->second);
  places_.erase(found);
}

void Savepoint::Commit() {
  Barrier();
  ++layout_->header.committed;
  Barrier();
  free_.insert(free_.end(), freed_by_batch_.begin(), freed_by_batch_.end());
  freed_by_batch_.clear();
}

}  // namespace foster
