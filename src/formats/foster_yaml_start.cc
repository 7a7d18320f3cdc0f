// SPDX-License-Identifier: MIT
#include <algorithm>

#include "formats/foster_values.h"
#include "formats/foster_yaml_parts.h"
#include "formats/scalar_values.h"
#include "model/check_spec.h"

namespace foster {
namespace {

// ---- schedule

void Begin(const FosterNode& value, ScheduleKind kind, Schedule& schedule) {
  if (schedule.kind != ScheduleKind::kNone)
    value.Error("a schedule is one of cron, every and at", "take one of the two out");
  schedule.kind = kind;
}

void ReadCron(const FosterNode& value, Schedule& schedule) {
  Begin(value, ScheduleKind::kCron, schedule);
  std::string line;
  if (!value.Text(&line)) return;
  auto done = SetCron(line, &schedule);
  if (!done.ok())
    value.Error(done.error().message(), "like '*/5 * * * *', '30 */5 * * * *' (seconds first) or @daily");
}

void ReadEvery(const FosterNode& value, Schedule& schedule) {
  Begin(value, ScheduleKind::kInterval, schedule);
  value.Duration(&schedule.interval, Millis{1'000}, false);
}

void ReadAt(const FosterNode& value, Schedule& schedule) {
  Begin(value, ScheduleKind::kOnce, schedule);
  value.Value<WallNanos>(&schedule.at, ParseWallTime,
                         "like 2026-12-24T18:00:00Z or 2026-12-24T18:00:00+09:00");
}

void ReadZone(const FosterNode& value, Schedule& schedule) {
  std::string why;
  if (value.Text(&schedule.timezone)) why = TimeZoneFault(schedule.timezone);
  if (!why.empty()) value.Error(why, "a name like Europe/Berlin, Asia/Tokyo or UTC");
}

const std::vector<FosterKey<Schedule>> kScheduleKeys = {
    {"cron", ReadCron},
    {"every", ReadEvery},
    {"at", ReadAt},
    {"timezone", ReadZone},
    {"overlap",
     [](const FosterNode& value, Schedule& schedule) { value.Word(&schedule.overlap, Overlap::kReplace); }},
    {"run_on_start", [](const FosterNode& value, Schedule& schedule) { value.Bool(&schedule.run_on_start); }},
};

// ---- sockets

struct SocketKeys {
  SocketSpec spec;
  bool has_kind = false;
};

constexpr std::size_t kMaxUnixPath = 107;  // sun_path without its NUL

bool Begin(const FosterNode& value, SocketKind kind, SocketKeys& keys) {
  if (keys.has_kind) return value.Error("a socket has one address", "make it an entry of its own"), false;
  keys.has_kind = true;
  keys.spec.kind = kind;
  return true;
}

template <SocketKind kind>
void ReadAddress(const FosterNode& value, SocketKeys& keys) {
  HostPort address;
  auto parse = [](std::string_view text) { return ParseHostPort(text, "127.0.0.1"); };
  if (!Begin(value, kind, keys)) return;
  if (!value.Value<HostPort>(&address, parse,
                             "a port, host:port, or *:port for all addresses; ports are 1 to 65535"))
    return;
  keys.spec.host = address.host;
  keys.spec.port = address.port;
}

template <SocketKind kind>
void ReadUnix(const FosterNode& value, SocketKeys& keys) {
  std::string path;
  if (!Begin(value, kind, keys) || !value.Text(&path)) return;
  bool is_abstract = path.size() > 1 && path[0] == '@';
  if (!is_abstract && (path.empty() || path[0] != '/'))
    return value.Error("not an absolute path: " + Quote(path),
                       "begin it with /, or with @ for an abstract name");
  if (path.size() > kMaxUnixPath)
    return value.Error("a socket's path of " + std::to_string(path.size()) + " bytes", "at most 107");
  keys.spec.path = std::move(path);
}

void ReadMode(const FosterNode& value, SocketKeys& keys) {
  auto parse = [](std::string_view text) -> Result<std::uint32_t> {
    auto mode = ParseOctal(text);
    if (mode.ok() && *mode > 0777) return Error("out of range: " + Quote(text));
    return mode;
  };
  value.Value<std::uint32_t>(&keys.spec.mode, parse, "octal, like 0660");
}

void ReadName(const FosterNode& value, SocketKeys& keys) {
  std::string name;
  if (!value.Text(&name)) return;
  bool is_bad = name.empty() || name.size() > 255 || name.find(':') != std::string::npos ||
                std::any_of(name.begin(), name.end(), [](char c) { return c < 0x20 || c == 0x7f; });
  if (is_bad)
    return value.Error("not a name for LISTEN_FDNAMES: " + Quote(name), "1 to 255 characters without ':'");
  keys.spec.name = std::move(name);
}

const std::vector<FosterKey<SocketKeys>> kSocketKeys = {
    {"tcp", ReadAddress<SocketKind::kTcp>},
    {"udp", ReadAddress<SocketKind::kUdp>},
    {"unix", ReadUnix<SocketKind::kUnixStream>},
    {"unix_datagram", ReadUnix<SocketKind::kUnixDatagram>},
    {"unix_seqpacket", ReadUnix<SocketKind::kUnixSeqpacket>},
    {"mode", ReadMode},
    {"owner", [](const FosterNode& value, SocketKeys& keys) { value.Text(&keys.spec.owner); }},
    {"backlog",
     [](const FosterNode& value, SocketKeys& keys) { value.Number(&keys.spec.backlog, 1, 65535); }},
    {"name", ReadName},
    {"as_stdin", [](const FosterNode& value, SocketKeys& keys) { value.Bool(&keys.spec.as_stdin); }},
};

}  // namespace

void ReadFosterSchedule(const FosterNode& value, ServiceSpec& spec) {
  spec.schedule = Schedule{};
  ReadKeys(value, kScheduleKeys, spec.schedule);
  if (value.yaml().is_map() && spec.schedule.kind == ScheduleKind::kNone)
    value.Error("says nothing about when", "add cron, every or at");
}

void ReadFosterSockets(const FosterNode& value, ServiceSpec& spec) {
  constexpr std::size_t kMost = 64;
  spec.sockets.clear();
  if (!value.List()) return;
  if (value.yaml().items.size() > kMost)
    return value.Error(std::to_string(value.yaml().items.size()) + " sockets", "at most 64");
  for (std::size_t i = 0; i < value.yaml().items.size(); ++i) {
    FosterNode item = value.At(i);
    SocketKeys keys;
    ReadKeys(item, kSocketKeys, keys);
    if (!keys.has_kind && item.yaml().is_map())
      item.Error("has no address", "add one of tcp, udp, unix, unix_datagram, unix_seqpacket");
    spec.sockets.push_back(std::move(keys.spec));
  }
}

}  // namespace foster
