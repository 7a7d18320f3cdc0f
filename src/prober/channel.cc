// SPDX-License-Identifier: MIT
#include "prober/channel.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "sys/unix_socket.h"

namespace foster {
namespace {

constexpr int kPacketsPerTurn = 64;

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Those with the most lose first.
void HalveMostPorts(ProberAnswer* answer) {
  std::size_t most = 0;
  for (const ServiceFigures& figures : answer->figures) most = std::max(most, figures.ports.size());
  for (ServiceFigures& figures : answer->figures)
    if (figures.ports.size() > most / 2) figures.ports.resize(most / 2);
}

bool HasPorts(const ProberAnswer& answer) {
  return std::any_of(answer.figures.begin(), answer.figures.end(),
                     [](const ServiceFigures& figures) { return !figures.ports.empty(); });
}

}  // namespace

std::string OneLine(std::string text) {
  std::replace_if(text.begin(), text.end(), IsControl, ' ');
  if (text.size() <= kMaxAnswerText) return text;
  std::size_t end = kMaxAnswerText - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not within a character
  return text.substr(0, end) + "...";
}

std::string PacketOf(ProberAnswer answer) {
  answer.text = OneLine(std::move(answer.text));
  std::string packet = ToJson(answer).Dump();
  while (packet.size() > kMaxProberPacket && HasPorts(answer)) {
    HalveMostPorts(&answer);
    packet = ToJson(answer).Dump();
  }
  return packet;
}

ProberChannel::ProberChannel(Loop& loop, int fd, std::function<void(ProberRequest)> on_request,
                             std::function<void()> on_end)
    : loop_(loop),
      fd_(fd),
      on_request_(std::move(on_request)),
      on_end_(std::move(on_end)),
      buffer_(kMaxProberPacket + 1, '\0') {}

ProberChannel::~ProberChannel() {
  if (fd_) loop_.Unwatch(fd_.get());
}

Result<void> ProberChannel::Open() {
  return loop_.Watch(fd_.get(), kReadable, [this](unsigned ready) { OnReady(ready); });
}

void ProberChannel::OnReady(unsigned ready) {
  if (ready & kWritable) Flush();
  for (int i = 0; i < kPacketsPerTurn && (ready & kReadable) && fd_ && waiting_.size() < kMaxWaiting; ++i) {
    std::vector<UniqueFd> strangers;  // nobody sends any; closed
    auto size = ReceivePacket(fd_.get(), buffer_.data(), buffer_.size(), &strangers);
    if (!size.ok() && size.error().code() == EAGAIN) break;
    if (!size.ok() || *size == 0) return End();
    OnPacket(std::string_view(buffer_).substr(0, *size));
  }
  Update();
}

void ProberChannel::OnPacket(std::string_view packet) {
  const auto json =
      packet.size() > kMaxProberPacket ? Result<Json>(Error("the request is too large")) : ParseJson(packet);
  auto request = json.ok() ? ProberRequestFromJson(*json) : Result<ProberRequest>(json.error());
  if (request.ok()) return on_request_(std::move(*request));
  std::fprintf(stderr, "foster probe: %s\n", request.error().message().c_str());
  if (json.ok() && (*json)["id"].is_int())
    Send({static_cast<std::uint64_t>((*json)["id"].AsInt()), false, request.error().message(), {}});
}

void ProberChannel::Send(ProberAnswer answer) {
  if (!fd_) return;
  waiting_.push_back(PacketOf(std::move(answer)));
  Flush();
  Update();
}

void ProberChannel::Flush() {
  while (!waiting_.empty()) {
    const auto sent = SendPacket(fd_.get(), waiting_.front(), {});
    if (!sent.ok() && (sent.error().code() == EAGAIN || sent.error().code() == ENOBUFS)) return;
    waiting_.pop_front();  // what the other side cannot take at all it asks for again
  }
}

void ProberChannel::Update() {
  if (!fd_) return;
  const unsigned read = waiting_.size() < kMaxWaiting ? kReadable : 0;
  loop_.Change(fd_.get(), read | (waiting_.empty() ? 0 : kWritable));
}

void ProberChannel::End() {
  loop_.Unwatch(fd_.get());
  fd_.Reset();
  on_end_();
}

}  // namespace foster
