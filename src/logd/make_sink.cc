// SPDX-License-Identifier: MIT
#include "logd/make_sink.h"

#include <cerrno>
#include <utility>

namespace foster {
namespace {

#if !__has_include("logd/file_sink.cc") ||                                              \
                   !__has_include("logd/s6_sink.cc") ||                                 \
                                  !__has_include("logd/syslog_sink.cc") ||              \
                                                 !__has_include("logd/otlp_sink.cc") || \
                                                                !__has_include("logd/loki_sink.cc")
// Of a kind that this foster has not been built with.
class NoSink : public Sink {
 public:
  explicit NoSink(SinkPlace place) : place_(std::move(place)) {}
  std::string Group() const override { return "none"; }
  bool CanBlock() const override { return false; }
  MonoTime Work(const Turn&) override {
    place_.state().last_error.store(ENOSYS);
    place_.state().health.store(static_cast<std::uint32_t>(LogSinkHealth::kBroken));
    return kNoDeadline;
  }

 private:
  SinkPlace place_;
};
#define FOSTER_NO_SINK return std::make_unique<NoSink>(std::move(place))
#endif

}  // namespace

std::unique_ptr<Sink> MakeSink(SinkPlace place) {
  switch (place.spec.kind) {
    case LogSinkKind::kFile:
#if __has_include("logd/file_sink.cc")
      return MakeFileSink(std::move(place));
#else
      FOSTER_NO_SINK;
#endif
    case LogSinkKind::kS6:
#if __has_include("logd/s6_sink.cc")
      return MakeS6Sink(std::move(place));
#else
      FOSTER_NO_SINK;
#endif
    case LogSinkKind::kSyslog:
#if __has_include("logd/syslog_sink.cc")
      return MakeSyslogSink(std::move(place));
#else
      FOSTER_NO_SINK;
#endif
    case LogSinkKind::kOtlp:
#if __has_include("logd/otlp_sink.cc")
      return MakeOtlpSink(std::move(place));
#else
      FOSTER_NO_SINK;
#endif
    case LogSinkKind::kLoki:
#if __has_include("logd/loki_sink.cc")
      return MakeLokiSink(std::move(place));
#else
      FOSTER_NO_SINK;
#endif
  }
  return nullptr;
}

}  // namespace foster
