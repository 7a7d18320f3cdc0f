// SPDX-License-Identifier: MIT
// ServiceStatus, WorkloadStatus, EventRecord and LogRecord <-> JSON. Members: docs/control-protocol.md.
// FromJson never fails: a missing or wrong member leaves the default (an older peer).
#pragma once

#include <string>
#include "foster/service_status.h"

#include "wire/json.h"

namespace foster {

Json ToJson(const ServiceStatus& status);
Json ToJson(const WorkloadStatus& status);
Json ToJson(const EventRecord& event);
Json ToJson(const LogRecord& line);
// The same text as ToJson(line).Dump(), some times faster: a flood of lines goes through here.
void AppendJson(const LogRecord& line, std::string* out);
ServiceStatus ServiceStatusFromJson(const Json& json);
WorkloadStatus WorkloadStatusFromJson(const Json& json);
EventRecord EventRecordFromJson(const Json& json);
LogRecord LogRecordFromJson(const Json& json);

}  // namespace foster
