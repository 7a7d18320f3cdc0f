// SPDX-License-Identifier: MIT
#include "supervise/follow.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <charconv>

#include "sys/clock.h"
#include "sys/unix_socket.h"

namespace foster {
namespace {

// File times are those of the last tick of the kernel's clock.
constexpr WallNanos kTick = 20'000'000;

std::int32_t PidIn(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  std::int32_t pid = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  return error == std::errc() && end == text.data() + text.size() && pid > 1 ? pid : 0;
}

}  // namespace

std::int32_t ReadPidFile(const std::string& path, WallNanos not_before) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat info {};
  if (!fd || fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return 0;
  WallNanos written = info.st_mtim.tv_sec * WallNanos{1'000'000'000} + info.st_mtim.tv_nsec;
  if (written + kTick < not_before) return 0;
  char bytes[64];
  auto size = ReadSome(fd.get(), bytes, sizeof bytes);
  return size.ok() ? PidIn({bytes, *size}) : 0;
}

// It is asked for while the service is Starting, which it is since right before its spawn.
std::int32_t FollowDaemons::PidOf(const Effect& effect) const {
  const ServiceSpec& spec = driver_.engine().spec(effect.service);
  if (spec.daemon.follow != Follow::kPidFile) return effect.pid;
  return ReadPidFile(spec.isolation.chroot + spec.daemon.pid_file, driver_.since_wall(effect.service));
}

void FollowDaemons::Perform(const Effect& effect, const std::string& name) {
  if (!driver_.engine().Exists(effect.service)) return;
  std::int32_t pid = PidOf(effect);
  if (pid <= 0) {
    Answer(effect.service, effect.incarnation, 0);
    return;
  }
  Message message = MessageOf(kMsgAdopt);
  message.key = KeyOf(name, kRoleMain, effect.incarnation);
  message.pid = pid;
  init_.Send(message);
}

void FollowDaemons::OnAdopted(const Message& message) {
  ServiceId id = driver_.engine().Find(NameIn(message.key.name));
  if (id != kNoService) Answer(id, message.key.incarnation, message.pid);
}

void FollowDaemons::Answer(ServiceId service, std::uint64_t incarnation, std::int32_t pid) {
  Event event{};
  event.kind = EventKind::kFollowed;
  event.service = service;
  event.incarnation = incarnation;
  event.pid = pid;
  driver_.Post(event);
}

}  // namespace foster
