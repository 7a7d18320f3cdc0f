// SPDX-License-Identifier: MIT
#include "logd/mailbox.h"

#include <unistd.h>

#include <cstring>

namespace foster {
namespace {

struct Head {
  std::int64_t wall;
  std::uint32_t slot;
  std::uint32_t size;
};

}  // namespace

// With the lock held.
void Mailbox::Append(const Letter& letter) {
  const Head head{letter.wall, letter.slot, static_cast<std::uint32_t>(letter.line.size())};
  char bytes[sizeof(head)];
  std::memcpy(bytes, &head, sizeof(head));
  packed_.append(bytes, sizeof(bytes)).append(letter.line);
}

bool Mailbox::Put(const Letter& letter, std::string_view gap) {
  const std::size_t size = letter.line.size() + sizeof(Head) + (gap.empty() ? 0 : gap.size() + sizeof(Head));
  bool was_empty = false;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (packed_.size() + size > kMostMail) return false;
    was_empty = packed_.empty();
    if (!gap.empty()) Append({letter.slot, letter.wall, gap});
    Append(letter);
  }
  const std::uint64_t one = 1;
  if (was_empty && bell_ >= 0) (void)!write(bell_, &one, sizeof(one));  // full: it rings already
  return true;
}

bool Mailbox::IsEmpty() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return packed_.empty();
}

void Mailbox::TakeAll(std::string* packed) {
  packed->clear();
  std::lock_guard<std::mutex> lock(mutex_);
  packed_.swap(*packed);
}

bool Mailbox::Next(std::string_view packed, std::size_t* at, Letter* letter) {
  Head head{};
  if (packed.size() - *at < sizeof(head)) return false;
  std::memcpy(&head, packed.data() + *at, sizeof(head));
  *letter = {head.slot, head.wall, packed.substr(*at + sizeof(head), head.size)};
  *at += sizeof(head) + head.size;
  return true;
}

}  // namespace foster
