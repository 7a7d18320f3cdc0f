// SPDX-License-Identifier: MIT
// Secrets: values that services are handed and nobody is shown, read from their files. Not: hiding them
// (base/redactor.h). Called by: Spawner (at each start), LogConfigs. Invariants: a value appears in no error;
// only regular files are read, at most kMostSecretBytes of each, so nothing waits.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "foster/log_spec.h"

namespace foster {

inline constexpr std::size_t kMostSecretBytes = 64 * 1024;

struct SecretValue {
  std::string name;  // of the environment variable; empty = only to be hidden
  std::string value;
};

// All of them, or why one cannot be had.
Result<std::vector<SecretValue>> ReadSecrets(const std::vector<Secret>& secrets);
// The files of systemd's $CREDENTIALS_DIRECTORY, at most kMaxSecrets; those that cannot be read are passed
// over.
std::vector<std::string> ReadCredentials(const std::string& directory);

// What is to be hidden of one service: newest first, each once, at most kMost and kMostBytes.
class HiddenValues {
 public:
  static constexpr std::size_t kMost = 2 * kMaxSecrets;
  static constexpr std::size_t kMostBytes = 384 * 1024;  // the config that carries them is bounded, too
  // True: that is news.
  bool Add(const std::string& value);
  const std::vector<std::string>& values() const { return values_; }

 private:
  std::vector<std::string> values_;
};

}  // namespace foster
