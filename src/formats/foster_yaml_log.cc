// SPDX-License-Identifier: MIT
// `log` and `secrets`.
#include "formats/foster_yaml_log.h"

#include <algorithm>

#include "base/ascii.h"
#include "formats/foster_values.h"
#include "formats/foster_yaml_parts.h"
#include "formats/scalar_values.h"
#include "formats/suggest.h"
#include "model/check_log.h"
#include "model/s6_script.h"

namespace foster {
namespace {

// ---- syslog

// RFC 5424's numbers; those between have no name that everybody uses.
constexpr std::string_view kFacilities[] = {"kern", "user", "mail", "daemon", "auth",     "syslog",
                                            "lpr",  "news", "uucp", "cron",   "authpriv", "ftp"};

Result<std::uint32_t> ParseFacility(std::string_view text) {
  std::string word = ToLower(text);
  for (std::uint32_t i = 0; i < std::size(kFacilities); ++i)
    if (kFacilities[i] == word) return i;
  bool is_local = word.size() == 6 && word.rfind("local", 0) == 0 && word[5] >= '0' && word[5] <= '7';
  if (is_local) return static_cast<std::uint32_t>(16 + word[5] - '0');
  auto number = ParseNumber(text, 0, kMostFacility);
  if (!number.ok()) return Error("not a facility: " + Quote(text));
  return static_cast<std::uint32_t>(*number);
}

const std::vector<FosterKey<LogSink>> kSyslogKeys = {
    {"to", [](const FosterNode& value, LogSink& sink) { value.Expanded(&sink.target); }},
    {"streams", ReadLogStreams},
    {"facility",
     [](const FosterNode& value, LogSink& sink) {
       value.Value<std::uint32_t>(&sink.facility, ParseFacility,
                                  "daemon, user, local0 ... local7, or 0 to 23");
     }},
};

void ReadSyslog(const FosterNode& value, LogSink& sink) {
  sink.kind = LogSinkKind::kSyslog;
  sink.target = "unix:/dev/log";
  if (value.yaml().is_scalar())
    value.Expanded(&sink.target);
  else
    ReadKeys(value, kSyslogKeys, sink);
}

// ---- otlp, loki

template <std::vector<std::string> LogSink::*member>
void ReadPairs(const FosterNode& value, LogSink& sink) {
  if (value.yaml().is_scalar()) return value.Error("has to be a map", "write {NAME: VALUE}");  // not its text
  if (!value.Map()) return;
  const char* between = member == &LogSink::headers ? ": " : "=";
  for (const YamlNode::Pair& pair : value.yaml().pairs) {
    std::string text;
    if (value.Below(pair.key, *pair.value).Expanded(&text))
      (sink.*member).push_back(pair.key + between + text);
  }
}

const std::vector<FosterKey<LogSink>> kCollectorKeys = {
    {"url", [](const FosterNode& value, LogSink& sink) { value.Expanded(&sink.target); }},
    {"streams", ReadLogStreams},
    {"headers", ReadPairs<&LogSink::headers>},
    {"labels", ReadPairs<&LogSink::labels>},
};

template <LogSinkKind kind>
void ReadCollector(const FosterNode& value, LogSink& sink) {
  sink.kind = kind;
  if (value.yaml().is_scalar()) {
    value.Expanded(&sink.target);
  } else {
    ReadKeys(value, kCollectorKeys, sink);
    if (value.yaml().is_map() && !value.yaml().Find("url")) value.Error("has no url", "add url: http://...");
  }
}

// ---- s6

const std::vector<FosterKey<LogSink>> kScriptKeys = {
    {"script", [](const FosterNode& value, LogSink& sink) { value.Expanded(&sink.target); }},
    {"streams", ReadLogStreams},
};

// Said here rather than by CheckSink: the place of each faulty word is known.
void CheckScript(const FosterNode& place, const LogSink& sink) {
  S6Script script;
  std::vector<S6ScriptError> errors;
  if (ParseS6Script(sink.target, &script, &errors)) return;
  const bool is_as_written = place.yaml().scalar == sink.target;
  for (const S6ScriptError& error : errors)
    place.ErrorAt(is_as_written ? error.offset : 0, error.text,
                  "the words of s6-log: n20 s1000000 T /var/log/web");
}

void ReadScript(const FosterNode& value, LogSink& sink) {
  sink.kind = LogSinkKind::kS6;
  if (value.yaml().is_scalar()) {
    if (value.Expanded(&sink.target)) CheckScript(value, sink);
    return;
  }
  ReadKeys(value, kScriptKeys, sink);
  const YamlNode* script = value.yaml().Find("script");
  if (value.yaml().is_map() && !script)
    value.Error("has no script", "add script: 'T /var/log/web'");
  else if (script && script->is_scalar() && !script->is_null())
    CheckScript(value.Below("script", *script), sink);
}

// ---- the sinks of one kind

// What the file says of a kind is all there is of that kind.
template <LogSinkKind kind, void (*read)(const FosterNode&, LogSink&)>
void ReadSinks(const FosterNode& value, LogSpec& log) {
  auto is_kind = [](const LogSink& sink) { return sink.kind == kind; };
  log.sinks.erase(std::remove_if(log.sinks.begin(), log.sinks.end(), is_kind), log.sinks.end());
  const bool is_list = value.yaml().is_sequence();
  const std::size_t count = is_list ? value.yaml().items.size() : 1;
  if (count > kMaxLogSinks) return value.Error(std::to_string(count) + " places to write to", "at most 8");
  for (std::size_t i = 0; i < count; ++i) {
    FosterNode item = is_list ? value.At(i) : value;
    LogSink sink;
    std::size_t errors_before = item.error_count();
    read(item, sink);
    if (item.error_count() == errors_before)
      for (const SpecFault& fault : CheckSink(sink, kLeastFileBytes))
        item.Fault(fault.key, fault.text, fault.hint);
    log.sinks.push_back(std::move(sink));
  }
}

void ReadRing(const FosterNode& value, LogSpec& log) {
  const char* hint = "64K to 1G";
  std::uint64_t bytes = 0;
  if (!value.Value<std::uint64_t>(&bytes, ParseSize, hint)) return;
  if (bytes < kLeastRingBytes || bytes > kMostRingBytes)
    return value.Error("out of range: " + Quote(value.yaml().scalar), hint);
  log.ring_bytes = bytes;
}

const std::vector<FosterKey<LogSpec>> kLogKeys = {
    {"ring", ReadRing},
    {"overflow",
     [](const FosterNode& value, LogSpec& log) { value.Word(&log.overflow, LogOverflow::kDropOldest); }},
    {"full_disk",
     [](const FosterNode& value, LogSpec& log) { value.Word(&log.full_disk, LogFullDisk::kWait); }},
    {"console", [](const FosterNode& value, LogSpec& log) { value.Bool(&log.console); }},
    {"files", ReadSinks<LogSinkKind::kFile, ReadFosterFile>},
    {"s6", ReadSinks<LogSinkKind::kS6, ReadScript>},
    {"syslog", ReadSinks<LogSinkKind::kSyslog, ReadSyslog>},
    {"otlp", ReadSinks<LogSinkKind::kOtlp, ReadCollector<LogSinkKind::kOtlp>>},
    {"loki", ReadSinks<LogSinkKind::kLoki, ReadCollector<LogSinkKind::kLoki>>},
};

bool ReadSecretFile(const FosterNode& value, std::string* file) {
  if (!value.Expanded(file)) return false;
  if (!file->empty() && file->front() == '/') return true;
  value.Error("not an absolute path: " + Quote(*file), "a file that holds the value");
  return false;
}

// {NAME: file}: the variable gets it.
void ReadNamedSecrets(const FosterNode& value, std::vector<Secret>* secrets) {
  for (const YamlNode::Pair& pair : value.yaml().pairs) {
    FosterNode file = value.Below(pair.key, *pair.value);
    Secret secret{pair.key, {}};
    bool is_bad = pair.key.empty() || pair.key.find_first_of(std::string_view("=\0", 2)) != std::string::npos;
    if (is_bad)
      file.Error("not a variable's name: " + Quote(pair.key), "it cannot hold '='");
    else if (ReadSecretFile(file, &secret.file))
      secrets->push_back(std::move(secret));
  }
}

}  // namespace

void ReadLogStreams(const FosterNode& value, LogSink& sink) {
  std::string text;
  if (!value.Text(&text)) return;
  if (text != "both" && text != "stdout" && text != "stderr")
    return value.Error("unknown word " + Quote(text), "allowed: both, stdout, stderr");
  sink.takes_out = text != "stderr";
  sink.takes_err = text != "stdout";
}

void ReadFosterLog(const FosterNode& value, ServiceSpec& spec) { ReadKeys(value, kLogKeys, spec.log); }

void ReadFosterSecrets(const FosterNode& value, ServiceSpec& spec) {
  std::vector<Secret> secrets;
  if (value.yaml().is_map()) {
    ReadNamedSecrets(value, &secrets);
  } else if (value.yaml().is_sequence()) {
    for (std::size_t i = 0; i < value.yaml().items.size(); ++i) {
      FosterNode item = value.At(i);
      if (item.yaml().is_map())
        ReadNamedSecrets(item, &secrets);
      else if (Secret hidden; ReadSecretFile(item, &hidden.file))
        secrets.push_back(std::move(hidden));
    }
  } else {
    return value.WrongKind("a map or a list", "like {TOKEN: /run/secrets/token}, or [/run/secrets/key]");
  }
  spec.secrets = std::move(secrets);
}

}  // namespace foster
