// SPDX-License-Identifier: MIT
// The side of App that speaks with supervise.
#include "tui/app.h"

#include <algorithm>

#include "wire/status_codec.h"

namespace foster::tui {
namespace {

constexpr Millis kMessageTime{8000};
constexpr std::size_t kMaxAsked = 256;
constexpr int kLogLines = 1000;

std::vector<WorkloadStatus> WorkloadsOf(const Json& json) {
  std::vector<WorkloadStatus> out;
  for (const Json& workload : json["workloads"].AsArray()) out.push_back(WorkloadStatusFromJson(workload));
  return out;
}

}  // namespace

void App::Say(const std::string& text, bool is_error, MonoTime now) {
  view_.message = text;
  view_.message_is_error = is_error;
  message_until_ = After(now, kMessageTime);
  dirty_ = true;
}

void App::Opened(Channel channel) {
  session(channel).Open();
  dirty_ = true;
  if (channel == Channel::kLog) {
    log_follows_ = false;
    log_request_ = 0;
    log_asked_.clear();
    WantLog();
    return;
  }
  asked_.clear();
  Json client;
  client.Set("client", "tui");
  asked_[control_.Request("hello", client)] = "hello";
  asked_[control_.Request("events", Json(Json::Object{}))] = "events";
}

void App::Lost(Channel channel, const std::string& why) {
  session(channel).Close();
  if (channel == Channel::kLog) {
    log_follows_ = false;
    log_request_ = 0;
    return;
  }
  asked_.clear();
  Connection connection =
      view_.connection == Connection::kConnecting ? Connection::kConnecting : Connection::kLost;
  if (view_.connection == connection && view_.connection_text == why) return;
  view_.connection = connection;
  view_.connection_text = why;
  dirty_ = true;
}

void App::Received(Channel channel, std::string_view bytes, MonoTime now) {
  std::vector<Message> messages;
  bool sane = session(channel).Feed(bytes, &messages);
  for (const Message& message : messages) {
    if (!session(channel).open()) return;
    if (channel == Channel::kControl)
      OnControl(message, now);
    else
      OnLog(message);
  }
  if (!sane) Lost(channel, "what answers at the socket does not speak foster's protocol");
  WantLog();
}

void App::OnControl(const Message& message, MonoTime now) {
  if (message.method == "event") return OnEvent(message.body, now);
  auto it = asked_.find(message.id);
  if (it == asked_.end()) return;
  std::string what = std::move(it->second);
  asked_.erase(it);
  OnReply(message, what, now);
}

void App::OnReply(const Message& message, const std::string& what, MonoTime now) {
  dirty_ = true;
  if (message.failed) {
    Say("cannot " + what + ": " + message.error, true, now);
    if (what == "events" || what == "hello") Lost(Channel::kControl, message.error);
    return;
  }
  const Json& body = message.body;
  if (what == "hello") {
    view_.version = body["version"].AsString();
    view_.host = body["host"].AsString();
    view_.read_only = body["access"].AsString() == "read";
    view_.stopping = body["state"].AsString() == "stopping";
    view_.model.SetWorkloads(WorkloadsOf(body));
    // A cursor is good for as long as the container lives.
    if (boot_time_ != body["boot_time"].AsString()) log_cursor_.clear();
    boot_time_ = body["boot_time"].AsString();
  } else if (what == "events") {
    std::vector<ServiceStatus> services;
    for (const Json& service : body["services"].AsArray()) services.push_back(ServiceStatusFromJson(service));
    sequence_ = static_cast<std::uint64_t>(body["sequence"].AsInt());
    view_.model.SetSnapshot(std::move(services), WorkloadsOf(body), now);
    view_.connection = Connection::kOpen;
    view_.connection_text.clear();
  } else {
    OnResults(message, what, now);
  }
}

void App::OnResults(const Message& message, const std::string& what, MonoTime now) {
  const auto& results = message.body["results"].AsArray();
  for (const Json& result : results) {
    if (result["ok"].AsBool()) continue;
    return Say("cannot " + what + ": " + result["error"].AsString(), true, now);
  }
  Say(what + ": asked for", false, now);
}

void App::OnEvent(const Json& params, MonoTime now) {
  EventRecord event = EventRecordFromJson(params);
  if (event.sequence <= sequence_) return;  // part of the snapshot already
  if (event.sequence != sequence_ + 1) return Lost(Channel::kControl, "events were missed");
  sequence_ = event.sequence;
  view_.model.Apply(event, now);
  dirty_ = true;
  if (event.kind == "message") Say(event.text, false, now);
  if (event.kind == "shutdown") view_.stopping = true;
  // What a workload runs now, and the diagnostics, are not part of the event.
  if (event.kind == "workload" && asked_.size() < kMaxAsked)
    asked_[control_.Request("hello", Json(Json::Object{}))] = "hello";
}

// Asks for the log of the selected service unless that was done, or an older request is still on its way.
void App::WantLog() {
  const Service* service = view_.model.selected();
  std::string name = service == nullptr ? "" : service->status.name;
  if (view_.log_name != name && service != nullptr) {
    view_.log_name = name;
    view_.log.Clear();
    view_.left = 0;
    log_cursor_.clear();
    log_follows_ = false;
    dirty_ = true;
  }
  if (!log_.open() || log_request_ != 0 || name.empty() || log_asked_ == name) return;
  if (!log_asked_.empty()) (void)log_.Request("unfollow", Json(Json::Object{}));  // its reply says nothing
  Json params;
  params.Set("names", Json::Array{name}).Set("lines", kLogLines).Set("follow", true);
  if (!log_cursor_.empty()) params.Set("after", Json().Set(name, log_cursor_));
  log_request_ = log_.Request("logs", params);
  if (log_request_ != 0) log_asked_ = name;
}

void App::OnLog(const Message& message) {
  auto append = [&](const Json& json) {
    LogRecord record = LogRecordFromJson(json);
    if (record.name != view_.log_name) return;
    view_.log.Append(record);
    log_cursor_ = record.cursor;
    dirty_ = true;
  };
  if (message.method == "log") {
    if (log_follows_) append(message.body);
    return;
  }
  if (message.id == 0 || message.id != log_request_) return;
  log_request_ = 0;
  if (log_asked_ != view_.log_name) return;  // the selection moved on meanwhile
  log_follows_ = !message.failed;
  if (message.failed) {
    LogRecord record;
    record.text = "cannot read the log: " + message.error;
    view_.log.Append(record);
    dirty_ = true;
    return;
  }
  // Without a cursor the reply is the whole of what is kept: it replaces what an earlier connection brought.
  if (log_cursor_.empty()) view_.log.Clear();
  for (const Json& line : message.body["lines"].AsArray()) append(line);
}

void App::Send(const std::string& verb, const std::string& service, MonoTime now, const std::string& signal) {
  if (view_.connection != Connection::kOpen)
    return Say("cannot " + verb + ": no connection to foster", true, now);
  Json params;
  params.Set("names", Json::Array{service});
  if (verb == "signal")
    params.Set("signal", signal);
  else
    params.Set("wait", false);
  std::int64_t id = asked_.size() < kMaxAsked ? control_.Request(verb, params) : 0;
  if (id == 0)
    return Say("cannot " + verb + " " + service + ": too many requests wait for their answer", true, now);
  std::string what = verb + " " + service;
  if (!signal.empty()) what = verb + " " + signal + " to " + service;
  asked_[id] = what;
  Say(what + " ...", false, now);
}

void App::Tick(MonoTime now) {
  dirty_ = true;
  if (message_until_ != kNoDeadline && now >= message_until_) {
    view_.message.clear();
    message_until_ = kNoDeadline;
  }
}

MonoTime App::NextTick(MonoTime now) const {
  MonoTime next = view_.message.empty() ? kNoDeadline : message_until_;
  Layout where = layout();
  if (where.too_small) return next;
  const auto& shown = view_.model.shown();
  for (int row = 0; row < where.table.height; ++row) {
    auto index = static_cast<std::size_t>(view_.model.top() + row);
    if (index >= shown.size()) break;
    next = std::min(next, now + AgeHolds(Age(*shown[index], now)));
  }
  return next;
}

void App::Resize(int width, int height) {
  width_ = width;
  height_ = height;
  // The help has two forms, one for narrow screens.
  if (view_.dialog.kind == Dialog::Kind::kText && view_.dialog.title == kHelpTitle) ShowHelp();
  view_.model.Reveal(layout().table.height);
  dirty_ = true;
}

}  // namespace foster::tui
