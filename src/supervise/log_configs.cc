// SPDX-License-Identifier: MIT
#include "supervise/log_configs.h"

#include <algorithm>
#include <cstdlib>

#include "formats/foster_values.h"
#include "wire/log_codec.h"

namespace foster {
namespace {

constexpr std::uint64_t kFileBytes = 10ull << 20;
constexpr std::uint32_t kFileBackups = 10;

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Below the directory of all logs, and nowhere else.
bool IsPlainPath(const std::string& name) {
  std::size_t begin = 0;
  while (begin <= name.size()) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string part = name.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return true;
}

LogSink FileIn(const std::string& directory, const std::string& name) {
  LogSink sink;
  sink.target = directory + "/" + name + "/current";
  sink.format = LogFormat::kFoster;
  sink.rotation.max_bytes = kFileBytes;
  sink.rotation.backups = kFileBackups;
  sink.rotation.naming = LogNaming::kTai64n;
  sink.rotation.compression = LogCompression::kZstd;
  return sink;
}

bool KeepsItself(const LogSpec& spec) {
  return std::any_of(spec.sinks.begin(), spec.sinks.end(), [](const LogSink& sink) {
    return sink.kind == LogSinkKind::kFile && sink.format == LogFormat::kFoster;
  });
}

// A config holds at most kMaxSecrets values; a redactor looks for the lines of each, so many go into one.
std::vector<std::string> Packed(std::vector<std::string> values) {
  while (values.size() > kMaxSecrets) {
    std::string last = std::move(values.back());
    values.pop_back();
    values[kMaxSecrets - 1] += "\n" + last;
  }
  return values;
}

}  // namespace

LogOptions LogOptionsHere(Voice& voice) {
  LogOptions options;
  options.directory = FromEnvironment("FOSTER_LOG_DIR");
  while (options.directory.size() > 1 && options.directory.back() == '/') options.directory.pop_back();
  if (!options.directory.empty() && options.directory[0] != '/') {
    voice.Say("FOSTER_LOG_DIR: '" + options.directory + "' is no absolute path: no log files");
    options.directory.clear();
  }
  if (const std::string ring = FromEnvironment("FOSTER_LOG_RING"); !ring.empty()) {
    auto bytes = ParseSize(ring);
    if (bytes.ok() && *bytes >= kLeastRingBytes && *bytes <= kMostRingBytes) {
      options.ring_bytes = *bytes;
    } else {
      voice.Say("FOSTER_LOG_RING: '" + ring + "' is no size from 64K to 1G: rings have their usual one");
    }
  }
  if (const std::string directory = FromEnvironment("CREDENTIALS_DIRECTORY"); !directory.empty())
    options.credentials = ReadCredentials(directory);
  return options;
}

LogSlotConfig MakeLogConfig(const std::string& name, const LogSpec& spec, bool internal,
                            const LogOptions& options, const std::vector<std::string>& hidden) {
  LogSlotConfig config;
  config.service = name;
  config.spec = spec;
  if (options.ring_bytes != 0 && spec.ring_bytes == kDefaultRingBytes)
    config.spec.ring_bytes = options.ring_bytes;
  const bool wants_file = !options.directory.empty() && !internal && !KeepsItself(spec);
  if (wants_file && IsPlainPath(name) && spec.sinks.size() < kMaxLogSinks)
    config.spec.sinks.push_back(FileIn(options.directory, name));
  std::vector<std::string> all = hidden;
  all.insert(all.end(), options.credentials.begin(), options.credentials.end());
  config.secrets = Packed(std::move(all));
  return config;
}

void LogConfigs::Apply(const std::string& name, const LogSpec& spec, bool internal) {
  if (!logs_.usable()) return;
  auto [place, is_new] = known_.try_emplace(name);
  Known& known = place->second;
  if (is_new) {
    // What a former supervise has hidden stays so.
    auto former = DecodeSlotConfig(logs_.table().ConfigOf(logs_.table().Find(name)));
    if (former.ok())
      for (auto value = former->secrets.rbegin(); value != former->secrets.rend(); ++value)
        if (std::find(options_.credentials.begin(), options_.credentials.end(), *value) ==
            options_.credentials.end())
          known.hidden.Add(*value);
  }
  known.spec = spec;
  known.internal = internal;
  Write(name, known);
}

void LogConfigs::Hide(const std::string& name, const std::vector<SecretValue>& values) {
  auto place = known_.find(name);
  if (place == known_.end()) return;
  bool is_news = false;
  for (const SecretValue& value : values) is_news = place->second.hidden.Add(value.value) || is_news;
  if (is_news) Write(name, place->second);
}

void LogConfigs::Write(const std::string& name, const Known& known) {
  logs_.Configure(name, EncodeSlotConfig(MakeLogConfig(name, known.spec, known.internal, options_,
                                                       known.hidden.values())));
}

}  // namespace foster
