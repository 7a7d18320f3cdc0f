// SPDX-License-Identifier: MIT
// TimeZone: moments <-> what clocks on the wall show in a zone. Not: cron (model/cron.h). Called by:
// supervise/next_due, model checks through formats (Open says whether a zone exists). The C library's TZ is
// set in time_zone.cc alone and put back before each call returns. Invariants: one thread; a wall clock time
// that a change of the clocks leaves out is the first moment after it; one that comes twice is its first.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "model/cron.h"

namespace foster {

class TimeZone {
 public:
  // "" = the container's own (TZ, /etc/localtime). Error code ENOENT: there is no such zone here.
  static Result<TimeZone> Open(const std::string& name);

  // Seconds are those since 1970.
  std::int64_t OffsetAt(std::int64_t seconds) const;  // seconds east of UTC
  CivilTime CivilAt(std::int64_t seconds) const;
  std::int64_t SecondsOf(const CivilTime& civil) const;
  // The first moment in (from, to] at which the offset is another than at `from`; `to` if there is none.
  std::int64_t ChangeBetween(std::int64_t from, std::int64_t to) const;

 private:
  explicit TimeZone(std::string text) : text_(std::move(text)) {}
  std::string text_;  // for TZ; "" = leave TZ alone
};

std::int64_t SecondsOfUtc(const CivilTime& civil);
CivilTime CivilOfUtc(std::int64_t seconds);

}  // namespace foster
