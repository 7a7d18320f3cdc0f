// SPDX-License-Identifier: MIT
#include "gateway/log_follow.h"

#include "gateway/log_text.h"
#include "gateway/main_log.h"
#include "gateway/text_codec.h"
#include "wire/status_codec.h"

namespace foster {
namespace {

constexpr std::size_t kFirstBytes = 1024;
constexpr int kFirstLines = 200;
constexpr Millis kLookEvery(30'000);  // at how long a peer that vanished without a word may hold its thread

HttpResponse Streaming(std::function<void(HttpStream&)> body) {
  HttpResponse response;
  response.headers = {{"Content-Type", "text/plain;charset=utf-8"}, {"X-Accel-Buffering", "no"}};
  response.stream = std::move(body);
  return response;
}

// Notifications of `client` to `take` until either end is gone; false when it was the reader's end.
template <class Take>
bool FollowClient(Client& client, HttpStream& stream, Take take) {
  for (;;) {
    auto next = client.Next(Millis(0));
    if (!next.ok()) return true;
    if (*next) {
      if (!take(**next)) return false;
    } else if (!stream.WaitFor(client.fd(), kLookEvery)) {
      return false;
    }
  }
}

class LogFollower {
 public:
  LogFollower(std::shared_ptr<Control> control, std::string service, std::string stream)
      : control_(std::move(control)), service_(std::move(service)), stream_name_(std::move(stream)) {}

  void Run(HttpStream& stream) {
    for (bool again = false;; again = true) {
      auto client = control_->Connect();
      if (!client.ok()) return;
      auto reply = client->Call("logs", Params(again), Millis(10'000));
      if (!reply.ok()) return;
      std::string text;
      for (const auto& line : (*reply)["lines"].AsArray()) text += Take(line);
      if (!stream.Write(again ? std::string_view(text) : LastBytes(text, kFirstBytes))) return;
      bool broke = FollowClient(*client, stream, [&](const Notification& notification) {
        return notification.method != "log" || stream.Write(Take(notification.params));
      });
      if (!broke) return;
    }
  }

 private:
  Json Params(bool again) const {
    Json params;
    params.Set("names", Json().Push(service_)).Set("lines", again ? kRingLines : kFirstLines);
    params.Set("follow", true);
    if (again && !cursor_.empty()) params.Set("after", Json().Set(service_, cursor_));
    return params;
  }

  std::string Take(const Json& json) {
    LogRecord record = LogRecordFromJson(json);
    if (!record.cursor.empty()) cursor_ = record.cursor;
    return record.stream == stream_name_ ? MakeUtf8(TextOf(record)) : "";
  }

  std::shared_ptr<Control> control_;
  std::string service_;
  std::string stream_name_;
  std::string cursor_;
};

}  // namespace

HttpResponse FollowLog(std::shared_ptr<Control> control, const std::string& service,
                       const std::string& stream) {
  return Streaming(
      [control, service, stream](HttpStream& out) { LogFollower(control, service, stream).Run(out); });
}

HttpResponse FollowMainLog(std::shared_ptr<Control> control, const std::string& workload) {
  return Streaming([control, workload](HttpStream& out) {
    auto view = ViewWorkload(*control, workload);
    if (!view.ok() || !out.Write(LastBytes(MainLogText(view->services), kFirstBytes))) return;
    for (;;) {
      auto client = control->Connect();
      if (!client.ok() || !client->Call("events", Json(Json::Object()), Millis(10'000)).ok()) return;
      bool broke = FollowClient(*client, out, [&](const Notification& notification) {
        EventRecord event = EventRecordFromJson(notification.params);
        bool ours = event.kind == "state" && event.service.workload == workload && !event.service.internal;
        return !ours || out.Write(MainLogLine(event.service));
      });
      if (!broke) return;
    }
  });
}

}  // namespace foster
