// SPDX-License-Identifier: MIT
#include "supervise/prober_link.h"

#include <algorithm>

#include "sys/memfd.h"
#include "sys/unix_socket.h"

namespace foster {
namespace {

constexpr Millis kLongest{86'400'000};
constexpr std::size_t kMaxCancels = 1024;
constexpr int kPacketsATurn = 256;

std::string Short(ProberLink::Id id, ProberVerb verb) {
  ProberRequest request;
  request.id = id;
  request.verb = verb;
  return ToJson(request).Dump();
}

}  // namespace

ProberLink::ProberLink(Loop& loop, Timers& timers, Store& store, Hooks hooks)
    : loop_(loop),
      timers_(timers),
      store_(store),
      hooks_(std::move(hooks)),
      buffer_(kMaxProberPacket, '\0') {}

ProberLink::~ProberLink() {
  timers_.Cancel(bell_timer_);
  for (const auto& [id, question] : questions_) timers_.Cancel(question->limit);
  if (channel_) loop_.Unwatch(channel_.get());
}

void ProberLink::Open() {
  if (!store_.Has(kStoreProberChannel)) return Make();
  store_.Get(kStoreProberChannel, [this](InitChannel::Fds fds) {
    if (fds.empty()) return Make();
    to_cancel_.push_back(Short(0, ProberVerb::kCancel));  // what a former supervise waited for
    Use(std::move(fds[0]));
  });
}

void ProberLink::Make() {
  auto pair = PacketPair();
  if (!pair.ok()) {
    is_broken_ = true;
    return;
  }
  auto its_end = std::make_shared<UniqueFd>(std::move(pair->second));
  Use(std::move(pair->first));
  store_.Put(kStoreProberChannel, [this, its_end](InitChannel::Fds* fds) {
    auto own = Duplicate(channel_.get());
    if (!own.ok()) return false;
    fds->push_back(std::move(*own));
    fds->push_back(std::move(*its_end));
    return true;
  });
}

void ProberLink::Use(UniqueFd channel) {
  channel_ = std::move(channel);
  auto watched = loop_.Watch(channel_.get(), kReadable, [this](unsigned ready) { OnReady(ready); });
  is_broken_ = !watched.ok();
  if (is_broken_) channel_.Reset();
  Flush();
}

ProberLink::Id ProberLink::Ask(ProberRequest request, Millis span, Lasting lasting, Done done) {
  Id id = request.id = hooks_.next();
  auto& question = questions_[id] = std::make_unique<Question>();
  question->packet = ToJson(request).Dump();
  question->span = std::min(span, kLongest);
  question->lasting = lasting;
  question->waits_for_line = request.verb == ProberVerb::kProbe && request.probe.kind == ProbeKind::kLogLine;
  question->done = std::move(done);
  if (question->waits_for_line) CountListeners(+1);
  if (is_broken_) {
    Refuse(id, "there is no prober: its channel could not be made");
  } else if (questions_.size() > kMaxOpen) {
    Refuse(id, "too many questions wait for the prober");
  } else if (question->packet.size() > kMaxProberPacket) {
    Refuse(id, "the probe is too long for the prober");
  } else {
    hooks_.wake();
    BeginLimit(id);
    Enqueue(id);
  }
  return id;
}

// Told a little later: an answer never comes out of Ask() itself.
void ProberLink::Refuse(Id id, const std::string& why) {
  questions_[id]->limit = timers_.In(Millis(0), [this, id, why] { Fail(id, why); });
}

void ProberLink::BeginLimit(Id id) {
  Question& question = *questions_[id];
  if (question.lasting == Lasting::kOpen) return;
  timers_.Cancel(question.limit);
  question.limit = timers_.In(question.span, [this, id] { LimitPassed(id); });
}

void ProberLink::LimitPassed(Id id) {
  Question& question = *questions_[id];
  bool was_sent = question.is_sent;
  std::string span = std::to_string(question.span.count()) + " ms";
  if (question.lasting == Lasting::kSpan) {
    if (was_sent) TellCancel(id);
    Fail(id, "nothing within " + span);
  } else if (is_dying_ && !question.is_spared) {
    question.is_spared = true;  // it is asked again when the next one is there
    BeginLimit(id);
  } else {
    Fail(id, was_sent ? "the prober did not answer within " + span : "the prober takes no questions");
    is_dying_ = hooks_.kill();
  }
}

void ProberLink::TellCancel(Id id) {
  // What finds no room is answered some day, to nobody.
  if (to_cancel_.size() < kMaxCancels) to_cancel_.push_back(Short(id, ProberVerb::kCancel));
  Flush();
}

void ProberLink::End(Id id, const ProberAnswer& answer) {
  auto found = questions_.find(id);
  if (found == questions_.end()) return;
  std::unique_ptr<Question> question = std::move(found->second);
  questions_.erase(found);
  timers_.Cancel(question->limit);
  if (!question->is_sent) std::erase(to_send_, id);
  if (question->waits_for_line) CountListeners(-1);
  if (question->done) question->done(answer);
}

void ProberLink::Fail(Id id, const std::string& why) {
  ProberAnswer answer;
  answer.id = id;
  answer.text = why;
  End(id, answer);
}

void ProberLink::Cancel(Id id) {
  auto found = questions_.find(id);
  if (found == questions_.end()) return;
  bool was_sent = found->second->is_sent;
  found->second->done = nullptr;
  Fail(id, "");
  if (was_sent) TellCancel(id);
}

void ProberLink::CountListeners(int change) {
  std::size_t before = listeners_;
  listeners_ += static_cast<std::size_t>(change);
  if ((before > 0) != (listeners_ > 0)) hooks_.hear(listeners_ > 0);
}

// What it had read is lost, what lies in the channel is read by the next one: asked again, both cost little
// and the second answer finds nobody.
void ProberLink::ProberEnded() {
  is_dying_ = false;
  std::deque<Id> lost;
  for (auto& [id, question] : questions_)
    if (question->is_sent) lost.push_back(id);
  for (Id id : lost) {
    auto found = questions_.find(id);
    if (found == questions_.end()) continue;  // ended by what another one's end led to
    Question& question = *found->second;
    question.is_sent = false;
    if (++question.deaths > kMaxDeaths) {
      Fail(id, "the prober died of it");
      continue;
    }
    BeginLimit(id);
    to_send_.push_back(id);
  }
  if (!questions_.empty()) hooks_.wake();
  Flush();
}

void ProberLink::Enqueue(Id id) {
  to_send_.push_back(id);
  Flush();
}

bool ProberLink::SendNow(std::string_view packet) {
  auto sent = SendPacket(channel_.get(), packet, {});
  // Without room it waits for some; any other failure passes, and the limits speak.
  return sent.ok();
}

void ProberLink::Flush() {
  if (!channel_) return;
  while (!to_cancel_.empty() && SendNow(to_cancel_.front())) to_cancel_.pop_front();
  while (to_cancel_.empty() && !to_send_.empty()) {
    Question& question = *questions_[to_send_.front()];
    if (!SendNow(question.packet)) break;
    question.is_sent = true;
    to_send_.pop_front();
  }
  bool is_empty = to_cancel_.empty() && to_send_.empty() && SendGrew();
  loop_.Change(channel_.get(), is_empty ? kReadable : kReadable | kWritable);
}

void ProberLink::LogGrew() {
  if (listeners_ == 0) return;
  grew_ = true;
  Flush();
}

// True: nothing is left to say now. Said at most once in kBellPause.
bool ProberLink::SendGrew() {
  if (!grew_ || bell_timer_ != 0) return true;
  if (!SendNow(Short(0, ProberVerb::kLogGrew))) return false;
  grew_ = false;
  bell_timer_ = timers_.In(kBellPause, [this] {
    bell_timer_ = 0;
    Flush();
  });
  return true;
}

void ProberLink::OnReady(unsigned ready) {
  if (ready & kWritable) Flush();
  if (ready & kReadable) Receive();
}

void ProberLink::Receive() {
  for (int turn = 0; turn < kPacketsATurn; ++turn) {
    InitChannel::Fds none;
    auto size = ReceivePacket(channel_.get(), buffer_.data(), buffer_.size(), &none);
    if (!size.ok()) return;
    if (*size == 0) {
      loop_.Unwatch(channel_.get());  // cannot be while init holds the other end
      channel_.Reset();
      return;
    }
    auto json = ParseJson(std::string_view(buffer_).substr(0, *size));
    if (!json.ok()) continue;
    auto answer = ProberAnswerFromJson(*json);
    if (answer.ok()) End(answer->id, *answer);
  }
}

}  // namespace foster
