// SPDX-License-Identifier: MIT
// OtlpFormat: batches as OTLP/HTTP's JSON mapping has them (ExportLogsServiceRequest). Not: sending
// (push_sink.h). Called by: MakeOtlpSink, tests. Invariants: pure; strings are valid UTF-8; a line that says
// no level has no severity.
#pragma once

#include "logd/push_sink.h"

namespace foster {

class OtlpFormat : public PushFormat {
 public:
  std::string Body(const PushBatch& batch) const override;
  std::uint64_t Rejected(std::string_view answer) const override;
  bool Adapt(unsigned, std::string_view) override { return false; }
};

}  // namespace foster
