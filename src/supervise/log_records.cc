// SPDX-License-Identifier: MIT
#include "supervise/log_records.h"

#include "sys/clock.h"
#include "wire/log_codec.h"

namespace foster {

const Redactor& LogRedactors::Of(const LogTable& table, int slot) {
  Known& known = known_[slot];
  const std::uint64_t config = table.header().slots[slot].config.load(std::memory_order_acquire);
  if (known.config == config) return known.redactor;
  auto decoded = DecodeSlotConfig(table.ConfigOf(slot));
  known.redactor = decoded.ok() ? Redactor(decoded->secrets) : Redactor();
  known.config = config;
  return known.redactor;
}

LogRecord RecordOf(const std::string& name, const LogLine& line, const Redactor& redactor,
                   LogCursor* cursor) {
  if (!line.partial) cursor->position[line.stream] = line.end;
  LogRecord record;
  record.name = name;
  record.stream = line.stream == 0 ? "stdout" : "stderr";
  record.time = ToRfc3339(line.wall);
  record.mono = line.mono;
  record.seq = line.seq;
  record.incarnation = line.incarnation;
  if (!redactor.Redact(line.text, &record.text)) record.text = line.text;
  record.cursor = ToText(*cursor);
  record.partial = line.partial;
  record.continued = line.is_continued;
  record.cut = line.is_cut;
  return record;
}

}  // namespace foster
