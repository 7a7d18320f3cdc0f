// SPDX-License-Identifier: MIT
// One list of fields per struct (Fields) serves both directions, so that writing and reading cannot drift
// apart. A text that is not UTF-8 travels as {"hex": "..."}: JSON has no bytes, and values must come through
// unchanged.
#include "wire/plan_codec.h"

#include <concepts>
#include <limits>
#include <type_traits>

#include "base/ascii.h"

namespace foster {
namespace {

template <class S, class T>
concept Is = std::same_as<std::remove_const_t<S>, T>;

template <class V, Is<Origin> S>
void Fields(V& visit, S& s) {
  visit("file", s.file);
  visit("line", s.line);
  visit("column", s.column);
}

template <class V, Is<Diagnostic> S>
void Fields(V& visit, S& s) {
  visit("severity", s.severity);
  Fields(visit, s.origin);  // flat, as docs/control-protocol.md shows it
  visit("text", s.text);
  visit("hint", s.hint);
  visit("source_line", s.source_line);
}

template <class V, Is<Gate> S>
void Fields(V& visit, S& s) {
  visit("service", s.service);
  visit("kind", s.kind);
  visit("origin", s.origin);
}

template <class V, Is<Command> S>
void Fields(V& visit, S& s) {
  visit("argv", s.argv);
  visit("cwd", s.cwd);
}

template <class V, Is<StopPolicy> S>
void Fields(V& visit, S& s) {
  visit("signal", s.signal);
  visit("scope", s.scope);
  visit("grace", s.grace);
}

template <class V, Is<RestartPolicy> S>
void Fields(V& visit, S& s) {
  visit("when", s.when);
  visit("retry_failed_start", s.retry_failed_start);
  visit("base", s.base);
  visit("step", s.step);
  visit("factor_percent", s.factor_percent);
  visit("cap", s.cap);
  visit("ending_delay", s.ending_delay);
  visit("reset_after", s.reset_after);
  visit("start_retries", s.start_retries);
  visit("max_restarts", s.max_restarts);
}

template <class V, Is<Readiness> S>
void Fields(V& visit, S& s) {
  visit("notify_fd", s.notify_fd);
  visit("start_time", s.start_time);
}

template <class V, Is<Identity> S>
void Fields(V& visit, S& s) {
  visit("user", s.user);
  visit("group", s.group);
  visit("umask", s.umask);
}

template <class V, Is<Timeouts> S>
void Fields(V& visit, S& s) {
  visit("up", s.up);
  visit("down", s.down);
  visit("finish", s.finish);
}

template <class V, Is<ServiceSpec> S>
void Fields(V& visit, S& s) {
  visit("name", s.name);
  visit("workload", s.workload);
  visit("group", s.group);
  visit("type", s.type);
  visit("autostart", s.autostart);
  visit("internal", s.internal);
  visit("broken", s.broken);
  visit("run", s.run);
  visit("finish", s.finish);
  visit("down", s.down);
  visit("environment", s.environment);
  visit("identity", s.identity);
  visit("readiness", s.readiness);
  visit("restart", s.restart);
  visit("success_codes", s.success_codes);
  visit("stop", s.stop);
  visit("timeouts", s.timeouts);
  visit("merge_stderr", s.merge_stderr);
  visit("priority", s.priority);
  visit("description", s.description);
  visit("directory", s.directory);
  visit("gates", s.gates);
  visit("origin", s.origin);
}

template <class V, Is<Listener> S>
void Fields(V& visit, S& s) {
  visit("protocol", s.protocol);
  visit("host", s.host);
  visit("port", s.port);
  visit("path", s.path);
  visit("mode", s.mode);
  visit("owner", s.owner);
  visit("username", s.username);
  visit("password", s.password);
  visit("origin", s.origin);
}

template <class V, Is<Workload> S>
void Fields(V& visit, S& s) {
  visit("name", s.name);
  visit("format", s.format);
  visit("project", s.project);
  visit("seed", s.seed);
  visit("source", s.source);
  visit("autostart", s.autostart);
  visit("identifier", s.identifier);
  visit("listeners", s.listeners);
  visit("gates", s.gates);
  visit("diagnostics", s.diagnostics);
  visit("origin", s.origin);
}

template <class V, Is<Bundle> S>
void Fields(V& visit, S& s) {
  visit("name", s.name);
  visit("members", s.members);
  visit("origin", s.origin);
}

template <class V, Is<Plan> S>
void Fields(V& visit, S& s) {
  visit("services", s.services);
  visit("workloads", s.workloads);
  visit("bundles", s.bundles);
  visit("diagnostics", s.diagnostics);
}

template <class V, Is<Fragment> S>
void Fields(V& visit, S& s) {
  visit("valid", s.valid);
  visit("services", s.services);
  visit("bundles", s.bundles);
  visit("workloads", s.workloads);
  visit("identifier", s.identifier);
  visit("listeners", s.listeners);
  visit("diagnostics", s.diagnostics);
}

// ---- text that may be bytes

int Continuations(unsigned char lead) {
  if (lead < 0x80) return 0;
  if (lead >= 0xc2 && lead <= 0xdf) return 1;
  if (lead >= 0xe0 && lead <= 0xef) return 2;
  if (lead >= 0xf0 && lead <= 0xf4) return 3;
  return -1;
}

// The second byte also rules out overlong forms, surrogates and what lies over U+10FFFF.
bool SecondFits(unsigned char lead, unsigned char second) {
  if (lead == 0xe0) return second >= 0xa0;
  if (lead == 0xed) return second <= 0x9f;
  if (lead == 0xf0) return second >= 0x90;
  if (lead == 0xf4) return second <= 0x8f;
  return true;
}

bool IsUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    auto lead = static_cast<unsigned char>(text[i++]);
    int more = Continuations(lead);
    if (more < 0) return false;
    for (int n = 0; n < more; ++n, ++i) {
      if (i >= text.size()) return false;
      auto byte = static_cast<unsigned char>(text[i]);
      if ((byte & 0xc0) != 0x80 || (n == 0 && !SecondFits(lead, byte))) return false;
    }
  }
  return true;
}

std::string ToHex(std::string_view bytes) {
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    hex.push_back(kHexDigits[byte >> 4]);
    hex.push_back(kHexDigits[byte & 15]);
  }
  return hex;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool FromHex(std::string_view hex, std::string* bytes) {
  if (hex.size() % 2 != 0) return false;
  bytes->clear();
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    int high = HexDigit(hex[i]);
    int low = HexDigit(hex[i + 1]);
    if (high < 0 || low < 0) return false;
    bytes->push_back(static_cast<char>(high * 16 + low));
  }
  return true;
}

// ---- writing

template <class T>
Json Encode(const T& value);

struct Writer {
  Json json = Json::Object();
  template <class T>
  void operator()(const char* name, const T& value) {
    json.Set(name, Encode(value));
  }
};

template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

template <class T>
Json Encode(const T& value) {
  if constexpr (std::same_as<T, bool>) {
    return value;
  } else if constexpr (std::integral<T>) {
    return static_cast<std::int64_t>(value);
  } else if constexpr (std::is_enum_v<T>) {
    return NameOf(value);
  } else if constexpr (std::same_as<T, Millis>) {
    return value == kForever ? Json() : Json(static_cast<std::int64_t>(value.count()));
  } else if constexpr (std::same_as<T, std::string>) {
    return IsUtf8(value) ? Json(value) : Json(Json::Object{{"hex", ToHex(value)}});
  } else if constexpr (kIsOptional<T>) {
    return value ? Encode(*value) : Json();
  } else if constexpr (kIsVector<T>) {
    Json::Array array;
    array.reserve(value.size());
    for (const auto& element : value) array.push_back(Encode(element));
    return array;
  } else {
    Writer writer;
    Fields(writer, value);
    return std::move(writer.json);
  }
}

// For people and other programs: every text is a string, with U+FFFD for what is not UTF-8.
struct PlainWriter : Writer {
  using Writer::operator();
  void operator()(const char* name, const std::string& value) { json.Set(name, value); }
};

// ---- reading

// What is wrong, with the path that leads to it put in front on the way out. Empty = nothing.
using Fault = std::optional<std::string>;

std::optional<ServiceType> FromName(std::string_view name, ServiceType) { return ServiceTypeFromName(name); }
std::optional<GateKind> FromName(std::string_view name, GateKind) { return GateKindFromName(name); }
std::optional<SignalScope> FromName(std::string_view name, SignalScope) { return SignalScopeFromName(name); }
std::optional<RestartWhen> FromName(std::string_view name, RestartWhen) { return RestartWhenFromName(name); }
std::optional<WorkloadFormat> FromName(std::string_view name, WorkloadFormat) {
  return WorkloadFormatFromName(name);
}
std::optional<WorkloadSource> FromName(std::string_view name, WorkloadSource) {
  return WorkloadSourceFromName(name);
}
std::optional<Severity> FromName(std::string_view name, Severity) { return SeverityFromName(name); }

const char* WordFor(ServiceType) { return "type"; }
const char* WordFor(GateKind) { return "gate kind"; }
const char* WordFor(SignalScope) { return "scope"; }
const char* WordFor(RestartWhen) { return "restart rule"; }
const char* WordFor(WorkloadFormat) { return "format"; }
const char* WordFor(WorkloadSource) { return "source"; }
const char* WordFor(Severity) { return "severity"; }

template <class T>
Fault Decode(const Json& json, T* value);

struct Reader {
  const Json& json;
  Fault fault;
  template <class T>
  void operator()(const char* name, T& value) {
    if (fault || !json.Has(name)) return;  // a member that is missing keeps its default: an older peer
    fault = Decode(json[name], &value);
    if (fault)
      fault = std::string(name) + (fault->front() == ':' || fault->front() == '[' ? "" : ".") + *fault;
  }
};

template <class T>
Fault DecodeInt(const Json& json, T* value) {
  if (!json.is_int()) return ": must be an integer";
  std::int64_t number = json.AsInt();
  if (!std::in_range<T>(number)) return ": " + std::to_string(number) + " is out of range";
  *value = static_cast<T>(number);
  return {};
}

template <class T>
Fault DecodeEnum(const Json& json, T* value) {
  if (!json.is_string()) return ": must be a string";
  auto found = FromName(json.AsString(), *value);
  if (!found) return std::string(": unknown ") + WordFor(*value) + " '" + json.AsString() + "'";
  *value = *found;
  return {};
}

Fault DecodeMillis(const Json& json, Millis* value) {
  if (json.is_null()) {
    *value = kForever;
    return {};
  }
  if (!json.is_int() || json.AsInt() < 0) return ": must be milliseconds or null";
  *value = Millis(json.AsInt());
  return {};
}

Fault DecodeText(const Json& json, std::string* value) {
  if (json.is_object()) {
    if (FromHex(json["hex"].AsString(), value)) return {};
    return ": must be a string or {\"hex\"}";
  }
  if (!json.is_string()) return ": must be a string";
  *value = json.AsString();
  return {};
}

template <class T>
Fault DecodeVector(const Json& json, std::vector<T>* value) {
  if (!json.is_array()) return ": must be an array";
  value->clear();
  for (const auto& item : json.AsArray()) {
    T element{};
    Fault fault = Decode(item, &element);
    if (fault) {
      std::string index = "[" + std::to_string(value->size()) + "]";
      return index + (fault->front() == ':' || fault->front() == '[' ? "" : ".") + *fault;
    }
    value->push_back(std::move(element));
  }
  return {};
}

template <class T>
Fault Decode(const Json& json, T* value) {
  if constexpr (std::same_as<T, bool>) {
    if (!json.is_bool()) return ": must be true or false";
    *value = json.AsBool();
    return {};
  } else if constexpr (std::integral<T>) {
    return DecodeInt(json, value);
  } else if constexpr (std::is_enum_v<T>) {
    return DecodeEnum(json, value);
  } else if constexpr (std::same_as<T, Millis>) {
    return DecodeMillis(json, value);
  } else if constexpr (std::same_as<T, std::string>) {
    return DecodeText(json, value);
  } else if constexpr (kIsOptional<T>) {
    value->reset();
    return json.is_null() ? Fault() : Decode(json, &value->emplace());
  } else if constexpr (kIsVector<T>) {
    return DecodeVector(json, value);
  } else {
    if (!json.is_object()) return ": must be an object";
    Reader reader{json, {}};
    Fields(reader, *value);
    return reader.fault;
  }
}

template <class T>
Result<T> Read(const char* what, const Json& json) {
  T value{};
  Fault fault = Decode(json, &value);
  if (!fault) return value;
  std::string text = fault->front() == ':' ? fault->substr(2) : *fault;
  return Error(std::string("cannot read ") + what + ": " + text);
}

}  // namespace

Json ToJson(const ServiceSpec& spec) { return Encode(spec); }
Json ToJson(const Workload& workload) { return Encode(workload); }
Json ToJson(const Diagnostic& diagnostic) {
  PlainWriter writer;
  Fields(writer, diagnostic);
  return std::move(writer.json);
}
Json ToJson(const Plan& plan) { return Encode(plan); }
Json ToJson(const Fragment& fragment) { return Encode(fragment); }

Result<ServiceSpec> ServiceSpecFromJson(const Json& json) { return Read<ServiceSpec>("the service", json); }
Result<Diagnostic> DiagnosticFromJson(const Json& json) { return Read<Diagnostic>("the diagnostic", json); }
Result<Plan> PlanFromJson(const Json& json) { return Read<Plan>("the plan", json); }
Result<Fragment> FragmentFromJson(const Json& json) { return Read<Fragment>("the fragment", json); }

}  // namespace foster
