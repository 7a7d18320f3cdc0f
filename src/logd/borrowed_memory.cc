// SPDX-License-Identifier: MIT
#include "logd/borrowed_memory.h"

#include <atomic>
#include <utility>

namespace foster {
namespace {

std::atomic<std::size_t> all_kept{0};

// What a thread keeps between two turns of its sinks.
struct Kept {
  LineMemory source;
  std::vector<SourceLine> lines;
  std::vector<std::string> texts;
  std::size_t counted = 0;

  Kept() = default;
  ~Kept() { all_kept.fetch_sub(counted); }
  std::size_t Size() const {
    std::size_t size =
        source.entries.capacity() * sizeof(LogIndexEntry) + lines.capacity() * sizeof(SourceLine);
    for (const std::string& text : source.texts) size += text.capacity();
    for (const std::string& text : texts) size += text.capacity();
    return size;
  }
};

thread_local Kept kept;

}  // namespace

std::size_t KeptMemory() { return all_kept.load(); }

BorrowedMemory::BorrowedMemory(LineSource* source, LineBatch* batch, std::vector<std::string*> texts)
    : source_(source), batch_(batch), texts_(std::move(texts)) {
  if (kept.texts.size() < texts_.size()) kept.texts.resize(texts_.size());
  Swap();
}

BorrowedMemory::~BorrowedMemory() {
  for (std::string* text : texts_) text->clear();
  Swap();
  const std::size_t size = kept.Size();
  if (all_kept.load() - kept.counted + size > kMostKept) {  // two threads at once: twice of one set, at most
    all_kept.fetch_sub(std::exchange(kept.counted, 0));
    kept.source = {};
    std::vector<SourceLine>().swap(kept.lines);
    std::vector<std::string>().swap(kept.texts);
    return;
  }
  all_kept.fetch_add(size - kept.counted);
  kept.counted = size;
}

void BorrowedMemory::Swap() {
  source_->SwapMemory(&kept.source);
  batch_->lines.swap(kept.lines);
  for (std::size_t i = 0; i < texts_.size(); ++i) texts_[i]->swap(kept.texts[i]);
}

}  // namespace foster
