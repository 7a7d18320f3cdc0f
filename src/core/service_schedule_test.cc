// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "core/stories.h"

namespace foster {
using namespace story;

namespace {

ServiceSpec Job(Overlap overlap = Overlap::kSkip) {
  ServiceSpec spec = Oneshot("job");
  spec.schedule.kind = ScheduleKind::kInterval;
  spec.schedule.interval = Millis{1000};
  spec.schedule.overlap = overlap;
  return spec;
}

void DueIn(Stories& story, Millis span) {
  const std::uint64_t epoch = TimerOf(story.Of("job"), TimerKind::kSchedule).epoch;
  story.Step("job", {.kind = EventKind::kNextDue, .epoch = epoch, .deadline = After(story.now, span)});
}

void RunsInto(Stories& story) {
  DueIn(story, Millis{1000});
  story.Fire("job", TimerKind::kSchedule);
  DueIn(story, Millis{1000});
  story.Spawned("job");
}

}  // namespace

TEST_CASE("it waits for its time, runs, and waits again; nobody waits for the boot because of it") {
  Stories story({Job()});
  CHECK(story.StateOf("job") == State::kWaiting);
  CHECK(story.Of("job").cause.kind == CauseKind::kSchedule);
  CHECK(story.Count(EffectKind::kSchedule, "job") == 1);
  CHECK(story.engine->Settled());
  DueIn(story, Millis{1000});
  CHECK(story.Count(EffectKind::kArmTimer, "job") == 1);
  story.Fire("job", TimerKind::kSchedule);
  CHECK(story.StateOf("job") == State::kStarting);
  CHECK(story.Of("job").cause.kind == CauseKind::kSchedule);
  CHECK(story.Count(EffectKind::kSchedule, "job") >= 1);
  DueIn(story, Millis{1000});
  story.Spawned("job");
  story.Exited("job");
  CHECK(story.StateOf("job") == State::kWaiting);
  CHECK(story.Of("job").has_exited);
  story.Fire("job", TimerKind::kSchedule);
  CHECK(story.Of("job").incarnation == 2);
}

TEST_CASE("run_on_start runs at once; an up while it waits runs now; down takes the time away") {
  ServiceSpec job = Job();
  job.schedule.run_on_start = true;
  Stories story({job});
  CHECK(story.StateOf("job") == State::kStarting);
  CHECK(story.Count(EffectKind::kSchedule, "job") == 1);
  DueIn(story, Millis{1000});
  story.Spawned("job");
  story.Exited("job");
  CHECK(story.StateOf("job") == State::kWaiting);
  story.Up("job");
  CHECK(story.Of("job").incarnation == 2);
  story.Spawned("job");
  story.Exited("job");
  story.Down("job");
  CHECK(story.StateOf("job") == State::kStopped);
  CHECK(TimerOf(story.Of("job"), TimerKind::kSchedule).deadline == kNoDeadline);
}

TEST_CASE("a time that comes during a run is skipped, kept or takes its place") {
  Stories skip({Job(Overlap::kSkip)});
  RunsInto(skip);
  skip.Fire("job", TimerKind::kSchedule);
  CHECK(skip.Of("job").missed == 1);
  skip.Exited("job");
  CHECK(skip.StateOf("job") == State::kWaiting);

  Stories queue({Job(Overlap::kQueue)});
  RunsInto(queue);
  queue.Fire("job", TimerKind::kSchedule);
  DueIn(queue, Millis{5});
  queue.Fire("job", TimerKind::kSchedule);
  queue.Exited("job");
  CHECK(queue.Of("job").incarnation == 2);
  queue.Spawned("job");
  queue.Exited("job");
  CHECK(queue.StateOf("job") == State::kWaiting);

  Stories replace({Job(Overlap::kReplace)});
  RunsInto(replace);
  replace.Fire("job", TimerKind::kSchedule);
  CHECK(replace.StateOf("job") == State::kStopping);
  CHECK(replace.Of("job").cause.kind == CauseKind::kSchedule);
  replace.Exited("job", {0, 15});
  CHECK(replace.Of("job").incarnation == 2);
}

TEST_CASE("a run that gave up waits for the next time") {
  ServiceSpec job = Job();
  job.restart.start_retries = 0;
  Stories story({job});
  RunsInto(story);
  story.Exited("job", {3, 0});
  CHECK(story.StateOf("job") == State::kWaiting);
  CHECK(story.Of("job").last_exit.code == 3);
  story.Fire("job", TimerKind::kSchedule);
  CHECK(story.StateOf("job") == State::kStarting);
}

TEST_CASE("after the last time it has exited; what was never to run has, too") {
  Stories story({Job()});
  RunsInto(story);
  story.Fire("job", TimerKind::kSchedule);
  story.Exited("job");
  CHECK(story.StateOf("job") == State::kWaiting);
  DueIn(story, kForever);
  CHECK(story.StateOf("job") == State::kExited);
  CHECK(story.Of("job").cause.kind == CauseKind::kExited);
  Stories never({Job()});
  DueIn(never, kForever);
  CHECK(never.StateOf("job") == State::kExited);
}

TEST_CASE("its gates are looked at when it is due, and a gate on it is closed while it waits") {
  ServiceSpec job = Job();
  job.gates = {On("db")};
  ServiceSpec db = Longrun("db");
  db.autostart = false;
  Stories story({job, db, Needing("late", {On("job", GateKind::kStarted)})});
  CHECK(story.StateOf("late") == State::kWaiting);
  CHECK(story.Of("job").cause.kind == CauseKind::kSchedule);
  DueIn(story, Millis{1000});
  story.Fire("job", TimerKind::kSchedule);
  CHECK(story.Of("job").cause.kind == CauseKind::kGate);
  CHECK(story.Of("job").due);
  story.Up("db");
  story.Spawned("db");
  CHECK(story.StateOf("job") == State::kStarting);
}

TEST_CASE("a new supervise keeps the time, fires at once when it has passed, and asks where it had none") {
  Stories story({Job()});
  story.Restore({Job()});
  CHECK(story.Count(EffectKind::kSchedule, "job") == 1);
  DueIn(story, Millis{1000});
  story.now += Millis{5000};
  story.Restore({Job()});
  CHECK(story.Count(EffectKind::kSchedule, "job") == 0);
  CHECK(story.Count(EffectKind::kArmTimer, "job") == 1);
  story.Fire("job", TimerKind::kSchedule);
  CHECK(story.StateOf("job") == State::kStarting);
  story.Restore({Job()});  // the spawn was never done
  CHECK(story.Count(EffectKind::kSpawn, "job") == 1);
}

TEST_CASE("a new schedule is asked for without touching the run") {
  Stories story({Job()});
  RunsInto(story);
  ServiceSpec changed = Job();
  changed.schedule.interval = Millis{9000};
  changed.restart.start_retries = 5;
  story.Apply({changed});
  CHECK(story.StateOf("job") == State::kStarting);
  CHECK(story.Count(EffectKind::kSchedule, "job") == 1);
  CHECK(story.Count(EffectKind::kSignal, "job") == 0);
}

TEST_CASE("the time of an old schedule is not believed, however late it is told") {
  Stories story({Job()});
  const std::uint64_t old_question = TimerOf(story.Of("job"), TimerKind::kSchedule).epoch;
  ServiceSpec changed = Job();
  changed.schedule.interval = Millis{9000};
  story.Apply({changed});
  story.Step("job", {.kind = EventKind::kNextDue, .epoch = old_question, .deadline = kNoDeadline});
  CHECK(story.StateOf("job") == State::kWaiting);
  DueIn(story, Millis{9000});
  story.Step("job", {.kind = EventKind::kNextDue, .epoch = old_question, .deadline = kNoDeadline});
  CHECK(TimerOf(story.Of("job"), TimerKind::kSchedule).deadline == After(story.now, Millis{9000}));
}

}  // namespace foster
