// SPDX-License-Identifier: MIT
#include "supervise/secrets.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/unique_fd.h"
#include "sys/memfd.h"

namespace foster {
namespace {

Result<std::string> ReadValue(const std::string& file) {
  const UniqueFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return Error::FromErrno("cannot open " + file);
  struct stat status {};
  if (fstat(fd.get(), &status) != 0) return Error::FromErrno("cannot look at " + file);
  if (!S_ISREG(status.st_mode)) return Error(file + " is no regular file", EINVAL);
  auto value = ReadWholeFd(fd.get(), kMostSecretBytes);
  if (!value.ok()) {
    const bool is_long = value.error().code() == EFBIG;
    return Error(
        "cannot read " + file + ": " + (is_long ? "more than 64 KiB" : std::strerror(value.error().code())),
        value.error().code());
  }
  if (value->ends_with('\n')) value->pop_back();
  return value;
}

}  // namespace

Result<std::vector<SecretValue>> ReadSecrets(const std::vector<Secret>& secrets) {
  std::vector<SecretValue> values;
  for (const Secret& secret : secrets) {
    auto value = ReadValue(secret.file);
    const std::string what = "secret" + (secret.name.empty() ? "" : " " + secret.name) + ": ";
    if (!value.ok()) return Error(what + value.error().message(), value.error().code());
    if (!secret.name.empty() && value->find('\0') != std::string::npos)
      return Error(what + secret.file + " holds a NUL byte: no environment variable can", EINVAL);
    values.push_back({secret.name, std::move(*value)});
  }
  return values;
}

std::vector<std::string> ReadCredentials(const std::string& directory) {
  std::vector<std::string> names, values;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(directory.c_str()), closedir);
  constexpr std::size_t kMostNames = 1024;
  while (entries && names.size() < kMostNames) {
    const dirent* entry = readdir(entries.get());
    if (entry == nullptr) break;
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    auto value = ReadValue(directory + "/" + name);
    if (value.ok() && values.size() < kMaxSecrets) values.push_back(std::move(*value));
  }
  return values;
}

bool HiddenValues::Add(const std::string& value) {
  if (value.empty()) return false;
  const auto known = std::find(values_.begin(), values_.end(), value);
  if (known == values_.begin() && known != values_.end()) return false;
  const bool is_news = known == values_.end();
  if (!is_news) values_.erase(known);
  values_.insert(values_.begin(), value);
  std::size_t bytes = 0, kept = 0;
  while (kept < values_.size() && kept < kMost && (bytes += values_[kept].size()) <= kMostBytes) ++kept;
  values_.resize(std::max<std::size_t>(kept, 1));
  return is_news;
}

}  // namespace foster
