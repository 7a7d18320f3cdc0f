// SPDX-License-Identifier: MIT
// LogRecord of the wire <-> LogEntry of the readers. Not: their JSON (wire/status_codec.h). Called by:
// log_source, log_printer. Pure.
#pragma once

#include "foster/service_status.h"
#include "logfile/log_entry.h"

namespace foster::cli {

LogEntry EntryOf(const LogRecord& record);
LogRecord RecordOf(const LogEntry& entry);

}  // namespace foster::cli
