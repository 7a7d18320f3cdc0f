// SPDX-License-Identifier: MIT
// /processes and /process/...: state, start, stop, restart, signal, logs.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <map>

#include "gateway/log_text.h"
#include "gateway/process_state.h"
#include "gateway/rest_gateway.h"
#include "wire/probe_codec.h"

namespace foster {
namespace {

constexpr int kMaxSignal = 22;  // process-compose takes no higher one

using Path = std::vector<std::string>;

std::optional<std::int64_t> Number(const std::string& text) {
  std::int64_t value = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

HttpResponse Named(const std::string& name) { return RestJson(200, Json().Set("name", name)); }

// The service `name`, or the reply that says why there is none.
struct Lookup {
  std::optional<ServiceStatus> service;
  HttpResponse failure;
};
Lookup Find(const RestContext& context, const std::string& name, const std::string& missing) {
  auto view = ViewWorkload(*context.control, context.workload);
  if (!view.ok()) return {std::nullopt, RestError(500, view.error().message())};
  const ServiceStatus* service = FindCompose(view->services, name);
  if (!service) return {std::nullopt, RestError(400, missing)};
  return {*service, {}};
}

// What the processes use; empty when it cannot be known.
std::map<std::string, ServiceFigures> FiguresOf(const RestContext& context, const std::string& pattern) {
  std::map<std::string, ServiceFigures> result;
  auto reply = context.control->Call("figures", Json(Json::Object{{"names", Json::Array{pattern}}}));
  if (!reply.ok()) return result;
  for (const Json& item : (*reply)["figures"].AsArray()) {
    ServiceFigures figures = ServiceFiguresFromJson(item);
    result.emplace(figures.name, std::move(figures));
  }
  return result;
}

Json StateWith(const ServiceStatus& service, const std::map<std::string, ServiceFigures>& figures) {
  auto found = figures.find(service.name);
  return ProcessState(service, found == figures.end() ? nullptr : &found->second);
}

HttpResponse ListProcesses(const RestContext& context) {
  auto view = ViewWorkload(*context.control, context.workload);
  if (!view.ok()) return RestError(500, view.error().message());
  Json list{Json::Array()};
  const auto figures = FiguresOf(context, context.workload + "/");
  for (const auto& service : view->services) list.Push(StateWith(service, figures));
  return RestJson(200, Json().Set("data", std::move(list)));
}

HttpResponse GetProcess(const RestContext& context, const std::string& name) {
  Lookup found = Find(context, name, fmt::format("can't get state of process {}: no such process", name));
  if (!found.service) return found.failure;
  return RestJson(200, StateWith(*found.service, FiguresOf(context, found.service->name)));
}

// What of a process's config the control protocol tells.
HttpResponse GetProcessConfig(const RestContext& context, const std::string& name) {
  Lookup found = Find(context, name, "no such process: " + name);
  if (!found.service) return found.failure;
  const ServiceStatus& service = *found.service;
  Json config;
  config.Set("name", name).Set("isDisabled", !service.autostart).Set("description", service.description);
  config.Set("restartPolicy", Json(Json::Object())).Set("shutDownParams", Json(Json::Object()));
  config.Set("namespace", ComposeNamespace(service))
      .Set("replicas", service.replicas)
      .Set("replicaName", name);
  if (!service.stdout_file.empty()) config.Set("logLocation", service.stdout_file);
  return RestJson(200, config);
}

HttpResponse ActOn(const RestContext& context, std::string_view verb, const ServiceStatus& service,
                   Wait wait) {
  auto results = Act(*context.control, verb, {service.name}, wait);
  if (!results.ok()) return RestError(400, results.error().message());
  for (const auto& result : *results)
    if (!result.ok) return RestError(400, result.error.empty() ? result.service.cause : result.error);
  return Named(ComposeName(service));
}

bool HasProcess(const ServiceStatus& service) { return service.pid > 0; }

HttpResponse StartProcess(const RestContext& context, const std::string& name) {
  Lookup found = Find(context, name, "no such process: " + name);
  if (!found.service) return found.failure;
  if (ComposeIsRunning(*found.service))
    return RestError(400, fmt::format("process {} is already running", name));
  return ActOn(context, "up", *found.service, Wait::kNo);
}

// Also stops the wish to run of what waits, pending or in back-off.
bool MayStop(const ServiceStatus& service) {
  return HasProcess(service) || service.state == State::kWaiting || service.state == State::kBackoff ||
         service.state == State::kStarting;
}

HttpResponse StopProcess(const RestContext& context, const std::string& name) {
  Lookup found = Find(context, name, fmt::format("process {} does not exist", name));
  if (!found.service) return found.failure;
  if (!MayStop(*found.service)) return RestError(400, fmt::format("process {} is not running", name));
  return ActOn(context, "down", *found.service, Wait::kYes);
}

HttpResponse RestartProcess(const RestContext& context, const std::string& name) {
  Lookup found = Find(context, name, "no such process: " + name);
  return found.service ? ActOn(context, "restart", *found.service, Wait::kYes) : found.failure;
}

HttpResponse SignalProcess(const RestContext& context, const std::string& name, const std::string& text) {
  auto number = Number(text);
  if (!number) return RestError(400, fmt::format("strconv.Atoi: parsing \"{}\": invalid syntax", text));
  if (*number < 0 || *number > kMaxSignal)
    return RestError(400, fmt::format("invalid signal: {}. Must be between 0 and 22", *number));
  Lookup found = Find(context, name, fmt::format("process {} does not exist", name));
  if (!found.service) return found.failure;
  if (!HasProcess(*found.service)) return RestError(400, fmt::format("process {} is not running", name));
  int signal = *number == 0 ? SIGTERM : static_cast<int>(*number);  // as process-compose does
  auto results = Signal(*context.control, {found.service->name}, signal, "group");
  if (!results.ok()) return RestError(400, results.error().message());
  for (const auto& result : *results)
    if (!result.ok) return RestError(400, result.error);
  return Named(name);
}

HttpResponse ScaleProcess(const RestContext& context, const std::string& name, const std::string& text) {
  auto count = Number(text);
  if (!count) return RestError(400, fmt::format("strconv.Atoi: parsing \"{}\": invalid syntax", text));
  if (*count < 1)
    return RestError(400,
                     fmt::format("cannot scale process {} to a negative or zero value {}", name, *count));
  Lookup found = Find(context, name, fmt::format("no such process: {}", name));
  if (!found.service) return found.failure;
  const std::string& whole =
      found.service->replica_of.empty() ? found.service->name : found.service->replica_of;
  Json params(Json::Object{{"scale", Json(Json::Object{{whole, *count}})}});
  auto reply = context.control->Call("scale", params);
  return reply.ok() ? Named(name) : RestError(400, reply.error().message());
}

HttpResponse StopProcesses(const RestContext& context, const HttpRequest& request) {
  auto names = ParseJson(request.body);
  if (!names.ok() || !names->is_array())
    return RestError(400, names.ok() ? "a list of names is wanted" : names.error().message());
  auto view = ViewWorkload(*context.control, context.workload);
  if (!view.ok()) return RestError(500, view.error().message());
  Json outcome{Json::Object()};
  bool all_ok = true;
  std::vector<std::string> full_names;
  auto fail = [&](const std::string& name, const std::string& why) {
    all_ok = false;
    outcome.Set(name, why);
  };
  for (const auto& entry : names->AsArray()) {
    const std::string& name = entry.AsString();
    const ServiceStatus* service = FindCompose(view->services, name);
    if (outcome.Has(name)) continue;
    if (!service)
      fail(name, fmt::format("process {} does not exist", name));
    else if (!MayStop(*service))
      fail(name, fmt::format("process {} is not running", name));
    else
      full_names.push_back(service->name);
  }
  auto results = Act(*context.control, "down", full_names, Wait::kYes);
  if (!results.ok()) return RestError(400, results.error().message());
  for (const auto& result : *results) {
    std::string name = result.name.substr(result.name.find('/') + 1);
    if (result.ok)
      outcome.Set(name, "ok");
    else
      fail(name, result.error);
  }
  return RestJson(all_ok ? 200 : 207, outcome);
}

// `end_offset` counts lines back from the newest; `limit` lines before it, 0 for all.
HttpResponse GetLogs(const RestContext& context, const std::string& name, const std::string& end_offset,
                     const std::string& limit) {
  auto skip = Number(end_offset);
  auto count = Number(limit);
  if (!skip || !count)
    return RestError(400,
                     fmt::format("strconv.Atoi: parsing \"{}\": invalid syntax", skip ? limit : end_offset));
  Lookup found = Find(context, name, fmt::format("process {} doesn't exist", name));
  if (!found.service) return found.failure;
  auto records = RecentLog(*context.control, found.service->name, kRingLines);
  if (!records.ok()) return RestError(400, records.error().message());
  auto size = static_cast<std::int64_t>(records->size());
  std::int64_t end = size - std::clamp<std::int64_t>(*skip, 0, size);
  std::int64_t begin = *count <= 0 ? 0 : end - std::min(*count, end);
  Json lines{Json::Array()};
  for (std::int64_t i = begin; i < end; ++i) lines.Push((*records)[static_cast<std::size_t>(i)].text);
  return RestJson(200, Json().Set("logs", std::move(lines)));
}

HttpResponse ClearLogs(const RestContext& context, const std::string& name) {
  Lookup found = Find(context, name, fmt::format("process {} doesn't exist", name));
  if (!found.service) return found.failure;
  auto reply =
      context.control->Call("logs.clear", Json(Json::Object{{"names", Json::Array{found.service->name}}}));
  if (!reply.ok()) return RestError(400, reply.error().message());
  return RestJson(200, Json().Set("name", name));
}

HttpResponse ServeGet(const RestContext& context, const Path& path) {
  if (path.size() == 2) return GetProcess(context, path[1]);
  if (path.size() == 3 && path[1] == "info") return GetProcessConfig(context, path[2]);
  if (path.size() == 5 && path[1] == "logs") return GetLogs(context, path[2], path[3], path[4]);
  return RestNotFound();
}

}  // namespace

HttpResponse ServeProcesses(const RestContext& context, const HttpRequest& request, const Path& path) {
  const std::string& method = request.method;
  if (path[0] == "processes") {
    if (path.size() == 1 && method == "GET") return ListProcesses(context);
    if (path.size() == 2 && path[1] == "stop" && method == "PATCH") return StopProcesses(context, request);
    return RestNotFound();
  }
  if (method == "GET") return ServeGet(context, path);
  if (path.size() == 3 && method == "POST" && path[1] == "start") return StartProcess(context, path[2]);
  if (path.size() == 3 && method == "POST" && path[1] == "restart") return RestartProcess(context, path[2]);
  if (path.size() == 3 && method == "PATCH" && path[1] == "stop") return StopProcess(context, path[2]);
  if (path.size() == 4 && method == "PATCH" && path[1] == "signal")
    return SignalProcess(context, path[2], path[3]);
  if (path.size() == 4 && method == "PATCH" && path[1] == "scale")
    return ScaleProcess(context, path[2], path[3]);
  if (path.size() == 3 && method == "DELETE" && path[1] == "logs") return ClearLogs(context, path[2]);
  return RestNotFound();
}

}  // namespace foster
