// SPDX-License-Identifier: MIT
#include "sys/sink_identity.h"

#include <algorithm>
#include <string>

namespace foster {
namespace {

class Hash {
 public:
  void Add(std::string_view text) {
    for (unsigned char byte : text) Mix(byte);
    Mix(0x100);
  }
  void Add(std::uint64_t number) { Add(std::to_string(number)); }
  std::uint64_t value() const { return value_ == 0 ? 1 : value_; }

 private:
  void Mix(std::uint64_t byte) { value_ = (value_ ^ byte) * 0x100000001b3; }
  std::uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace

std::uint64_t SinkIdentity(const LogSink& spec, std::uint32_t ordinal) {
  Hash hash;
  hash.Add(static_cast<std::uint64_t>(spec.kind));
  hash.Add(spec.target);
  hash.Add(spec.takes_out ? 1 : 0);
  hash.Add(spec.takes_err ? 1 : 0);
  hash.Add(static_cast<std::uint64_t>(spec.format));
  hash.Add(static_cast<std::uint64_t>(spec.rotation.naming));
  hash.Add(ordinal);
  return hash.value();
}

std::vector<std::uint64_t> SinkIdentities(const std::vector<LogSink>& specs) {
  std::vector<std::uint64_t> identities;
  for (const LogSink& spec : specs) {
    std::uint32_t ordinal = 0;
    while (std::count(identities.begin(), identities.end(), SinkIdentity(spec, ordinal)) != 0) ++ordinal;
    identities.push_back(SinkIdentity(spec, ordinal));
  }
  return identities;
}

}  // namespace foster
