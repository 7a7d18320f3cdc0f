// SPDX-License-Identifier: MIT
// Each rule by a log that breaks it alone; the golden cases show the places.
#include "model/check_log.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

using Keys = std::vector<std::string>;

Keys KeysOf(const std::vector<SpecFault>& faults) {
  Keys keys;
  for (const SpecFault& fault : faults) {
    CHECK_FALSE(fault.text.empty());
    keys.push_back(fault.key);
  }
  return keys;
}

LogSink File(const std::string& path) {
  LogSink sink;
  sink.target = path;
  sink.rotation.max_bytes = kLeastFileBytes;
  return sink;
}

LogSink Of(LogSinkKind kind, const std::string& target) {
  LogSink sink;
  sink.kind = kind;
  sink.target = target;
  return sink;
}

Keys SinkKeys(const LogSink& sink) { return KeysOf(CheckSink(sink, kLeastFileBytes)); }

TEST_CASE("a file: its path, its permissions, its size") {
  CHECK(SinkKeys(File("/var/log/a")).empty());
  for (const char* path : {"", "a", "/var/log/", "/var/a\nb"}) CHECK(SinkKeys(File(path)) == Keys{"path"});
  CHECK(SinkKeys(File("/" + std::string(4000, 'x'))) == Keys{"path"});
  LogSink sink = File("/a");
  sink.takes_out = sink.takes_err = false;
  sink.mode = 01777;
  sink.rotation.max_bytes = kLeastFileBytes - 1;
  sink.rotation.max_total = 1;
  sink.rotation.every = Millis(59'999);
  CHECK(SinkKeys(sink) == Keys{"streams", "mode", "rotate.size", "rotate.every", "rotate.total"});
  CHECK(KeysOf(CheckSink(sink, 1)).size() == 4);
  CHECK(SinkKeys(File("/dev/ttyS0")) == Keys{"rotate"});
}

TEST_CASE("a syslog is a socket's path, or a host with its port") {
  for (const char* good : {"unix:/dev/log", "udp:127.0.0.1:514", "udp:[::1]:514", "udp:log.example:1"})
    CHECK(SyslogTargetFault(good).empty());
  for (const char* bad : {"", "unix:", "unix:dev/log", "udp:", "udp:a", "udp:a:0", "udp:a:65536", "udp::514",
                          "udp:[::1", "udp:[]:5", "udp:a b:5", "tcp:a:5", "udp:a:5x"})
    CHECK_FALSE(SyslogTargetFault(bad).empty());
  LogSink sink = Of(LogSinkKind::kSyslog, "unix:" + std::string(108, '/'));
  sink.facility = 24;
  CHECK(SinkKeys(sink) == Keys{"to", "facility"});
}

TEST_CASE("a collector has a URL, headers of one line and labels") {
  for (const char* good :
       {"http://h", "https://h:1/v1/logs", "http://[::1]:3100/loki/api/v1/push?a=b", "http://u:p@h/"})
    CHECK(SinkKeys(Of(LogSinkKind::kOtlp, good)).empty());
  for (const char* bad : {"", "h:80", "ftp://h", "http://", "http:///x", "http://h:x/", "http://h:0",
                          "http://a b/", "http://u:p@h:x/", "http://h/\r\nX: y"})
    CHECK(SinkKeys(Of(LogSinkKind::kOtlp, bad)) == Keys{"url"});
  LogSink sink = Of(LogSinkKind::kLoki, "http://h/");
  sink.headers = {"X-Scope-OrgID: 1", "bad", ": x", "a b: c", "A: b\r\nC: d"};
  sink.labels = {"app=web", "a.b=c", "=x", "none", "1a=b"};
  CHECK(SinkKeys(sink) ==
        Keys{"headers", "headers", "headers", "headers", "labels", "labels", "labels", "labels"});
  sink.labels.assign(kMostLokiLabels + 1, "a=b");
  sink.headers = {"host: x", "Content-Length: 5", "Content-Encoding: zstd", "Content-Encoding: gzip"};
  CHECK(SinkKeys(sink) == Keys{"labels", "headers", "headers", "headers"});
  sink.headers.assign(kMostSinkHeaders + 1, "A: b");
  sink.kind = LogSinkKind::kOtlp;
  CHECK(SinkKeys(sink) == Keys{"headers"});
  sink.headers.clear();
  sink.labels = {"service.name=web"};
  CHECK(SinkKeys(sink).empty());
}

TEST_CASE("no fault tells the credentials of a collector") {
  ServiceSpec spec;
  for (const char* url : {"http://me:hunter2@h/", "http://me:hunter2@h:0/", "htp://me:hunter2@h"}) {
    spec.log.sinks.assign(2, Of(LogSinkKind::kOtlp, url));
    CHECK(ShownTarget(spec.log.sinks[0]).find("hunter2") == std::string::npos);
    const auto faults = CheckLog(spec, 1);
    CHECK_FALSE(faults.empty());
    for (const SpecFault& fault : faults)
      CHECK((fault.key + fault.text + fault.hint).find("hunter2") == std::string::npos);
  }
  CHECK(ShownTarget(File("/var/x://a@b")) == "/var/x://a@b");
}

TEST_CASE("an s6-log script is read, each error for itself") {
  CHECK(SinkKeys(Of(LogSinkKind::kS6, "n20 s1000000 T /var/log/a")).empty());
  CHECK(SinkKeys(Of(LogSinkKind::kS6, "x3 y4 /var/log/a")).size() == 2);
  CHECK(SinkKeys(Of(LogSinkKind::kS6, "T ./a =status /b")).size() == 2);
  CHECK_FALSE(SinkKeys(Of(LogSinkKind::kS6, "")).empty());
  CHECK(SinkKeys(Of(LogSinkKind::kS6, std::string(70'000, ' '))).size() == 1);
}

TEST_CASE("together: the ring, too many places, one place twice") {
  ServiceSpec spec;
  spec.log.ring_bytes = kLeastRingBytes - 1;
  spec.log.sinks = {File("/a"), File("/b"), File("/a")};
  CHECK(KeysOf(CheckLog(spec, 1)) == Keys{"log.ring", "log"});
  spec.log = {};
  spec.log.sinks = {Of(LogSinkKind::kS6, "/var/log/a"), Of(LogSinkKind::kS6, "T /var/log/b t /var/log/a")};
  CHECK(KeysOf(CheckLog(spec, 1)) == Keys{"log"});
  spec.log.sinks.clear();
  for (std::size_t i = 0; i <= kMaxLogSinks; ++i) spec.log.sinks.push_back(File("/" + std::to_string(i)));
  CHECK(KeysOf(CheckLog(spec, 1)) == Keys{"log"});
  spec.log.sinks = {File("a")};
  CHECK(KeysOf(CheckLog(spec, 1)) == Keys{"log.file.path"});
}

TEST_CASE("secrets: names, files, how many") {
  ServiceSpec spec;
  spec.secrets = {{"A", "/a"}, {"", "/b"}, {"", "/c"}, {"B", "/a"}};
  CHECK(CheckLog(spec, 1).empty());
  spec.secrets = {{"A=", "/a"}, {"B", "b"}, {"C", ""}, {"D", "/d"}, {"D", "/e"}};
  CHECK(KeysOf(CheckLog(spec, 1)) == Keys(4, "secrets"));
  spec.secrets.assign(kMaxSecrets + 1, {"", "/a"});
  CHECK(KeysOf(CheckLog(spec, 1)) == Keys{"secrets"});
}

}  // namespace
}  // namespace foster
