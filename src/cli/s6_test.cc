// SPDX-License-Identifier: MIT
// The s6 spelling: letters, targets and waiting.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>

#include "cli/s6_letters.h"
#include "cli/s6_targets.h"
#include "cli/s6_wait.h"

namespace foster::cli {
namespace {

S6Command Parsed(const std::vector<std::string>& words) {
  auto command = ParseS6(words);
  INFO((command.ok() ? "" : command.error().message()));
  REQUIRE(command.ok());
  return *command;
}

std::string Refused(const std::vector<std::string>& words) {
  auto command = ParseS6(words);
  REQUIRE_FALSE(command.ok());
  return command.error().message();
}

TEST_CASE("every letter has its act, in the order in which they were given") {
  const std::pair<const char*, int> signals[] = {
      {"-a", SIGALRM}, {"-b", SIGABRT}, {"-q", SIGQUIT}, {"-h", SIGHUP},  {"-k", SIGKILL}, {"-t", SIGTERM},
      {"-i", SIGINT},  {"-1", SIGUSR1}, {"-2", SIGUSR2}, {"-p", SIGSTOP}, {"-c", SIGCONT},
  };
  for (const auto& [letter, number] : signals) {
    INFO(letter);
    CHECK(Parsed({letter, "web"}).acts == std::vector<S6Act>{{S6Verb::kSignal, number, false}});
  }
  CHECK(Parsed({"-u", "web"}).acts[0].verb == S6Verb::kUp);
  CHECK(Parsed({"-d", "web"}).acts[0].verb == S6Verb::kDown);
  CHECK(Parsed({"-o", "web"}).acts[0].verb == S6Verb::kOnce);
  CHECK(Parsed({"-r", "web"}).acts[0].verb == S6Verb::kRestart);
  S6Command many = Parsed({"-dt", "-u", "a", "b/", "-c"});
  CHECK(many.acts == std::vector<S6Act>{{S6Verb::kDown, 0, false},
                                        {S6Verb::kSignal, SIGTERM, false},
                                        {S6Verb::kUp, 0, false}});
  CHECK(many.targets == std::vector<std::string>{"a", "b/", "-c"});
}

TEST_CASE("waiting, time limit and named signals take a value, joined or not") {
  S6Command command = Parsed({"-wU", "-T", "5000", "-u", "web"});
  CHECK(command.wait == S6Wait::kReady);
  CHECK(command.timeout == Millis(5000));
  CHECK(Parsed({"-T250", "-w", "d", "-d", "web"}).timeout == Millis(250));
  CHECK(Parsed({"-T0", "-u", "web"}).timeout == kForever);
  CHECK(Parsed({"-s", "SIGHUP", "web"}).acts[0].signal == SIGHUP);
  CHECK(Parsed({"-shup", "web"}).acts[0].signal == SIGHUP);
  CHECK(Parsed({"-K", "web"}).acts[0].to_group);
  CHECK(Parsed({"-u", "--", "-odd"}).targets == std::vector<std::string>{"-odd"});
  CHECK(Parsed({"-wR", "web"}).acts.empty());
}

TEST_CASE("what is not done says so") {
  CHECK(Refused({"-x", "web"}).find("-x is not done here") == 0);
  CHECK(Refused({"-O", "web"}).find("-o runs it once") != std::string::npos);
  CHECK(Refused({"-z", "web"}) == "unknown letter -z");
  CHECK(Refused({"-u"}) == "no service was named");
  CHECK(Refused({"web"}) == "no letter says what to do");
  CHECK(Refused({"-wx", "web"}).find("-wu -wU") != std::string::npos);
  CHECK(Refused({"-T", "soon", "web"}).find("milliseconds") != std::string::npos);
  CHECK(Refused({"-s"}) == "-s needs a value");
  CHECK(Refused({"-s", "NOPE", "web"}) == "unknown signal 'NOPE'");
}

ServiceStatus Service(const std::string& name, const std::string& workload,
                      const std::string& directory = "") {
  ServiceStatus s;
  s.name = name;
  s.workload = workload;
  s.directory = directory;
  return s;
}

TEST_CASE("a word means a directory, a full name, a workload or a bare name") {
  char root[] = "/tmp/foster-s6-XXXXXX";
  REQUIRE(::mkdtemp(root) != nullptr);
  const std::string directory = std::string(root) + "/services.d/entry";
  std::filesystem::create_directories(directory);
  std::filesystem::create_directory_symlink(directory, std::string(root) + "/link");
  const std::vector<ServiceStatus> services = {
      Service("entry", "", directory), Service("supervisord/web", "supervisord"),
      Service("supervisord/db", "supervisord"), Service("process-compose/db", "process-compose")};
  const std::vector<WorkloadStatus> workloads = {{"supervisord", "", "", "", "", {}},
                                                 {"process-compose", "", "", "", "", {}}};
  auto resolve = [&](const std::string& word) { return ResolveS6Target(word, services, workloads); };
  using Names = std::vector<std::string>;

  CHECK(resolve(directory)->names == Names{"entry"});
  CHECK(resolve(directory + "/")->names == Names{"entry"});
  CHECK(resolve(std::string(root) + "/link")->names == Names{"entry"});
  CHECK(resolve("/run/service/entry")->names == Names{"entry"});
  CHECK(resolve("entry")->names == Names{"entry"});
  CHECK(resolve("supervisord/web")->names == Names{"supervisord/web"});
  CHECK(resolve("web")->names == Names{"supervisord/web"});
  CHECK_FALSE(resolve("db"));  // two of them
  CHECK_FALSE(resolve("nobody"));
  CHECK_FALSE(resolve("/run/service/nobody"));
  for (const char* word :
       {"/run/service/supervisord", "/run/service/supervisord/", "supervisord", "supervisord/"}) {
    INFO(word);
    auto target = resolve(word);
    REQUIRE(target);
    CHECK(target->workload == "supervisord");
    CHECK(target->names == Names{"supervisord/web", "supervisord/db"});
  }
  std::filesystem::remove_all(root);
}

TEST_CASE("each -w asks its own question") {
  ServiceStatus s = Service("web", "");
  s.type = "longrun";
  s.state = State::kStarting;
  s.pid = 7;
  s.incarnation = 2;
  CHECK(AnswerOf(S6Wait::kUp, s, 2) == S6Answer::kYes);
  CHECK(AnswerOf(S6Wait::kReady, s, 2) == S6Answer::kNotYet);
  CHECK(AnswerOf(S6Wait::kRestarted, s, 2) == S6Answer::kNotYet);
  CHECK(AnswerOf(S6Wait::kRestarted, s, 1) == S6Answer::kYes);
  CHECK(AnswerOf(S6Wait::kRestartedReady, s, 1) == S6Answer::kNotYet);
  CHECK(AnswerOf(S6Wait::kDown, s, 2) == S6Answer::kNotYet);
  s.state = State::kRunning;
  CHECK(AnswerOf(S6Wait::kReady, s, 2) == S6Answer::kYes);
  CHECK(AnswerOf(S6Wait::kRestartedReady, s, 1) == S6Answer::kYes);
  s.state = State::kFinishing;
  s.pid = 0;
  CHECK(AnswerOf(S6Wait::kDown, s, 2) == S6Answer::kYes);
  CHECK(AnswerOf(S6Wait::kFinished, s, 2) == S6Answer::kNotYet);
  s.state = State::kStopped;
  CHECK(AnswerOf(S6Wait::kFinished, s, 2) == S6Answer::kYes);
  CHECK(AnswerOf(S6Wait::kUp, s, 2) == S6Answer::kNotYet);
  s.state = State::kFailed;
  CHECK(AnswerOf(S6Wait::kUp, s, 2) == S6Answer::kFailed);
  CHECK(AnswerOf(S6Wait::kDown, s, 2) == S6Answer::kYes);
  s.type = "oneshot";
  s.state = State::kExited;
  CHECK(AnswerOf(S6Wait::kReady, s, 2) == S6Answer::kYes);
}

}  // namespace
}  // namespace foster::cli
