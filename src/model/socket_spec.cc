// SPDX-License-Identifier: MIT
#include "foster/socket_spec.h"

#include "base/enum_names.h"

namespace foster {
namespace {

constexpr EnumNames<SocketKind, SocketKind::kUnixSeqpacket> kKinds{
    {"tcp", "udp", "unix", "unix_datagram", "unix_seqpacket"}};
constexpr EnumNames<Activation, Activation::kOnDemand> kActivations{{"boot", "on_demand"}};

}  // namespace

std::string_view NameOf(SocketKind kind) { return kKinds.NameOf(kind); }
std::string_view NameOf(Activation activation) { return kActivations.NameOf(activation); }
std::optional<SocketKind> SocketKindFromName(std::string_view name) { return kKinds.FromName(name); }
std::optional<Activation> ActivationFromName(std::string_view name) { return kActivations.FromName(name); }

}  // namespace foster
