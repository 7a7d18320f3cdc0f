// SPDX-License-Identifier: MIT
#include "logd/sink_host.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

namespace foster {
namespace {

constexpr Millis kHealthEvery{50};  // progress is told of for every piece of work, health is looked at less
constexpr std::size_t kRotateSeen = 7;  // LogSinkState::reserved: the rotate count that was done

bool Takes(const LogSink& spec, std::uint32_t stream) {
  return stream == 0 ? spec.takes_out : spec.takes_err;
}

}  // namespace

Result<void> SinkHost::Start() {
  progress_.Reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!progress_) return Error::FromErrno("cannot create the sinks' bell");
  mail_.UseBell(progress_.get());
  return Ok();
}

SinkHost::Slot* SinkHost::Find(std::uint32_t slot) const {
  const auto found = slots_.find(slot);
  return found == slots_.end() || found->second->is_leaving ? nullptr : found->second.get();
}

const LogSlotConfig* SinkHost::ConfigOf(std::uint32_t slot) const {
  const Slot* mine = Find(slot);
  return mine == nullptr ? nullptr : mine->config.get();
}

const Redactor& SinkHost::RedactorOf(std::uint32_t slot) const {
  static const Redactor none;
  const Slot* mine = Find(slot);
  return mine == nullptr ? none : mine->redactor;
}

bool SinkHost::HasSinks(std::uint32_t slot) const {
  const Slot* mine = Find(slot);
  return mine != nullptr && !mine->served.empty();
}

bool SinkHost::IsBad(const LogSinkState& state) {
  const auto health = static_cast<LogSinkHealth>(state.health.load(std::memory_order_relaxed));
  return health == LogSinkHealth::kFull || health == LogSinkHealth::kBroken;
}

void SinkHost::Configure(std::uint32_t slot) {
  if (slot >= kLogSlots || table_.header().slots[slot].used.load(std::memory_order_acquire) == 0) return;
  std::unique_ptr<Slot>& mine = slots_[slot];
  if (mine && mine->is_leaving) return;
  auto config = DecodeSlotConfig(table_.ConfigOf(static_cast<int>(slot)));
  if (!config.ok()) {  // none yet, or of nobody we know: as before
    if (!mine) slots_.erase(slot);
    return;
  }
  const bool is_first = !mine;
  if (is_first) mine = std::make_unique<Slot>();
  if (!mine->config || !(*mine->config == *config)) {
    bool is_fresh = is_first;
    for (std::uint32_t i = 0; i < kMaxLogSinks; ++i)
      is_fresh = is_fresh && State(slot, i).identity.load() == 0;
    mine->config = std::make_unique<LogSlotConfig>(std::move(*config));
    if (mine->config->spec.sinks.size() > kMaxLogSinks) mine->config->spec.sinks.resize(kMaxLogSinks);
    mine->redactor = Redactor(mine->config->secrets);
    Apply(slot, is_fresh ? Reason::kFirst : Reason::kChange);
  }
  RotateIfAsked(slot);
}

// Sinks that are wanted no more end, those that are go on where they were with the new wishes, others begin:
// those of a fresh slot with its first byte, those that are added later with what comes from now on.
void SinkHost::Apply(std::uint32_t number, Reason reason) {
  Slot& slot = *slots_[number];
  const std::vector<LogSink>& specs = slot.config->spec.sinks;
  const std::vector<std::uint64_t> wanted = SinkIdentities(specs);
  std::erase_if(slot.served, [&](Served& served) {
    if (std::count(wanted.begin(), wanted.end(), served.identity) != 0) return false;
    if (served.running.sink) Replace(served, served.spec);
    slot.ending.push_back({served.index, std::move(served.former)});
    return true;
  });
  FreeUnused(number, wanted);
  slot.is_incomplete = false;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const auto same = [&](const Served& served) { return served.identity == wanted[i]; };
    auto known = std::find_if(slot.served.begin(), slot.served.end(), same);
    if (known == slot.served.end()) {
      const int index = Claim(number, wanted[i], reason == Reason::kFirst);
      slot.is_incomplete = slot.is_incomplete || index < 0;
      if (index < 0) continue;
      known = slot.served.insert(slot.served.end(), Served{});
      known->identity = wanted[i];
      known->index = static_cast<std::uint32_t>(index);
      known->was_bad = IsBad(State(number, known->index));
    } else if (reason == Reason::kRetry) {
      continue;
    }
    Replace(*known, specs[i]);
  }
  Settle(number);
}

// States that an earlier logd left behind, of sinks that nobody wants any more.
void SinkHost::FreeUnused(std::uint32_t number, const std::vector<std::uint64_t>& wanted) {
  for (std::uint32_t i = 0; i < kMaxLogSinks; ++i) {
    const std::uint64_t identity = State(number, i).identity.load();
    if (identity == 0 || IsTaken(number, i)) continue;
    if (std::count(wanted.begin(), wanted.end(), identity) == 0) State(number, i).identity.store(0);
  }
}

bool SinkHost::IsTaken(std::uint32_t number, std::uint32_t index) const {
  const Slot& slot = *slots_.at(number);
  const auto has_index = [&](const auto& one) { return one.index == index; };
  if (std::any_of(slot.served.begin(), slot.served.end(), has_index)) return true;
  if (std::any_of(slot.ending.begin(), slot.ending.end(), has_index)) return true;
  return std::any_of(abandoned_.begin(), abandoned_.end(),
                     [&](const auto& one) { return one.first == number && one.second.index == index; });
}

// -1: every state is in somebody's hands for now.
int SinkHost::Claim(std::uint32_t number, std::uint64_t identity, bool is_fresh) {
  int free = -1;
  for (std::uint32_t i = 0; i < kMaxLogSinks; ++i) {
    if (IsTaken(number, i)) continue;
    if (State(number, i).identity.load() == identity) return static_cast<int>(i);
    if (State(number, i).identity.load() == 0 && free < 0) free = static_cast<int>(i);
  }
  if (free >= 0) Fill(number, static_cast<std::uint32_t>(free), identity, is_fresh);
  return free;
}

void SinkHost::Fill(std::uint32_t number, std::uint32_t index, std::uint64_t identity, bool is_fresh) {
  LogSinkState& state = State(number, index);
  for (std::uint32_t s = 0; s < kLogStreams; ++s) {
    const LogStream& stream = table_.header().slots[number].streams[s];
    state.position[s].store(is_fresh ? stream.tail.load() : stream.indexed.load());
    state.skipped[s].store(0);
    state.skipped_told[s].store(0);
  }
  state.step_valid.store(0);
  state.health.store(static_cast<std::uint32_t>(LogSinkHealth::kIdle));
  state.last_error.store(0);
  for (auto* counter :
       {&state.written, &state.lines, &state.rotations, &state.failures, &state.size, &state.flags})
    counter->store(0);
  state.opened_wall.store(0);
  std::fill(std::begin(state.reserved), std::end(state.reserved), 0);
  state.reserved[kRotateSeen] = table_.header().slots[number].rotate.load();
  state.identity.store(identity);  // last: a kill leaves it free or whole
}

// The sink is made anew as soon as the one that runs is out of its thread's hands.
void SinkHost::Replace(Served& served, const LogSink& spec) {
  served.spec = spec;
  served.is_due = true;
  if (!served.running.sink) return;
  served.running.worker->thread.Remove(served.running.sink.get());
  served.former = std::move(served.running);
  served.running = Running{};
}

bool SinkHost::LetGo(Running* former) {
  if (!former->sink) return true;
  if (!former->worker->thread.IsGone(former->sink.get())) return false;
  --former->worker->sinks;
  *former = Running{};
  return true;
}

void SinkHost::Settle(std::uint32_t number) {
  Slot& slot = *slots_[number];
  bool is_settled = true;
  std::erase_if(slot.ending, [&](Ending& ending) {
    const bool is_gone = LetGo(&ending.former);
    // A slot that is left keeps them: if its service comes back before it is freed, they go on where they
    // were.
    if (is_gone && !slot.is_leaving) State(number, ending.index).identity.store(0);
    is_settled = is_settled && is_gone;
    return is_gone;
  });
  for (Served& served : slot.served) {
    if (!served.is_due) continue;
    if (LetGo(&served.former)) MakeSink(number, served);
    is_settled = is_settled && !served.is_due;
  }
  if (is_settled)
    unsettled_.erase(number);
  else
    unsettled_.insert(number);
}

void SinkHost::MakeSink(std::uint32_t number, Served& served) {
  const Slot& slot = *slots_[number];
  SinkPlace place;
  place.table = &table_;
  place.slot = number;
  place.index = served.index;
  place.service = slot.config->service;
  place.spec = served.spec;
  place.log = slot.config->spec;
  place.redactor = slot.redactor;
  place.mail = &mail_;
  std::shared_ptr<Sink> sink = make_(std::move(place));
  Worker* worker = sink ? WorkerFor(sink->Group()) : nullptr;
  if (worker == nullptr) return;  // no thread to be had: at the next progress of another, or change
  ++worker->sinks;
  served.running = {sink, worker};
  served.is_due = false;
  worker->thread.Add(sink);
  worker->thread.Wake(sink.get());
}

// A thread of its own for each group while there are enough; then the last one serves several.
SinkHost::Worker* SinkHost::WorkerFor(const std::string& group) {
  const auto known = groups_.find(group);
  if (known != groups_.end()) return known->second;
  Worker* worker = nullptr;
  for (const auto& one : workers_)
    if (one->sinks == 0) worker = one.get();
  if (worker != nullptr) {
    std::erase_if(groups_, [&](const auto& entry) { return entry.second == worker; });
  } else if (workers_.size() < kLogWriters) {
    auto fresh = std::make_unique<Worker>(static_cast<std::uint32_t>(workers_.size()), progress_.get());
    fresh->thread.wants_progress().store(true);
    if (fresh->thread.Start().ok()) workers_.push_back(std::move(fresh));
  }
  if (worker == nullptr && !workers_.empty()) worker = workers_.back().get();
  if (worker != nullptr) groups_[group] = worker;
  return worker;
}

void SinkHost::WakeAll(std::uint32_t slot, bool flush) {
  Slot* mine = Find(slot);
  if (mine == nullptr) return;
  for (const Served& served : mine->served)
    if (served.running.sink) served.running.worker->thread.Wake(served.running.sink.get(), flush);
}

// Counted in the table, so that a request is done once even if logd is killed before it sees it.
void SinkHost::RotateIfAsked(std::uint32_t number) {
  const std::uint32_t asked = table_.header().slots[number].rotate.load();
  for (const Served& served : slots_[number]->served) {
    LogSinkState& state = State(number, served.index);
    if (state.reserved[kRotateSeen] == asked || !served.running.sink) continue;
    state.reserved[kRotateSeen] = asked;
    served.running.sink->Rotate();
    served.running.worker->thread.Wake(served.running.sink.get());
  }
}

LogPositions SinkHost::Floors(std::uint32_t slot) const {
  LogPositions floors{kNoFloor, kNoFloor};
  const Slot* mine = Find(slot);
  if (mine == nullptr || mine->config->spec.overflow != LogOverflow::kBlock) return floors;
  for (const Served& served : mine->served) {
    const LogSinkState& state = State(slot, served.index);
    if (IsBad(state) && mine->config->spec.full_disk == LogFullDisk::kSkip) continue;
    const bool is_local = served.spec.kind == LogSinkKind::kFile || served.spec.kind == LogSinkKind::kS6;
    if (served.running.sink ? !served.running.sink->CanBlock() : !is_local) continue;
    for (std::uint32_t s = 0; s < kLogStreams; ++s)
      if (Takes(served.spec, s)) floors[s] = std::min(floors[s], state.position[s].load());
  }
  return floors;
}

void SinkHost::BeginWait(std::uint32_t slot, MonoTime now) {
  Slot* mine = Find(slot);
  if (mine == nullptr) return;
  for (Served& served : mine->served) served.moved_at = now;
}

bool SinkHost::HasAll(std::uint32_t number, Served& served, MonoTime now) const {
  const LogSinkState& state = State(number, served.index);
  if (IsBad(state)) return true;
  bool has_all = true;
  for (std::uint32_t s = 0; s < kLogStreams; ++s) {
    const std::uint64_t position = state.position[s].load(std::memory_order_acquire);
    if (position != served.seen[s]) served.moved_at = now;
    served.seen[s] = position;
    const std::uint64_t end = table_.header().slots[number].streams[s].indexed.load();
    has_all = has_all && (!Takes(served.spec, s) || position >= end);
  }
  return has_all;
}

bool SinkHost::IsDone(std::uint32_t slot, MonoTime now, MonoTime* next) {
  Slot* mine = Find(slot);
  if (mine == nullptr) return true;
  bool is_done = true;
  for (Served& served : mine->served) {
    if (HasAll(slot, served, now) || now - served.moved_at >= kSinkStill) continue;
    *next = std::min(*next, served.moved_at + kSinkStill);
    is_done = false;
  }
  return is_done;
}

bool SinkHost::IsAllDone(MonoTime now, MonoTime* next) {
  return std::all_of(slots_.begin(), slots_.end(),
                     [&](const auto& entry) { return IsDone(entry.first, now, next); });
}

void SinkHost::Leave(std::uint32_t slot, MonoTime now) {
  Slot* mine = Find(slot);
  if (mine == nullptr) return;
  for (Served& served : mine->served) {
    Replace(served, served.spec);
    mine->ending.push_back({served.index, std::move(served.former)});
  }
  mine->served.clear();
  mine->is_leaving = true;
  mine->leave_at = now;
}

bool SinkHost::HasLeft(std::uint32_t slot, MonoTime now, MonoTime* next) {
  const auto found = slots_.find(slot);
  if (found == slots_.end()) return true;
  Slot& mine = *found->second;
  Settle(slot);
  if (!mine.ending.empty() && now - mine.leave_at < kSinkStill) {
    *next = std::min(*next, mine.leave_at + kSinkStill);
    return false;
  }
  for (Ending& ending : mine.ending) abandoned_.emplace_back(slot, std::move(ending));
  slots_.erase(found);
  unsettled_.erase(slot);
  return true;
}

void SinkHost::Reopen() {
  for (const auto& [number, slot] : slots_)
    for (const Served& served : slot->served) {
      if (!served.running.sink) continue;
      served.running.sink->Reopen();
      served.running.worker->thread.Wake(served.running.sink.get());
    }
}

void SinkHost::StartAnew(std::uint32_t slot) {
  Slot* mine = Find(slot);
  if (mine == nullptr) return;
  for (const Served& served : mine->served)
    if (served.running.sink) served.running.sink->StartedAnew();
  WakeAll(slot, false);
}

void SinkHost::SetEnding(MonoTime now) {
  ending_at_ = now;
  for (const auto& worker : workers_) worker->thread.SetEnding();
}

bool SinkHost::HaveEnded(MonoTime now, MonoTime* next) const {
  if (now - ending_at_ >= kSinkStill) return true;
  if (std::all_of(workers_.begin(), workers_.end(),
                  [](const auto& worker) { return worker->thread.HasEnded(); }))
    return true;
  *next = std::min(*next, ending_at_ + kSinkStill);
  return false;
}

void SinkHost::Turn(MonoTime now) {
  std::uint64_t count = 0;
  const bool has_progress = read(progress_.get(), &count, sizeof(count)) == sizeof(count);
  if (has_progress) {
    health_due_ = std::min(health_due_, checked_at_ + kHealthEvery);
    std::erase_if(abandoned_, [this](auto& one) { return LetGo(&one.second.former); });
    const std::set<std::uint32_t> unsettled = unsettled_;
    for (std::uint32_t number : unsettled) {
      if (slots_[number]->is_incomplete)
        Apply(number, Reason::kRetry);
      else
        Settle(number);
      RotateIfAsked(number);
    }
  }
  if (now < health_due_) return;
  health_due_ = kNoDeadline;
  checked_at_ = now;
  CheckHealth();
}

void SinkHost::CheckHealth() {
  for (const auto& [number, slot] : slots_)
    for (Served& served : slot->served) {
      const bool is_bad = IsBad(State(number, served.index));
      if (is_bad == served.was_bad) continue;
      served.was_bad = is_bad;
      changes_.push_back({number, served.index, is_bad});
    }
}

}  // namespace foster
