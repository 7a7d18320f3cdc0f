// SPDX-License-Identifier: MIT
#include "model/check_log.h"

#include <algorithm>
#include <set>

#include "base/ascii.h"
#include "model/http_url.h"
#include "model/s6_script.h"

namespace foster {
namespace {

constexpr std::size_t kLongestPath = 3800;   // PATH_MAX without what an archive's name adds
constexpr std::size_t kLongestSocket = 107;  // sun_path without its NUL
constexpr std::size_t kLongestText = 4096;   // a header, a label, a URL
constexpr std::size_t kMostFields = 64;
constexpr std::size_t kLongestScript = 65536;  // of s6-log
constexpr Millis kShortestEvery{60'000};
constexpr Millis kLongestEvery{366LL * 86'400'000};

bool HasControl(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

std::string Shown(const std::string& text) { return "'" + text.substr(0, 80) + "'"; }

bool IsPort(std::string_view text) {
  if (text.empty() || text.size() > 5) return false;
  std::uint32_t number = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return number >= 1 && number <= 65535;
}

// "host:port", "[::1]:port"; what is wrong with it.
std::string AuthorityFault(std::string_view text) {
  std::size_t bracket = text.empty() || text[0] != '[' ? 0 : text.find(']');
  if (bracket == std::string_view::npos) return "no closing ']'";
  std::size_t colon = text.find(':', bracket);
  std::string_view host = text.substr(0, colon);
  if (host.empty() || host == "[]") return "no host";
  if (host.find_first_of(" \t\"'@<>?#%") != std::string_view::npos) return "not a host";
  if (bracket != 0 && host.size() != bracket + 1) return "not a host";
  if (colon == std::string_view::npos) return "no port";
  return IsPort(text.substr(colon + 1)) ? "" : "the port has to be 1 to 65535";
}

class SinkChecker {
 public:
  SinkChecker(const LogSink& sink, std::uint64_t least) : sink_(sink), least_(least) {}

  std::vector<SpecFault> Run() {
    if (!sink_.takes_out && !sink_.takes_err)
      Fault("streams", "neither stdout nor stderr goes there", "one of both, stdout, stderr");
    switch (sink_.kind) {
      case LogSinkKind::kFile:
        CheckFile();
        break;
      case LogSinkKind::kS6:
        CheckScript();
        break;
      case LogSinkKind::kSyslog:
        CheckSyslog();
        break;
      case LogSinkKind::kOtlp:
      case LogSinkKind::kLoki:
        CheckCollector();
        break;
    }
    return std::move(faults_);
  }

 private:
  void Fault(std::string key, std::string text, std::string hint = {}) {
    faults_.push_back({std::move(key), std::move(text), std::move(hint)});
  }

  void CheckFile() {
    const std::string& path = sink_.target;
    if (path.empty() || path[0] != '/')
      Fault("path", "not an absolute path: " + Shown(path), "begin it with /");
    else if (path.back() == '/')
      Fault("path", Shown(path) + " names a directory", "add the file's name");
    else if (path.size() > kLongestPath || HasControl(path))
      Fault("path", "not a path for a file: " + Shown(path), "at most 3800 bytes, no control characters");
    if (sink_.mode > 0777) Fault("mode", "only permissions", "octal, like 0640");
    if (sink_.format_options.fields.size() > kMostFields) Fault("fields", "too many fields", "at most 64");
    CheckRotation();
  }

  void CheckRotation() {
    const LogRotation& rotation = sink_.rotation;
    if (rotation.max_bytes > 0 && rotation.max_bytes < least_)
      Fault("rotate.size", std::to_string(rotation.max_bytes) + " bytes: it would be rotated all the time",
            "at least " + std::to_string(least_) + ", or never");
    bool is_odd =
        rotation.every != Millis{0} && (rotation.every < kShortestEvery || rotation.every > kLongestEvery);
    if (is_odd) Fault("rotate.every", "has to be 1 minute to 366 days", "like 1h, daily, weekly");
    if (rotation.max_total > 0 && rotation.max_bytes > rotation.max_total)
      Fault("rotate.total", "less than one file may have", "more than size");
    bool is_rotated = rotation.max_bytes > 0 || rotation.every > Millis{0};
    if (is_rotated && sink_.target.rfind("/dev/", 0) == 0)
      Fault("rotate", "a device cannot be rotated", "rotate: never");
  }

  void CheckScript() {
    if (sink_.target.size() > kLongestScript)
      return Fault("", std::to_string(sink_.target.size()) + " bytes of script", "at most 65536");
    S6Script script;
    std::vector<S6ScriptError> errors;
    ParseS6Script(sink_.target, &script, &errors);
    for (const S6Action& action : script.actions) {
      bool is_place = action.kind == S6ActionKind::kDirectory || action.kind == S6ActionKind::kStatusFile;
      if (errors.empty() && is_place && (action.target.empty() || action.target[0] != '/'))
        Fault("", "not an absolute path: " + Shown(action.target), "logd works in no directory of yours");
    }
    for (const S6ScriptError& error : errors)
      Fault("", error.text + " (at byte " + std::to_string(error.offset + 1) + " of the script)");
  }

  void CheckSyslog() {
    if (std::string why = SyslogTargetFault(sink_.target); !why.empty())
      Fault("to", why, "unix:/dev/log or udp:HOST:PORT");
    if (sink_.facility > kMostFacility) Fault("facility", "there is no such facility", "0 to 23");
  }

  void CheckCollector() {
    if (auto url = ParseHttpUrl(sink_.target); !url.ok())
      Fault("url", url.error().message(), "like http://127.0.0.1:4318/v1/logs");
    const std::size_t most = sink_.kind == LogSinkKind::kLoki ? kMostLokiLabels : kMostSinkLabels;
    if (sink_.headers.size() > kMostSinkHeaders)
      Fault("headers", "too many headers", "at most " + std::to_string(kMostSinkHeaders));
    if (sink_.labels.size() > most) Fault("labels", "too many labels", "at most " + std::to_string(most));
    for (const std::string& header : sink_.headers) CheckHeader(header);
    for (const std::string& label : sink_.labels) CheckLabel(label);
  }

  void CheckHeader(const std::string& header) {
    const std::size_t colon = header.find(": ");
    const bool is_bad = colon == std::string::npos || colon == 0 || header.size() > kLongestText ||
                        HasControl(header) || header.find(' ') < colon;
    const std::string name = colon == std::string::npos ? "" : header.substr(0, colon);
    if (is_bad)
      return Fault("headers", "not a header" + (name.empty() ? "" : ": " + Shown(name)),
                   "one line, no blank in the name");
    const std::string lower = ToLower(name);
    for (const char* own : {"host", "content-length", "content-type", "transfer-encoding", "connection"})
      if (lower == own) Fault("headers", Shown(name) + " is foster's to send", "leave it out");
    if (lower == "content-encoding" && header.substr(colon + 2) != "gzip")
      Fault("headers", Shown(name) + " has an encoding that foster does not know", "gzip");
  }

  void CheckLabel(const std::string& label) {
    const bool is_loki = sink_.kind == LogSinkKind::kLoki;
    std::string name = label.substr(0, label.find('='));
    auto fits = [&](char c) {
      bool is_alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      return is_alnum || c == '_' || (!is_loki && (c == '.' || c == '-'));
    };
    bool is_bad = name.size() == label.size() || name.empty() || label.size() > kLongestText ||
                  (name[0] >= '0' && name[0] <= '9') || !std::all_of(name.begin(), name.end(), fits);
    if (is_bad)
      Fault("labels", "not a label's name: " + Shown(name),
            is_loki ? "letters, digits and _" : "letters, digits, '.', '-' and _");
  }

  const LogSink& sink_;
  const std::uint64_t least_;
  std::vector<SpecFault> faults_;
};

struct Place {
  std::string name;
  std::string shown;
};

// Where a sink's lines go: a file, a server, the directories of an s6-log script.
std::vector<Place> PlacesOf(const LogSink& sink) {
  const std::string kind = std::string(NameOf(sink.kind)) + " ";
  if (sink.kind != LogSinkKind::kS6) return {{kind + sink.target, kind + ShownTarget(sink)}};
  S6Script script;
  std::vector<S6ScriptError> errors;
  std::vector<Place> places;
  if (sink.target.size() > kLongestScript || !ParseS6Script(sink.target, &script, &errors)) return places;
  for (const S6Action& action : script.actions)
    if (action.kind == S6ActionKind::kDirectory)
      places.push_back({kind + action.target, kind + action.target});
  return places;
}

void CheckTogether(const LogSpec& log, std::vector<SpecFault>* faults) {
  if (log.ring_bytes < kLeastRingBytes || log.ring_bytes > kMostRingBytes)
    faults->push_back({"log.ring", std::to_string(log.ring_bytes) + " bytes", "64K to 1G"});
  if (log.sinks.size() > kMaxLogSinks)
    faults->push_back({"log", std::to_string(log.sinks.size()) + " places to write to", "at most 8"});
  std::set<std::string> seen;
  for (const LogSink& sink : log.sinks)
    for (const Place& place : PlacesOf(sink))
      if (!seen.insert(place.name).second)
        faults->push_back(
            {"log", "goes twice to " + Shown(place.shown), "write it once; streams: both takes both"});
}

void CheckSecrets(const std::vector<Secret>& secrets, std::vector<SpecFault>* faults) {
  auto fault = [&](std::string text, std::string hint) {
    faults->push_back({"secrets", std::move(text), std::move(hint)});
  };
  if (secrets.size() > kMaxSecrets) fault(std::to_string(secrets.size()) + " secrets", "at most 64");
  std::set<std::string> names;
  for (const Secret& secret : secrets) {
    bool is_bad = secret.name.find('=') != std::string::npos || HasControl(secret.name);
    if (is_bad) fault("not a variable's name: " + Shown(secret.name), "it cannot hold '='");
    bool is_path = !secret.file.empty() && secret.file[0] == '/' && secret.file.size() <= kLongestPath &&
                   !HasControl(secret.file);
    if (!is_path) fault("not an absolute path: " + Shown(secret.file), "a file that holds the value");
    if (!secret.name.empty() && !names.insert(secret.name).second)
      fault(Shown(secret.name) + " is given twice", "once is enough");
  }
}

}  // namespace

std::string SyslogTargetFault(const std::string& text) {
  if (text.rfind("unix:", 0) == 0) {
    std::string path = text.substr(5);
    bool is_good = !path.empty() && path[0] == '/' && path.size() <= kLongestSocket && !HasControl(path);
    return is_good ? "" : "not an absolute path of at most 107 bytes: " + Shown(path);
  }
  if (text.rfind("udp:", 0) != 0) return "not a syslog: " + Shown(text);
  std::string why =
      text.size() > kLongestText ? "too long" : AuthorityFault(std::string_view(text).substr(4));
  return why.empty() ? "" : why + ": " + Shown(text);
}

std::string ShownTarget(const LogSink& sink) {
  const bool is_url = sink.kind == LogSinkKind::kOtlp || sink.kind == LogSinkKind::kLoki;
  return is_url ? ShownUrl(sink.target) : sink.target;
}

std::vector<SpecFault> CheckSink(const LogSink& sink, std::uint64_t least_file_bytes) {
  return SinkChecker(sink, least_file_bytes).Run();
}

std::vector<SpecFault> CheckLog(const ServiceSpec& spec, std::uint64_t least_file_bytes) {
  std::vector<SpecFault> faults;
  for (const LogSink& sink : spec.log.sinks)
    for (SpecFault& fault : CheckSink(sink, least_file_bytes)) {
      std::string key = "log." + std::string(NameOf(sink.kind));
      fault.key = fault.key.empty() ? key : key + "." + fault.key;
      faults.push_back(std::move(fault));
    }
  CheckTogether(spec.log, &faults);
  CheckSecrets(spec.secrets, &faults);
  return faults;
}

}  // namespace foster
