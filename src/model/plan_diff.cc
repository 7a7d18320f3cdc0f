// SPDX-License-Identifier: MIT
#include "model/plan_diff.h"

#include <map>

#include "base/enum_names.h"

namespace foster {
namespace {

constexpr EnumNames<Change, Change::kChanged> kChanges{{"unchanged", "added", "removed", "changed"}};

// One row per member of ServiceSpec: which word `svc plan` uses for it.
struct Field {
  const char* name;
  bool (*equal)(const ServiceSpec&, const ServiceSpec&);
};
#define FOSTER_FIELD(name, member)                                                        \
  Field {                                                                                 \
    name, [](const ServiceSpec& a, const ServiceSpec& b) { return a.member == b.member; } \
  }

const Field kFields[] = {
    FOSTER_FIELD("workload", workload),
    FOSTER_FIELD("group", group),
    FOSTER_FIELD("type", type),
    FOSTER_FIELD("autostart", autostart),
    FOSTER_FIELD("internal", internal),
    FOSTER_FIELD("broken", broken),
    FOSTER_FIELD("command", run),
    FOSTER_FIELD("finish", finish),
    FOSTER_FIELD("down", down),
    FOSTER_FIELD("environment", environment),
    FOSTER_FIELD("user", identity),
    FOSTER_FIELD("isolation", isolation),
    FOSTER_FIELD("readiness", readiness),
    FOSTER_FIELD("liveness", liveness),
    FOSTER_FIELD("restart", restart),
    FOSTER_FIELD("success_codes", success_codes),
    FOSTER_FIELD("success_signals", success_signals),
    FOSTER_FIELD("stop", stop),
    FOSTER_FIELD("timeouts", timeouts),
    FOSTER_FIELD("daemon", daemon),
    FOSTER_FIELD("stdin", stdin_from),
    FOSTER_FIELD("schedule", schedule),
    FOSTER_FIELD("sockets", sockets),
    FOSTER_FIELD("activation", activation),
    FOSTER_FIELD("idle_stop", idle_stop),
    FOSTER_FIELD("when_ended", when_ended),
    FOSTER_FIELD("when_failed", when_failed),
    FOSTER_FIELD("replicas", replica),
    FOSTER_FIELD("merge_stderr", merge_stderr),
    FOSTER_FIELD("log", log),
    FOSTER_FIELD("secrets", secrets),
    FOSTER_FIELD("priority", priority),
    FOSTER_FIELD("description", description),
    FOSTER_FIELD("directory", directory),
    FOSTER_FIELD("depends_on", gates),
};
#undef FOSTER_FIELD

}  // namespace

std::string_view NameOf(Change change) { return kChanges.NameOf(change); }

std::vector<ServiceChange> ComparePlans(const Plan& before, const Plan& after) {
  struct Pair {
    const ServiceSpec* before = nullptr;
    const ServiceSpec* after = nullptr;
  };
  std::map<std::string, Pair> pairs;
  for (const auto& spec : before.services) pairs[spec.name].before = &spec;
  for (const auto& spec : after.services) pairs[spec.name].after = &spec;
  std::vector<ServiceChange> changes;
  for (const auto& [name, pair] : pairs) {
    ServiceChange change{name, Change::kUnchanged, {}};
    if (!pair.before) {
      change.change = Change::kAdded;
    } else if (!pair.after) {
      change.change = Change::kRemoved;
    } else {
      for (const Field& field : kFields)
        if (!field.equal(*pair.before, *pair.after)) change.fields.emplace_back(field.name);
      if (!change.fields.empty()) change.change = Change::kChanged;
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace foster
