// SPDX-License-Identifier: MIT
// LokiFormat: batches as Loki's push API has them. Few labels (service, stream, workload, host and what is
// configured), the rest as structured metadata, which a Loki that refuses it is not sent again. Not: sending
// (push_sink.h). Called by: MakeLokiSink, tests. Invariants: at most kLokiLabels labels, their names as Loki
// wants them.
#pragma once

#include "logd/push_sink.h"

namespace foster {

inline constexpr std::size_t kLokiLabels = 15;        // Loki's own default limit
inline constexpr std::size_t kLokiLabelBytes = 2048;  // of a value, likewise

class LokiFormat : public PushFormat {
 public:
  std::string Body(const PushBatch& batch) const override;
  std::uint64_t Rejected(std::string_view) const override { return 0; }
  bool Adapt(unsigned status, std::string_view answer) override;

 private:
  void AppendStream(const PushBatch& batch, std::uint32_t stream, std::string* out) const;
  void AppendLine(const SourceLine& line, std::string* out) const;

  bool has_metadata_ = true;
};

}  // namespace foster
