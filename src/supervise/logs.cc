// SPDX-License-Identifier: MIT
#include "supervise/logs.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "sys/memfd.h"
#include "sys/unix_socket.h"

namespace foster {
namespace {

std::string OutName(const std::string& name) { return std::string(kStorePipePrefix) + name; }
std::string ErrName(const std::string& name) { return std::string(kStoreErrPrefix) + name; }

// A prepare() that hands out copies of fds that stay here.
InitChannel::Prepare Copies(int first, int second = -1) {
  return [first, second](InitChannel::Fds* fds) {
    for (int fd : {first, second}) {
      if (fd < 0) continue;
      auto copy = Duplicate(fd);
      if (!copy.ok()) return false;
      fds->push_back(std::move(*copy));
    }
    return true;
  };
}

}  // namespace

Logs::~Logs() {
  if (channel_) loop_.Unwatch(channel_.get());
  if (bell_) loop_.Unwatch(bell_.get());
}

Result<void> Logs::Create() {
  FOSTER_ASSIGN(LogTable table, LogTable::Create());
  table_.emplace(std::move(table));
  store_.Put(kStoreLogTable, Copies(table_->table_fd(), table_->arena_fd()));
  FOSTER_TRY(MakeChannel());
  FOSTER_TRY(MakeBell());
  return Watch();
}

Result<void> Logs::MakeChannel() {
  FOSTER_ASSIGN(auto pair, PacketPair());
  channel_ = std::move(pair.first);
  auto logds_end = std::make_shared<UniqueFd>(std::move(pair.second));
  store_.Put(kStoreLogdChannel, [this, logds_end](InitChannel::Fds* fds) {
    auto own = Duplicate(channel_.get());
    if (!own.ok()) return false;
    fds->push_back(std::move(*own));
    fds->push_back(std::move(*logds_end));
    return true;
  });
  return Ok();
}

Result<void> Logs::MakeBell() {
  bell_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!bell_) return Error::FromErrno("cannot make the bell");
  store_.Put(kStoreLogBell, Copies(bell_.get()));
  return Ok();
}

void Logs::Resume(std::function<void()> done) {
  store_.Get(kStoreLogTable, [this](InitChannel::Fds fds) {
    if (fds.size() < 2) return;
    auto table = LogTable::Open(std::move(fds[0]), std::move(fds[1]));
    if (table.ok()) table_.emplace(std::move(*table));
  });
  store_.Get(kStoreLogdChannel, [this](InitChannel::Fds fds) {
    if (!fds.empty()) channel_ = std::move(fds[0]);
  });
  store_.Get(kStoreLogBell, [this, done = std::move(done)](InitChannel::Fds fds) {
    if (!fds.empty()) bell_ = std::move(fds[0]);
    bool whole = table_ && channel_ && bell_;
    if (!whole || !Watch().ok()) {
      // The former supervise died before it had given all of it away: nothing was logged yet.
      table_.reset();
      (void)Create();  // without it output goes to foster's own stdout
    }
    StoreFollowers();  // those of the former supervise are gone
    done();
  });
}

Result<void> Logs::Watch() {
  FOSTER_TRY(loop_.Watch(channel_.get(), kReadable, [this](unsigned ready) { OnChannel(ready); }));
  return loop_.Watch(bell_.get(), kReadable, [this](unsigned) {
    char count[8];
    (void)ReadSome(bell_.get(), count, sizeof count);  // only empties it
    if (on_bell_) on_bell_();
  });
}

bool Logs::Configure(const std::string& name, const std::string& config) {
  if (!table_) return false;
  const int slot = table_->Find(name);
  if (slot < 0) return false;
  if (table_->ConfigOf(slot) == config) return true;
  if (!table_->Configure(slot, config)) return false;
  SendToLogd(kLogdConfigure, slot, 0, UniqueFd());
  return true;
}

bool Logs::HasPipes(const std::string& name) const {
  return store_.Has(OutName(name)) && store_.Has(ErrName(name));
}

bool Logs::Ensure(const std::string& name) {
  if (!table_) return false;
  int slot = table_->Find(name);
  if (slot >= 0) {
    auto dropping = dropping_.find(static_cast<std::uint32_t>(slot));
    if (dropping != dropping_.end()) dropping_.erase(dropping);  // back before it was gone
  } else {
    slot = table_->Allocate(name);
    if (slot >= 0) SlotsChanged();
  }
  if (slot < 0) return false;
  for (std::uint32_t stream = 0; stream < kLogStreams; ++stream) {
    std::string store_name = stream == 0 ? OutName(name) : ErrName(name);
    if (store_.Has(store_name)) continue;
    PutPipe(store_name);
    Tell(slot, stream, store_name);
  }
  return true;
}

void Logs::PutPipe(const std::string& store_name) {
  store_.Put(store_name, [](InitChannel::Fds* fds) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    fds->emplace_back(ends[0]);
    fds->emplace_back(ends[1]);
    return true;
  });
}

void Logs::SetIncarnation(const std::string& name, std::uint64_t incarnation, bool is_read) {
  if (!table_) return;
  int slot = table_->Find(name);
  if (slot < 0) return;
  std::array<int, kLogStreams> pipes{-1, -1};
  if (is_read) {
    auto& kept = kept_[name];
    for (std::uint32_t stream = 0; stream < kLogStreams; ++stream) pipes[stream] = kept[stream].get();
  } else {
    kept_.erase(name);
  }
  table_->BeginIncarnation(slot, incarnation, pipes);
  for (std::uint32_t stream = 0; stream < kLogStreams; ++stream)
    if (is_read && pipes[stream] < 0) KeepPipe(name, stream, stream == 0 ? OutName(name) : ErrName(name));
}

// Here from the next life on: before the first one the pipe is empty.
void Logs::KeepPipe(const std::string& name, std::uint32_t stream, const std::string& store_name) {
  store_.Get(store_name, [this, name, stream](InitChannel::Fds fds) {
    auto kept = kept_.find(name);
    if (kept != kept_.end() && !fds.empty()) kept->second[stream] = std::move(fds[0]);
  });
}

void Logs::Remove(const std::string& name) {
  if (!table_) return;
  int slot = table_->Find(name);
  if (slot < 0) return;
  dropping_[static_cast<std::uint32_t>(slot)] = name;
  kept_.erase(name);
  table_->header().slots[slot].incarnation.store(0);  // a service of this name counts its lives from 1 again
  SendToLogd(kLogdDropSlot, slot, 0, UniqueFd());
}

void Logs::Sweep(const std::function<bool(std::string_view)>& keep) {
  if (!table_) return;
  for (std::uint32_t i = 0; i < table_->header().slot_limit.load() && i < kLogSlots; ++i) {
    const LogSlot& slot = table_->header().slots[i];
    if (slot.used.load() != 0 && !keep(slot.name)) Remove(slot.name);
  }
}

// Also for a service that came back while logd was dropping it: its pipes are closed there now.
void Logs::Retell(std::uint32_t i) {
  const LogSlot& slot = table_->header().slots[i];
  if (slot.used.load() == 0) return;
  std::string name = slot.name;
  if (store_.Has(OutName(name))) Tell(static_cast<int>(i), 0, OutName(name));
  if (store_.Has(ErrName(name))) Tell(static_cast<int>(i), 1, ErrName(name));
}

void Logs::LogdSpawned() {
  if (!table_) return;
  to_tell_.clear();
  for (std::uint32_t i = 0; i < table_->header().slot_limit.load() && i < kLogSlots; ++i) Retell(i);
  for (const auto& [slot, name] : dropping_) SendToLogd(kLogdDropSlot, static_cast<int>(slot), 0, UniqueFd());
  for (const auto& [slot, waiting] : emptying_)
    SendToLogd(kLogdEmptySlot, static_cast<int>(slot), 0, UniqueFd());
  if (drained_) SendToLogd(kLogdDrain, 0, 0, UniqueFd());
}

void Logs::Drain(std::function<void()> done) {
  drained_ = std::move(done);
  SendToLogd(kLogdDrain, 0, 0, UniqueFd());
}

void Logs::Rotate(const std::string& name) {
  const int slot = table_ ? table_->Find(name) : -1;
  if (slot < 0) return;
  table_->header().slots[slot].rotate.fetch_add(1);  // also for a logd that is not there now
  SendToLogd(kLogdConfigure, slot, 0, UniqueFd());
}

void Logs::Reopen() {
  if (!table_) return;
  table_->header().reopen.fetch_add(1);
  SendToLogd(kLogdReopen, 0, 0, UniqueFd());
}

bool Logs::Empty(const std::string& name, std::function<void()> done) {
  const int slot = table_ ? table_->Find(name) : -1;
  if (slot < 0) return false;
  auto& waiting = emptying_[static_cast<std::uint32_t>(slot)];
  waiting.push_back(std::move(done));
  SendToLogd(kLogdEmptySlot, slot, 0, UniqueFd());
  return true;
}

void Logs::Emptied(std::uint32_t slot) {
  auto found = emptying_.find(slot);
  if (found == emptying_.end()) return;
  auto waiting = std::move(found->second);
  emptying_.erase(found);
  for (const auto& done : waiting) done();
}

void Logs::SetFollowers(std::map<int, std::uint32_t> counts) {
  followers_ = std::move(counts);
  StoreFollowers();
}

void Logs::SetWatchers(std::uint32_t count) {
  watchers_ = count;
  StoreFollowers();
}

void Logs::StoreFollowers() {
  if (!table_) return;
  LogHeader& header = table_->header();
  for (std::uint32_t i = 0; i < header.slot_limit.load() && i < kLogSlots; ++i) {
    auto found = followers_.find(static_cast<int>(i));
    header.slots[i].followers.store(watchers_ + (found == followers_.end() ? 0 : found->second));
  }
  header.followers.store(watchers_ + static_cast<std::uint32_t>(followers_.size()));
}

void Logs::Tell(int slot, std::uint32_t stream, const std::string& store_name) {
  to_tell_.push_back({slot, stream, store_name});
  NextGet();
}

// Pipe by pipe through our hands: init sends the read end, logd gets it.
void Logs::NextGet() {
  while (!to_tell_.empty() && gets_ < kMaxGets && outgoing_.size() < kMaxGets) {
    Stream next = std::move(to_tell_.front());
    to_tell_.pop_front();
    ++gets_;
    store_.Get(next.store_name, [this, next](InitChannel::Fds fds) {
      --gets_;
      if (!fds.empty()) SendToLogd(kLogdAddStream, next.slot, next.stream, std::move(fds[0]));
      NextGet();
    });
  }
}

void Logs::SendToLogd(LogdMessageKind kind, int slot, std::uint32_t stream, UniqueFd fd) {
  outgoing_.push_back({{kind, static_cast<std::uint32_t>(slot), stream, 0}, std::move(fd)});
  FlushToLogd();
}

void Logs::FlushToLogd() {
  if (!channel_) return;
  while (!outgoing_.empty()) {
    Outgoing& next = outgoing_.front();
    int fd = next.fd.get();
    std::string_view bytes(reinterpret_cast<const char*>(&next.message), sizeof next.message);
    auto sent =
        SendPacket(channel_.get(), bytes, fd >= 0 ? std::span<const int>(&fd, 1) : std::span<const int>());
    if (!sent.ok() && sent.error().code() == EAGAIN) break;
    // Any other failure: logd is told of everything again when it is spawned the next time.
    outgoing_.pop_front();
  }
  loop_.Change(channel_.get(), outgoing_.empty() ? kReadable : kReadable | kWritable);
}

void Logs::OnChannel(unsigned ready) {
  if (ready & kWritable) {
    FlushToLogd();
    NextGet();
  }
  if (!(ready & kReadable)) return;
  LogdMessage message{};
  InitChannel::Fds fds;
  auto size = ReceivePacket(channel_.get(), reinterpret_cast<char*>(&message), sizeof message, &fds);
  if (!size.ok()) return;
  if (*size == 0) {
    loop_.Unwatch(
        channel_.get());  // cannot be while init holds the other end; without it logd learns nothing new
    return;
  }
  if (*size == sizeof message) OnMessage(message);
}

void Logs::OnMessage(const LogdMessage& message) {
  if (message.kind == kLogdDrained && drained_) {
    auto done = std::move(drained_);
    drained_ = nullptr;
    done();
  }
  const bool is_trouble = message.kind == kLogdTrouble;
  const bool is_known = message.slot < kLogSlots && message.stream < kMaxLogSinks;
  if ((is_trouble || message.kind == kLogdRecovered) && is_known && on_health_)
    on_health_(message.slot, message.stream, is_trouble);
  if (message.kind == kLogdEmptied) Emptied(message.slot);
  if (message.kind != kLogdDropped) return;
  auto found = dropping_.find(message.slot);
  if (found == dropping_.end()) {
    Retell(message.slot);
    return;
  }
  std::string name = found->second;
  dropping_.erase(found);
  store_.Drop(OutName(name));
  store_.Drop(ErrName(name));
  table_->Free(static_cast<int>(message.slot));
  Emptied(message.slot);
  SlotsChanged();
}

void Logs::SlotsChanged() {
  StoreFollowers();
  if (on_slots_) on_slots_();
}

}  // namespace foster
