// SPDX-License-Identifier: MIT
#include "logd/make_sink.h"

#include <utility>

namespace foster {

std::unique_ptr<Sink> MakeSink(SinkPlace place) {
  switch (place.spec.kind) {
    case LogSinkKind::kFile:
      return MakeFileSink(std::move(place));
    case LogSinkKind::kS6:
      return MakeS6Sink(std::move(place));
    case LogSinkKind::kSyslog:
      return MakeSyslogSink(std::move(place));
    case LogSinkKind::kOtlp:
      return MakeOtlpSink(std::move(place));
    case LogSinkKind::kLoki:
      return MakeLokiSink(std::move(place));
  }
  return nullptr;
}

}  // namespace foster
