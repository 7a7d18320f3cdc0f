// SPDX-License-Identifier: MIT
#include <map>

#include "cli/feed.h"
#include "cli/state_colour.h"
#include "cli/text_width.h"
#include "cli/verbs.h"
#include "wire/status_codec.h"

namespace foster::cli {
namespace {

// What tells two snapshots of a service apart.
std::string KeyOf(const ServiceStatus& s) {
  return std::string(NameOf(s.state)) + "/" + std::string(NameOf(s.goal)) + "/" + (s.ready ? "r" : "-") +
         "/" + std::to_string(s.incarnation);
}

class Events {
 public:
  Events(const Arguments& arguments, std::int64_t most, Console& console)
      : as_json_(arguments.Has("--json")),
        snapshot_(arguments.Has("--snapshot")),
        most_(most),
        console_(console) {}

  // At first the snapshot is only remembered; after a break, what differs from what was known is an event.
  void Snapshot(const Json& reply, bool again) {
    std::map<std::string, std::string> before = std::move(known_);
    known_.clear();
    for (const auto& item : reply["services"].AsArray()) {
      ServiceStatus service = ServiceStatusFromJson(item);
      std::string key = KeyOf(service);
      auto old = before.find(service.name);
      bool changed = again && (old == before.end() || old->second != key);
      if (changed || (!again && snapshot_)) Print(EventOf(service));
      if (old != before.end()) before.erase(old);
      known_[service.name] = std::move(key);
    }
    if (!again) return;
    for (const auto& [name, key] : before) {
      ServiceStatus gone;
      gone.name = name;
      EventRecord event = EventOf(gone);
      event.kind = "removed";
      event.text = name + " was removed";
      Print(event);
    }
  }

  bool Take(const Json& params) {
    EventRecord event = EventRecordFromJson(params);
    if (event.kind == "state") known_[event.service.name] = KeyOf(event.service);
    if (event.kind == "removed") known_.erase(event.service.name);
    Print(event);
    ++seen_;
    return most_ == 0 || seen_ < most_;
  }

 private:
  static EventRecord EventOf(const ServiceStatus& service) {
    std::string text = service.name + ": " + std::string(NameOf(service.state));
    if (!service.cause.empty()) text += " (" + service.cause + ")";
    return {0, service.since, "state", text, service};
  }

  void Print(const EventRecord& event) {
    if (as_json_) {
      console_.Out(ToJson(event).Dump() + "\n");
      return;
    }
    Colour colour = event.kind == "state" ? ColourOf(event.service.state) : Colour::kNone;
    std::string kind = event.kind;
    kind.append(kind.size() < 8 ? 8 - kind.size() : 0, ' ');
    console_.Out(console_.PaintOut(Colour::kGrey, event.time) + " " + kind + " " +
                 console_.PaintOut(colour, Harmless(event.text)) + "\n");
  }

  bool as_json_;
  bool snapshot_;
  std::int64_t most_;  // 0 = no end
  std::int64_t seen_ = 0;
  Console& console_;
  std::map<std::string, std::string> known_;
};

int Run(const Arguments& arguments, Console& console) {
  auto most = arguments.Number("--count", 0, INT32_MAX);
  if (!most) {
    console.Complain(most.error().message());
    return kExitUsage;
  }
  Events events(arguments, *most, console);
  Feed feed;
  feed.method = "events";
  feed.notification = "event";
  feed.params = [] { return Json(Json::Object{}); };
  feed.on_reply = [&](const Json& reply, bool again) { events.Snapshot(reply, again); };
  feed.on_notification = [&](const Json& params) { return events.Take(params); };
  return RunFeed(feed, arguments, console);
}

}  // namespace

const Verb kEventsVerb{
    .name = "events",
    .summary = "what happens, one line each, until Ctrl-C",
    .words = "",
    .kind = WordKind::kNone,
    .least_words = 0,
    .most_words = 0,
    .options = {{"--snapshot", "", "", "print the state of every service first"},
                {"--count", "", "N", "end after N events"}},
    .examples = {{"svc events", "follow"}, {"svc events --json --count 1", "wait for the next change"}},
    .details =
        "When foster was away for a moment, one event is printed for each service that changed meanwhile.",
    .run = Run,
};

}  // namespace foster::cli
