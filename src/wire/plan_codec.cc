// SPDX-License-Identifier: MIT
// One list of fields per struct (plan_fields.h) serves both directions, so that writing and reading cannot
// drift apart. A number over INT64_MAX travels as the negative one of the same bits ("unlimited" is -1). A
// text that is not UTF-8 travels as {"hex": "..."}: JSON has no bytes, and values must come through
// unchanged.
#include "wire/plan_codec.h"

#include <limits>

#include "base/ascii.h"
#include "wire/plan_fields.h"

namespace foster {
namespace {

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

// A service has a hundred fields and sets ten: what is as in a default one is not written, and a reader keeps
// its default. Elements of lists are written whole, but for sinks, which are as large as a service.
template <class S>
concept IsSparse = Is<S, ServiceSpec> || Is<S, Command> || Is<S, StopPolicy> || Is<S, RestartPolicy> ||
    Is<S, Readiness> || Is<S, Liveness> || Is<S, Probe> || Is<S, Identity> || Is<S, Daemon> ||
    Is<S, CronFields> || Is<S, Schedule> || Is<S, Isolation> || Is<S, CgroupLimits> || Is<S, Replica> ||
    Is<S, Timeouts> || Is<S, LogSpec> || Is<S, LogSink> || Is<S, LogRotation> || Is<S, LogFormatOptions>;

// Walks a value and a default one of the same type side by side: the members come in the same order.
template <class S>
class SparseWriter {
 public:
  explicit SparseWriter(const S& value) : value_(value) {}
  template <class T>
  void operator()(const char* name, const T& member) {
    if (!IsDefault(member)) json.Set(name, Encode(member));
  }
  Json json = Json::Object();

 private:
  // The member of the default value at the same place.
  template <class T>
  const T& DefaultOf(const T& member) const {
    static const S kDefault{};
    const auto offset = reinterpret_cast<const char*>(&member) - reinterpret_cast<const char*>(&value_);
    return *reinterpret_cast<const T*>(reinterpret_cast<const char*>(&kDefault) + offset);
  }
  template <class T>
  bool IsDefault(const T& member) const {
    if constexpr (std::same_as<T, Origin>) {
      return member.file.empty() && member.line == 0;  // origins are equal, whatever they say
    } else {
      return member == DefaultOf(member);
    }
  }
  const S& value_;
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
  } else if constexpr (IsSparse<T>) {
    SparseWriter writer(value);
    Fields(writer, value);
    return std::move(writer.json);
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
std::optional<ExitRule::Verdict> FromName(std::string_view name, ExitRule::Verdict) {
  return ExitVerdictFromName(name);
}
std::optional<GateStrength> FromName(std::string_view name, GateStrength) {
  return GateStrengthFromName(name);
}
std::optional<StopMethod> FromName(std::string_view name, StopMethod) { return StopMethodFromName(name); }
std::optional<Follow> FromName(std::string_view name, Follow) { return FollowFromName(name); }
std::optional<Stdin> FromName(std::string_view name, Stdin) { return StdinFromName(name); }
std::optional<Consequence> FromName(std::string_view name, Consequence) { return ConsequenceFromName(name); }
std::optional<ProbeKind> FromName(std::string_view name, ProbeKind) { return ProbeKindFromName(name); }
std::optional<FailureAction> FromName(std::string_view name, FailureAction) {
  return FailureActionFromName(name);
}
std::optional<ScheduleKind> FromName(std::string_view name, ScheduleKind) {
  return ScheduleKindFromName(name);
}
std::optional<Overlap> FromName(std::string_view name, Overlap) { return OverlapFromName(name); }
std::optional<SocketKind> FromName(std::string_view name, SocketKind) { return SocketKindFromName(name); }
std::optional<Activation> FromName(std::string_view name, Activation) { return ActivationFromName(name); }
std::optional<IoClass> FromName(std::string_view name, IoClass) { return IoClassFromName(name); }
std::optional<LogOverflow> FromName(std::string_view name, LogOverflow) { return LogOverflowFromName(name); }
std::optional<LogFullDisk> FromName(std::string_view name, LogFullDisk) { return LogFullDiskFromName(name); }
std::optional<LogSinkKind> FromName(std::string_view name, LogSinkKind) { return LogSinkKindFromName(name); }
std::optional<LogFormat> FromName(std::string_view name, LogFormat) { return LogFormatFromName(name); }
std::optional<LogNaming> FromName(std::string_view name, LogNaming) { return LogNamingFromName(name); }
std::optional<LogCompression> FromName(std::string_view name, LogCompression) {
  return LogCompressionFromName(name);
}
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
const char* WordFor(ExitRule::Verdict) { return "verdict"; }
const char* WordFor(GateStrength) { return "gate strength"; }
const char* WordFor(StopMethod) { return "stop method"; }
const char* WordFor(Follow) { return "way of following"; }
const char* WordFor(Stdin) { return "stdin"; }
const char* WordFor(Consequence) { return "consequence"; }
const char* WordFor(ProbeKind) { return "kind of probe"; }
const char* WordFor(FailureAction) { return "action"; }
const char* WordFor(ScheduleKind) { return "kind of schedule"; }
const char* WordFor(Overlap) { return "overlap"; }
const char* WordFor(SocketKind) { return "kind of socket"; }
const char* WordFor(Activation) { return "activation"; }
const char* WordFor(IoClass) { return "I/O class"; }
const char* WordFor(LogOverflow) { return "overflow"; }
const char* WordFor(LogFullDisk) { return "full_disk"; }
const char* WordFor(LogSinkKind) { return "kind of sink"; }
const char* WordFor(LogFormat) { return "log format"; }
const char* WordFor(LogNaming) { return "naming"; }
const char* WordFor(LogCompression) { return "compression"; }
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
  if constexpr (std::same_as<T, std::uint64_t>) {
    *value = static_cast<std::uint64_t>(number);
    return {};
  }
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

Json ToJson(const Probe& probe) { return Encode(probe); }
Json ToJson(const SocketSpec& socket) { return Encode(socket); }
Json ToJson(const LogSpec& log) { return Encode(log); }
Json TextToJson(const std::string& text) { return Encode(text); }
Json ToJson(const ServiceSpec& spec) { return Encode(spec); }
Json ToJson(const Workload& workload) { return Encode(workload); }
Json ToJson(const Diagnostic& diagnostic) {
  PlainWriter writer;
  Fields(writer, diagnostic);
  return std::move(writer.json);
}
Json ToJson(const Plan& plan) { return Encode(plan); }
Json ToJson(const Fragment& fragment) { return Encode(fragment); }

Result<Probe> ProbeFromJson(const Json& json) { return Read<Probe>("the probe", json); }
Result<SocketSpec> SocketSpecFromJson(const Json& json) { return Read<SocketSpec>("the socket", json); }
Result<LogSpec> LogSpecFromJson(const Json& json) { return Read<LogSpec>("the log's settings", json); }
Result<std::string> TextFromJson(const Json& json) { return Read<std::string>("the text", json); }
Result<ServiceSpec> ServiceSpecFromJson(const Json& json) { return Read<ServiceSpec>("the service", json); }
Result<Diagnostic> DiagnosticFromJson(const Json& json) { return Read<Diagnostic>("the diagnostic", json); }
Result<Plan> PlanFromJson(const Json& json) { return Read<Plan>("the plan", json); }
Result<Fragment> FragmentFromJson(const Json& json) { return Read<Fragment>("the fragment", json); }

}  // namespace foster
