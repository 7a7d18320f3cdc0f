// SPDX-License-Identifier: MIT
#include "tui/app.h"

#include <catch2/catch.hpp>
#include <random>

#include "tui/render.h"
#include "wire/status_codec.h"

namespace foster::tui {
namespace {

constexpr MonoTime kNow{Millis(5000000)};

ServiceStatus Make(const std::string& name, State state = State::kRunning) {
  ServiceStatus status;
  status.name = name;
  if (name.find('/') != name.npos) status.workload = name.substr(0, name.find('/'));
  status.state = state;
  status.pid = state == State::kRunning ? 4321 : 0;
  status.age_ms = 65000;
  status.internal = name.starts_with("foster/");
  return status;
}

// An App with the other end of its two connections played by the test.
struct Bench {
  App app{true};

  explicit Bench(int width = 80, int height = 24) {
    app.Resize(width, height);
    app.Opened(App::Channel::kControl);
    app.Opened(App::Channel::kLog);
  }
  std::vector<RpcRequest> Sent(App::Channel channel) {
    Session& session = app.session(channel);
    LineSplitter lines;
    lines.Append(session.unsent());
    session.Sent(session.unsent().size());
    std::vector<RpcRequest> out;
    for (std::string line; lines.Next(&line) == LineSplitter::Kind::kLine;)
      out.push_back(*ParseRequest(line).request);
    return out;
  }
  void Answer(App::Channel channel, const RpcRequest& request, const Json& result) {
    app.Received(channel, ResultLine(request.id, result), kNow);
  }
  void Snapshot(const std::vector<ServiceStatus>& services, const std::string& source = "project") {
    for (const RpcRequest& request : Sent(App::Channel::kControl)) {
      WorkloadStatus workload;
      workload.name = "supervisord";
      workload.source = source;
      Json workloads = Json(Json::Array{ToJson(workload)});
      Json result;
      result.Set("workloads", workloads);
      if (request.method == "hello") result.Set("version", "0.1.0").Set("host", "box").Set("access", "full");
      if (request.method == "events") {
        Json::Array list;
        for (const auto& service : services) list.push_back(ToJson(service));
        result.Set("sequence", 10).Set("services", std::move(list));
      }
      Answer(App::Channel::kControl, request, result);
    }
  }
  void Log(const std::vector<std::string>& texts) {
    for (const RpcRequest& request : Sent(App::Channel::kLog)) {
      Json::Array lines;
      if (request.method == "logs")
        for (const auto& text : texts) {
          LogRecord record;
          record.name = request.params["names"].AsArray()[0].AsString();
          record.text = text;
          record.cursor = std::to_string(lines.size());
          lines.push_back(ToJson(record));
        }
      Json result;
      result.Set("lines", std::move(lines));
      Answer(App::Channel::kLog, request, result);
    }
  }
  void Type(std::string_view bytes) {
    InputParser parser;
    for (const Input& input : parser.Feed(bytes)) app.Press(input, kNow);
    for (const Input& input : parser.Flush()) app.Press(input, kNow);
  }
  void Event(std::uint64_t sequence, const std::string& kind, const ServiceStatus& service,
             const std::string& text = "") {
    EventRecord event;
    event.sequence = sequence;
    event.kind = kind;
    event.text = text;
    event.service = service;
    app.Received(App::Channel::kControl, NotificationLine("event", ToJson(event)), kNow);
  }
  std::string Text(int width, int height) {
    app.Resize(width, height);
    Grid grid = Render(app.view(), width, height, kNow);
    std::string text;
    for (int y = 0; y < height; ++y) text += grid.RowText(y) + "\n";
    return text;
  }
};

bool Has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST_CASE("the screen at 40x10") {
  Bench bench(40, 10);
  bench.Snapshot({Make("docker-entrypoint", State::kExited), Make("supervisord/web")});
  bench.Log({"one", "two \x1b[31mred\x1b[0m", "three", "four"});
  CHECK(bench.Text(40, 10) ==
        "foster \xe2\x97\x8f 1  \xe2\x9c\x94 1\n"
        "  NAME              STATE       AGE  RST\n"
        "\xe2\x9c\x94 docker-entrypoint exited       1m    -\n"
        "\xe2\x97\x8f supervisord/web   running      1m    -\n"
        "\xe2\x94\x80 docker-entrypoint "
        "\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2"
        "\x94\x80 following \xe2\x94\x80\n"
        "one\n"
        "two red\n"
        "three\n"
        "four\n"
        "u up  d down  r restart  ? help  q quit\n");
}

TEST_CASE("the screen at other sizes: what must be there") {
  Bench bench;
  std::vector<ServiceStatus> services;
  for (int i = 0; i < 1000; ++i) services.push_back(Make("supervisord/service-" + std::to_string(1000 + i)));
  services.push_back(
      Make("a-service-with-a-name-so-long-that-it-fits-nowhere-at-all-really", State::kFailed));
  services.push_back(Make("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", State::kBackoff));
  bench.Snapshot(services, "seed");
  std::string large = bench.Text(300, 80);
  for (const char* part :
       {"CAUSE", "WORKLOAD", "PID", "RST", "service-1000", "1000 running", "SEED in use", "q quit"})
    CHECK(Has(large, part));
  std::string usual = bench.Text(80, 24);
  for (const char* part : {"foster 0.1.0 box", "STATE", "following", "SEED in use: supervisord", "? help"})
    CHECK(Has(usual, part));
  CHECK(Has(bench.Text(19, 24), "too small"));
  CHECK(Has(bench.Text(80, 4), "too small"));
  bench.Type("G");
  CHECK(Has(bench.Text(80, 24), "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"));
  bench.Type("?");
  CHECK(Has(bench.Text(80, 24), "previous service"));
  CHECK(Has(bench.Text(40, 10), "previous service"));
}

TEST_CASE("keys ask for what they say, without waiting for it") {
  Bench bench;
  bench.Snapshot({Make("a"), Make("foster/logd")});
  bench.Type("udro\x12");
  auto sent = bench.Sent(App::Channel::kControl);
  REQUIRE(sent.size() == 5);
  const char* const kVerbs[] = {"up", "down", "restart", "once", "restart"};
  for (std::size_t i = 0; i < sent.size(); ++i) {
    CHECK(sent[i].method == kVerbs[i]);
    CHECK(sent[i].params == Json().Set("names", Json::Array{"a"}).Set("wait", false));
  }
  Json result;
  result.Set("name", "a").Set("ok", false).Set("error", "no such file");
  bench.Answer(App::Channel::kControl, sent[0], Json().Set("results", Json::Array{result}));
  CHECK(bench.app.view().message == "cannot up a: no such file");
  CHECK(bench.app.view().message_is_error);
  bench.app.Received(App::Channel::kControl, FailureLine(sent[1].id, {2, "you may only read", Json()}), kNow);
  CHECK(bench.app.view().message == "cannot down a: you may only read");
  bench.Type("s\x1b[B\r");
  sent = bench.Sent(App::Channel::kControl);
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].params["signal"].AsString() == "HUP");
}

TEST_CASE("a part of foster itself is stopped only after a yes") {
  Bench bench;
  bench.Snapshot({Make("foster/logd")});
  bench.Type("ad");
  CHECK(Has(bench.Text(80, 24), "a part of foster itself"));
  bench.Type("n");
  CHECK(bench.Sent(App::Channel::kControl).empty());
  bench.Type("dy");
  CHECK(bench.Sent(App::Channel::kControl).size() == 1);
}

TEST_CASE("while the filter is typed letters are text, pasted ones too") {
  Bench bench;
  bench.Snapshot({Make("dust"), Make("web")});
  bench.Type("/d\x1b[200~us\x1b[201~");
  CHECK(bench.app.view().model.filter() == "dus");
  CHECK(bench.app.view().model.shown().size() == 1);
  bench.Type("\x7f\x7f\x7f\x7f");
  CHECK(bench.app.view().model.filter().empty());
  bench.Type("web\r");
  CHECK(bench.app.view().model.selected()->status.name == "web");
  CHECK(bench.Sent(App::Channel::kControl).empty());
  bench.Type("\x1b");
  CHECK(bench.app.view().model.filter().empty());
  CHECK(bench.app.view().model.selected()->status.name == "web");
}

TEST_CASE("events change the screen; a gap gives the connection up") {
  Bench bench;
  bench.Snapshot({Make("a")});
  bench.Event(10, "state", Make("a", State::kFailed));  // in the snapshot already
  CHECK(bench.app.view().model.selected()->status.state == State::kRunning);
  bench.Event(11, "state", Make("a", State::kFailed));
  CHECK(bench.app.view().model.selected()->status.state == State::kFailed);
  bench.Event(12, "message", {}, "hello there");
  CHECK(bench.app.view().message == "hello there");
  bench.Event(14, "state", Make("a"));
  CHECK(!bench.app.session(App::Channel::kControl).open());
  CHECK(Has(bench.Text(80, 24), "reconnecting"));
}

TEST_CASE("one log request at a time, however fast the selection moves; late lines are not mixed in") {
  Bench bench;
  bench.Snapshot({Make("a"), Make("b"), Make("c")});
  auto sent = bench.Sent(App::Channel::kLog);
  REQUIRE(sent.size() == 1);
  bench.Type("jj");
  CHECK(bench.Sent(App::Channel::kLog).empty());
  LogRecord stale;
  stale.name = "a";
  stale.text = "stale";
  bench.Answer(App::Channel::kLog, sent[0], Json().Set("lines", Json::Array{ToJson(stale)}));
  CHECK(bench.app.view().log.size() == 0);
  sent = bench.Sent(App::Channel::kLog);
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].method == "unfollow");
  CHECK(sent[1].params["names"].AsArray()[0].AsString() == "c");
  bench.app.Received(App::Channel::kLog, NotificationLine("log", ToJson(stale)), kNow);
  CHECK(bench.app.view().log.size() == 0);
}

TEST_CASE("after a lost log connection reading goes on behind the last line") {
  Bench bench;
  bench.Snapshot({Make("a")});
  bench.Log({"one", "two"});
  bench.app.Lost(App::Channel::kLog, "gone");
  bench.app.Opened(App::Channel::kLog);
  auto sent = bench.Sent(App::Channel::kLog);
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].params["after"] == Json().Set("a", "1"));
  CHECK(bench.app.view().log.size() == 2);
}

TEST_CASE("nothing that can be seen changes: no tick before it does") {
  Bench bench;
  CHECK(bench.app.NextTick(kNow) == kNoDeadline);
  bench.Snapshot({Make("a")});  // 65 s old: its text changes at 120 s
  CHECK(bench.app.NextTick(kNow) == kNow + Millis(55000));
}

TEST_CASE("what is no JSON gives the connection up, and never more than that") {
  for (std::string_view bytes : {"nonsense\n", "[]\n", "{\"id\":1}\n", "\n", "{\"method\":\"event\"}\n"}) {
    Bench bench;
    bench.Snapshot({Make("a")});
    bench.app.Received(App::Channel::kControl, bytes, kNow);
    CHECK(Has(bench.Text(80, 24), "running"));
  }
}

TEST_CASE("any keys, events and sizes: always a screen, and only characters that may be sent") {
  std::mt19937 random(5);
  for (int world = 0; world < 30; ++world) {
    Bench bench;
    std::vector<ServiceStatus> services;
    for (auto n = random() % 20; n > 0; --n) services.push_back(Make("w/s" + std::to_string(random() % 30)));
    bench.Snapshot(services, random() % 2 == 0 ? "seed" : "project");
    std::uint64_t sequence = 10;
    for (int step = 0; step < 150; ++step) {
      std::string bytes;
      for (auto n = random() % 4; n > 0; --n) bytes += static_cast<char>(random() % 128);
      const std::string keys[] = {"\x1b[A", "\x1b[B", "\x1b[5~", "\x1b[6~",      "\t",
                                  "f",      "w",      "z",       "\x1b[<0;5;5M", "\x1b[<65;9;9M"};
      bench.Type(bytes + keys[random() % std::size(keys)]);
      ServiceStatus status = Make("w/s" + std::to_string(random() % 30), static_cast<State>(random() % 10));
      status.cause = "\x1b[2J\xe6\x97\xa5" + std::string(random() % 60, 'c');
      bench.Event(++sequence, random() % 5 == 0 ? "removed" : "state", status);
      std::string line = std::to_string(step) + "\x1b[3" + std::to_string(random() % 9) + "m\r" +
                         std::string(random() % 200, 'y') + "\xe6\x97\xa5";
      bench.Log({line, line, line});
      if (!bench.app.session(App::Channel::kLog).open()) bench.app.Opened(App::Channel::kLog);
      int width = 1 + static_cast<int>(random() % (random() % 3 == 0 ? 320 : 60));
      int height = 1 + static_cast<int>(random() % 40);
      bench.app.Resize(width, height);
      Grid grid = Render(bench.app.view(), width, height, kNow);
      REQUIRE((grid.width() == width && grid.height() == height));
      for (int y = 0; y < height; ++y)
        for (char c : grid.RowText(y)) REQUIRE((static_cast<unsigned char>(c) >= 0x20 && c != 0x7F));
    }
  }
}

}  // namespace
}  // namespace foster::tui
