// SPDX-License-Identifier: MIT
// Numbers of 64 bits travel as the signed number of the same bits: an id or a tag may be any. A request is
// read strictly (what to look at must not be guessed), figures as far as they are understood.
#include "wire/probe_codec.h"

#include <algorithm>
#include <optional>

#include "base/enum_names.h"
#include "wire/plan_codec.h"

namespace foster {
namespace {

constexpr EnumNames<ProberVerb, ProberVerb::kCancel> kVerbs{
    {"probe", "quiet", "figures", "ports", "log_grew", "cancel"}};

Json Bits(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::uint64_t FromBits(const Json& json) { return static_cast<std::uint64_t>(json.AsInt()); }

Json OptionalCount(const std::optional<std::uint64_t>& value) { return value ? Bits(*value) : Json(); }

std::uint64_t Count(const Json& json) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(json.AsInt(), 0));
}

std::uint32_t SmallCount(const Json& json) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(json.AsInt(), 0, UINT32_MAX));
}

std::int32_t Pid(const Json& json) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(json.AsInt(), 0, INT32_MAX));
}

std::optional<std::uint64_t> CountOrNothing(const Json& json) {
  if (!json.is_int()) return std::nullopt;
  return Count(json);
}

template <class T>
Json ArrayOf(const std::vector<T>& items, Json (*write)(const T&)) {
  Json::Array array;
  array.reserve(items.size());
  for (const T& item : items) array.push_back(write(item));
  return array;
}

Json WriteTree(const TreeId& tree) {
  Json json;
  json.Set("name", tree.name).Set("incarnation", Bits(tree.incarnation)).Set("pid", tree.pid);
  return json.Set("tag", Bits(tree.tag));
}

Json WriteSocket(const SocketSpec& socket) { return ToJson(socket); }
Json WriteFigures(const ServiceFigures& figures) { return ToJson(figures); }

Json WritePort(const PortFigure& port) {
  Json json;
  return json.Set("protocol", port.protocol).Set("address", port.address).Set("pid", port.pid);
}

PortFigure ReadPort(const Json& json) {
  return {json["protocol"].AsString(), json["address"].AsString(), Pid(json["pid"])};
}

Result<TreeId> ReadTree(const Json& json) {
  if (!json.is_object()) return Error("a tree must be an object");
  return TreeId{json["name"].AsString(), FromBits(json["incarnation"]), Pid(json["pid"]),
                FromBits(json["tag"])};
}

Result<void> ReadLists(const Json& json, ProberRequest* request) {
  for (const Json& item : json["sockets"].AsArray()) {
    FOSTER_ASSIGN(SocketSpec socket, SocketSpecFromJson(item));
    request->sockets.push_back(std::move(socket));
  }
  for (const Json& item : json["trees"].AsArray()) {
    FOSTER_ASSIGN(TreeId tree, ReadTree(item));
    request->trees.push_back(std::move(tree));
  }
  return Ok();
}

}  // namespace

Json ToJson(const ProberRequest& request) {
  Json json;
  json.Set("id", Bits(request.id)).Set("verb", kVerbs.NameOf(request.verb));
  json.Set("probe", ToJson(request.probe)).Set("tree", WriteTree(request.tree));
  json.Set("sockets", ArrayOf(request.sockets, WriteSocket));
  return json.Set("trees", ArrayOf(request.trees, WriteTree));
}

Result<ProberRequest> ProberRequestFromJson(const Json& json) {
  if (!json["id"].is_int()) return Error("cannot read the request: it has no id");
  ProberRequest request;
  request.id = FromBits(json["id"]);
  const auto verb = kVerbs.FromName(json["verb"].AsString());
  if (!verb) return Error("cannot read the request: unknown verb '" + json["verb"].AsString() + "'");
  request.verb = *verb;
  if (json.Has("probe")) {
    FOSTER_ASSIGN(request.probe, ProbeFromJson(json["probe"]));
  }
  if (json.Has("tree")) {
    FOSTER_ASSIGN(request.tree, ReadTree(json["tree"]));
  }
  FOSTER_TRY(ReadLists(json, &request));
  return request;
}

Json ToJson(const ProberAnswer& answer) {
  Json json;
  json.Set("id", Bits(answer.id)).Set("ok", answer.ok).Set("text", answer.text);
  return json.Set("figures", ArrayOf(answer.figures, WriteFigures));
}

Result<ProberAnswer> ProberAnswerFromJson(const Json& json) {
  if (!json["id"].is_int()) return Error("cannot read the answer: it has no id");
  if (!json["ok"].is_bool()) return Error("cannot read the answer: it does not say whether it is ok");
  ProberAnswer answer{FromBits(json["id"]), json["ok"].AsBool(), json["text"].AsString(), {}};
  for (const Json& item : json["figures"].AsArray()) answer.figures.push_back(ServiceFiguresFromJson(item));
  return answer;
}

Json ToJson(const ServiceFigures& figures) {
  Json json;
  json.Set("name", figures.name).Set("processes", figures.processes).Set("threads", figures.threads);
  json.Set("cpu_ms", figures.cpu_ms).Set("cpu_percent", figures.cpu_percent);
  json.Set("rss_bytes", figures.rss_bytes).Set("pss_bytes", OptionalCount(figures.pss_bytes));
  json.Set("read_bytes", OptionalCount(figures.read_bytes));
  json.Set("written_bytes", OptionalCount(figures.written_bytes));
  return json.Set("ports", ArrayOf(figures.ports, WritePort));
}

ServiceFigures ServiceFiguresFromJson(const Json& json) {
  ServiceFigures figures;
  figures.name = json["name"].AsString();
  figures.processes = SmallCount(json["processes"]);
  figures.threads = SmallCount(json["threads"]);
  figures.cpu_ms = Count(json["cpu_ms"]);
  figures.cpu_percent = json["cpu_percent"].AsDouble();
  figures.rss_bytes = Count(json["rss_bytes"]);
  figures.pss_bytes = CountOrNothing(json["pss_bytes"]);
  figures.read_bytes = CountOrNothing(json["read_bytes"]);
  figures.written_bytes = CountOrNothing(json["written_bytes"]);
  for (const Json& item : json["ports"].AsArray()) figures.ports.push_back(ReadPort(item));
  return figures;
}

Json ToJson(const CheckResult& result) {
  Json json;
  json.Set("name", result.name).Set("probe", result.probe).Set("kind", result.kind).Set("ok", result.ok);
  return json.Set("text", result.text).Set("took_ms", result.took_ms);
}

CheckResult CheckResultFromJson(const Json& json) {
  return {json["name"].AsString(), json["probe"].AsString(), json["kind"].AsString(),
          json["ok"].AsBool(),     json["text"].AsString(),  json["took_ms"].AsInt()};
}

}  // namespace foster
