// SPDX-License-Identifier: MIT
// LineText: lines of a service as a file is to have them: secrets and escape sequences taken out, formatted,
// headers and gaps told of. Not: writing. Called by: file sinks. Invariants: at most as many bytes as a
// staging area holds; the same lines give the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "logd/line_source.h"
#include "logd/sink.h"

namespace foster {

class LineText {
 public:
  // `place` outlives it.
  explicit LineText(const SinkPlace& place);

  void Clear() { out_.clear(); }
  std::string* memory() { return &out_; }  // lent (borrowed_memory.h)
  void AddHeader();
  void AddSkip(std::uint64_t bytes, std::string_view reason, std::int64_t wall);
  void AddNewline() { out_ += '\n'; }
  // Adds the line, or as much of it as one staging area can hold if it alone is longer. False: no room.
  // `*end`: position behind what was added.
  bool AddLine(const SourceLine& line, std::uint64_t* end);

  const std::string& bytes() const { return out_; }
  bool EndsMidLine() const { return !out_.empty() && out_.back() != '\n'; }

 private:
  void Format(const SourceLine& line);
  bool AddHead(SourceLine line, std::uint64_t* end);

  const SinkPlace& place_;
  std::uint32_t replica_ = 0;  // a file's label "replica=N": process-compose's formats say it
  std::string out_;
  std::string stripped_;
  std::string redacted_;
};

}  // namespace foster
