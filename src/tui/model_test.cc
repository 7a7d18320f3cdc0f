// SPDX-License-Identifier: MIT
#include "tui/model.h"

#include <catch2/catch.hpp>

#include "tui/log_view.h"

namespace foster::tui {
namespace {

ServiceStatus Make(const std::string& name, State state = State::kRunning) {
  ServiceStatus status;
  status.name = name;
  status.state = state;
  return status;
}

std::string Shown(const Model& model) {
  std::string names;
  for (const Service* service : model.shown()) names += service->status.name + " ";
  return names;
}

constexpr MonoTime kNow{Millis(1000000)};

TEST_CASE("the selection is a name: it outlives changes, sorting and a new snapshot") {
  Model model;
  model.SetSnapshot({Make("a"), Make("b"), Make("c")}, {}, kNow);
  CHECK(model.selected()->status.name == "a");
  model.Move(1);
  CHECK(model.selected()->status.name == "b");
  model.Apply({.sequence = 1, .time = "", .kind = "state", .text = "", .service = Make("aa")}, kNow);
  CHECK(Shown(model) == "a aa b c ");
  CHECK(model.selected()->status.name == "b");
  CHECK(model.selected_row() == 2);
  model.SetSnapshot({Make("b"), Make("x")}, {}, kNow);
  CHECK(model.selected()->status.name == "b");
  model.Apply({.sequence = 2, .time = "", .kind = "removed", .text = "", .service = Make("b")}, kNow);
  CHECK(model.selected()->status.name == "x");
  model.SetSnapshot({}, {}, kNow);
  CHECK(model.selected() == nullptr);
  CHECK(model.selected_row() == -1);
  model.Move(5);
  model.SetSnapshot({Make("x")}, {}, kNow);
  CHECK(model.selected_row() == 0);
}

TEST_CASE("the filter, internal services and the order") {
  Model model;
  ServiceStatus internal = Make("foster/logd");
  internal.internal = true;
  ServiceStatus restarted = Make("b", State::kFailed);
  restarted.restarts = 5;
  model.SetSnapshot({Make("Web"), restarted, Make("a"), internal}, {}, kNow);
  CHECK(Shown(model) == "Web a b ");
  model.SetFilter("we");
  CHECK(Shown(model) == "Web ");
  model.SetFilter("nothing like it");
  CHECK(model.selected() == nullptr);
  model.SetFilter("");
  model.ToggleInternal();
  CHECK(Shown(model) == "Web a b foster/logd ");
  model.NextSort();
  CHECK(model.sort() == SortKey::kState);
  CHECK(Shown(model).substr(0, 2) == "b ");
  model.NextSort();
  model.NextSort();
  CHECK(Shown(model).substr(0, 2) == "b ");
  CHECK(model.Counts()[static_cast<std::size_t>(State::kRunning)] == 2);
}

TEST_CASE("the selected row is always among those on the screen") {
  Model model;
  std::vector<ServiceStatus> many;
  for (int i = 0; i < 1000; ++i) many.push_back(Make("s" + std::to_string(i)));
  model.SetSnapshot(many, {}, kNow);
  for (int row : {0, 999, 500, 3, 998})
    for (int rows : {1, 2, 7, 100, 2000}) {
      model.SelectRow(row);
      int top = model.Reveal(rows);
      CHECK(top >= 0);
      CHECK((top <= row && row < top + rows));
    }
  CHECK(model.Reveal(0) >= 0);
}

TEST_CASE("ages, and how long their texts stay true") {
  CHECK(AgeText(Millis(-5)) == "0s");
  CHECK(AgeText(Millis(59999)) == "59s");
  CHECK(AgeText(Millis(60000)) == "1m");
  CHECK(AgeText(Millis(3 * 3600000 + 7 * 60000)) == "3h07");
  CHECK(AgeText(Millis(50 * 3600000)) == "2d2h");
  CHECK(AgeText(Millis(213LL * 24 * 3600000)) == "213d");
  for (std::int64_t ms : {0LL, 999LL, 59000LL, 61000LL, 3599999LL, 86399999LL, 90000000LL}) {
    Millis holds = AgeHolds(Millis(ms));
    REQUIRE(holds.count() > 0);
    CHECK(AgeText(Millis(ms)) == AgeText(Millis(ms) + holds - Millis(1)));
  }
  ServiceStatus status = Make("a");
  status.age_ms = INT64_MAX;
  CHECK(AgeText(Age({status, kNow}, kNow + Millis(1000))).size() <= 6);
}

LogRecord Record(const std::string& text, bool partial = false, const std::string& stream = "stdout") {
  LogRecord record;
  record.text = text;
  record.stream = stream;
  record.partial = partial;
  return record;
}

TEST_CASE("the log is bounded, and dropping old lines does not move the reader") {
  LogView log;
  for (std::size_t i = 0; i < LogView::kMaxLines; ++i) log.Append(Record(std::to_string(i)));
  CHECK(log.follow());
  log.Scroll(-100, 10);
  CHECK(!log.follow());
  std::string seen = log.line(log.bottom() - 1).text;
  for (int i = 0; i < 50; ++i) log.Append(Record("new"));
  CHECK(log.size() == LogView::kMaxLines);
  CHECK(log.line(log.bottom() - 1).text == seen);
  log.Scroll(1000000, 10);
  CHECK(log.follow());
  log.ToOldest(10);
  CHECK(log.bottom() == log.first() + 10);
  for (std::size_t i = 0; i < 2 * LogView::kMaxLines; ++i) log.Append(Record(std::string(20000, 'x')));
  CHECK(log.size() * LogView::kMaxText <= LogView::kMaxBytes);
  CHECK((log.bottom() >= log.first() && log.bottom() <= log.end()));
  log.Clear();
  CHECK((log.size() == 0 && log.follow() && log.bottom() == log.first()));
}

TEST_CASE("a line that was not whole is replaced when it comes again") {
  LogView log;
  log.Append(Record("50", true));
  log.Append(Record("50%"));
  REQUIRE(log.size() == 1);
  CHECK(log.line(log.first()).text == "50%");
  log.Append(Record("prompt> ", true));
  log.Append(Record("error", false, "stderr"));
  CHECK(log.size() == 3);
  log.Append(Record(std::string(65536, 'x'), true));  // a piece of a longer line
  log.Append(Record("rest"));
  CHECK(log.size() == 5);
}

}  // namespace
}  // namespace foster::tui
