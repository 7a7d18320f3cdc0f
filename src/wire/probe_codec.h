// SPDX-License-Identifier: MIT
// What supervise and the prober (`foster probe`) say to each other: one JSON object per packet, over an
// AF_UNIX SOCK_SEQPACKET pair that init's store holds ("prober-channel": [0] supervise's end, [1] the
// prober's, which finds it as fd 3, with the log table and arena as 4 and 5). Not: exec probes (children of
// init), nor any judgement: the prober looks once and says what it saw. Called by: src/supervise/probes.cc,
// src/prober. Invariants: a packet is at most kMaxProberPacket; every request but kCancel is answered once,
// or never if the prober dies: then supervise asks the next one again; a request that hangs holds no other
// up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "foster/probe.h"
#include "foster/service_status.h"
#include "foster/socket_spec.h"
#include "wire/json.h"

namespace foster {

inline constexpr std::size_t kMaxProberPacket = 60u << 10;
inline constexpr std::size_t kMaxFiguresPerPacket = 32;  // services

// How a service's processes are known: by session and group `pid`, by the tag that they inherit
// (init_protocol.h), by the environment entry FOSTER_SERVICE, and by descent from any of these.
struct TreeId {
  std::string name;  // full service name
  std::uint64_t incarnation = 0;
  std::int32_t pid = 0;
  std::uint64_t tag = 0;
  bool operator==(const TreeId&) const = default;
};

enum class ProberVerb : std::uint8_t {
  kProbe,    // `probe` once, within its timeout; kLogLine: answered when the line has come, however long that
             // takes
  kQuiet,    // ok = no connection is open on any of `sockets`, and none waits
  kFigures,  // of each of `trees`
  kPorts,    // listening sockets of `tree`, as figures[0].ports
  kLogGrew,  // no answer: bytes came into some log; those who wait for a line look again
  kCancel,   // no answer: `id` is not wanted any more; id 0: nothing that was asked before this is
};

struct ProberRequest {
  std::uint64_t id = 0;
  ProberVerb verb = ProberVerb::kProbe;
  Probe probe;
  TreeId tree;  // kProbe: whose (kListen, kLogLine)
  std::vector<SocketSpec> sockets;
  std::vector<TreeId> trees;
  bool operator==(const ProberRequest&) const = default;
};

struct ProberAnswer {
  std::uint64_t id = 0;
  bool ok = false;
  std::string
      text;  // one line: "200 OK", "connect 127.0.0.1:80: Connection refused", "listens on 127.0.0.1:8080"
  std::vector<ServiceFigures> figures;
  bool operator==(const ProberAnswer&) const = default;
};

Json ToJson(const ProberRequest& request);
Json ToJson(const ProberAnswer& answer);
Json ToJson(const ServiceFigures& figures);
Json ToJson(const CheckResult& result);
Result<ProberRequest> ProberRequestFromJson(const Json& json);
Result<ProberAnswer> ProberAnswerFromJson(const Json& json);
ServiceFigures ServiceFiguresFromJson(const Json& json);
CheckResult CheckResultFromJson(const Json& json);

}  // namespace foster
