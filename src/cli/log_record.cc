// SPDX-License-Identifier: MIT
#include "cli/log_record.h"

#include "logfile/time_stamp.h"
#include "sys/clock.h"

namespace foster::cli {

LogEntry EntryOf(const LogRecord& record) {
  LogEntry entry;
  entry.service = record.name;
  entry.stream = record.stream == "stderr" ? 1 : 0;
  entry.wall = ReadRfc3339(record.time).value_or(0);
  entry.incarnation = record.incarnation;
  entry.cursor = record.cursor;
  entry.mono = record.mono;
  entry.seq = record.seq;
  entry.is_continued = record.continued;
  entry.is_cut = record.cut || record.partial;
  entry.is_unfinished = record.partial;
  entry.text = record.text;
  return entry;
}

LogRecord RecordOf(const LogEntry& entry) {
  LogRecord record;
  record.name = entry.service;
  record.stream = entry.stream == 1 ? "stderr" : "stdout";
  record.time = ToRfc3339(entry.wall);
  record.incarnation = entry.incarnation;
  record.cursor = entry.cursor;
  record.mono = entry.mono;
  record.seq = entry.seq;
  record.partial = entry.is_unfinished;
  record.continued = entry.is_continued;
  record.cut = entry.is_cut && !entry.is_unfinished;
  record.text = entry.text;
  return record;
}

}  // namespace foster::cli
