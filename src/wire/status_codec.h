// SPDX-License-Identifier: MIT
// ServiceStatus, WorkloadStatus, EventRecord and LogRecord <-> JSON. Members: docs/control-protocol.md.
// FromJson never fails: a missing or wrong member leaves the default (an older peer).
#pragma once

#include "foster/service_status.h"
#include "wire/json.h"

namespace foster {

Json ToJson(const ServiceStatus& status);
Json ToJson(const WorkloadStatus& status);
Json ToJson(const EventRecord& event);
Json ToJson(const LogRecord& line);
ServiceStatus ServiceStatusFromJson(const Json& json);
WorkloadStatus WorkloadStatusFromJson(const Json& json);
EventRecord EventRecordFromJson(const Json& json);
LogRecord LogRecordFromJson(const Json& json);

}  // namespace foster
