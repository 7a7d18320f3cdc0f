// SPDX-License-Identifier: MIT
// The simulation program. `sim --search`, `sim --worlds=N [--first=SEED] [--jobs=N]`, `sim --seed=N
// [--trace]`, `--plain`, `--coverage` (fails where something never happened), `sim_mutants --mutant=NAME
// --worlds=N`: passes only if the planted bug is found.
#include <unistd.h>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/mutant.h"
#include "sim/search.h"
#include "sim/world.h"

namespace foster {
#ifdef FOSTER_MUTATION
Mutant active_mutant = Mutant::kNone;
#endif

namespace sim {
namespace {

constexpr std::pair<std::string_view, Mutant> kMutants[] = {
    {"stale-timer", Mutant::kStaleTimer},
    {"lost-rearm", Mutant::kLostRearm},
    {"gate-twice", Mutant::kGateTwice},
    {"grace-ignored", Mutant::kGraceIgnored},
    {"old-exit", Mutant::kOldExit},
    {"shutdown-order", Mutant::kShutdownOrder},
    {"lost-stop-signal", Mutant::kLostStopSignal},
    {"forgotten-restart", Mutant::kForgottenRestart},
    {"stale-probe", Mutant::kStaleProbe},
    {"budget-ignored", Mutant::kBudgetIgnored},
    {"gate-not-rechecked", Mutant::kGateNotRechecked},
    {"pin-ignored", Mutant::kPinIgnored},
    {"down-order", Mutant::kDownOrder},
    {"lost-rest", Mutant::kLostRest},
    {"time-not-moved", Mutant::kTimeNotMoved},
};

struct Options {
  std::uint64_t worlds = 1000;
  std::uint64_t first = 1;
  std::uint64_t seed = 0;
  unsigned jobs = 2;
  bool search = false;
  bool trace = false;
  bool plain = false;
  bool coverage = false;
  Mutant mutant = Mutant::kNone;
};

thread_local std::uint64_t current_seed = 0;
bool expects_violation = false;

// The core aborts on a change of state that is not in its table: that is a violation, too.
void OnAbort(int) {
  char text[96];
  const int length = std::snprintf(text, sizeof text, "aborted in seed %llu\n",
                                   static_cast<unsigned long long>(current_seed));
  const ssize_t written = write(STDOUT_FILENO, text, static_cast<std::size_t>(length));
  _exit(written > 0 && expects_violation ? EXIT_SUCCESS : EXIT_FAILURE);
}

// Returns false, with the reason printed, if the world broke a rule.
bool RunWorld(std::uint64_t seed, const Options& options, std::uint64_t* steps, Coverage* coverage) {
  current_seed = seed;
  try {
    World world(seed, options.trace, options.plain, coverage);
    world.Run();
    *steps += world.steps();
    return true;
  } catch (const Violation& violation) {
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), violation.what());
    return false;
  }
}

bool RunWorlds(const Options& options) {
  std::atomic<std::uint64_t> next{options.first};
  std::atomic<std::uint64_t> steps{0};
  std::atomic<std::uint64_t> failures{0};
  const std::uint64_t end = options.first + options.worlds;
  std::mutex mutex;
  Coverage coverage;
  const auto work = [&] {
    std::uint64_t own_steps = 0;
    Coverage own;
    Coverage* own_coverage = options.coverage ? &own : nullptr;
    for (std::uint64_t seed = next++; seed < end; seed = next++) {
      if (!RunWorld(seed, options, &own_steps, own_coverage) && (++failures >= 10 || expects_violation))
        break;
      if (expects_violation && failures != 0) break;
    }
    steps += own_steps;
    const std::lock_guard lock(mutex);
    coverage.Add(own);
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < options.jobs; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  std::printf("%llu worlds, %llu happenings, %llu violations\n",
              static_cast<unsigned long long>(options.worlds), static_cast<unsigned long long>(steps.load()),
              static_cast<unsigned long long>(failures.load()));
  if (failures != 0) std::printf("replay one: sim --seed=N --trace\n");
  return (!options.coverage || coverage.Print()) && failures == 0;
}

bool RunSearch() {
  try {
    std::printf("%zu states searched\n", SearchAllShapes(true));
    return true;
  } catch (const Violation& violation) {
    std::printf("search: %s\n", violation.what());
    return false;
  }
}

bool ParseNumber(std::string_view argument, std::string_view name, std::uint64_t* value) {
  if (!argument.starts_with(name)) return false;
  *value = std::strtoull(argument.data() + name.size(), nullptr, 10);
  return true;
}

bool Parse(std::string_view argument, Options* options) {
  std::uint64_t jobs = 0;
  if (argument == "--search") return options->search = true;
  if (argument == "--trace") return options->trace = true;
  if (argument == "--plain") return options->plain = true;
  if (argument == "--coverage") return options->coverage = true;
  if (ParseNumber(argument, "--jobs=", &jobs)) {
    options->jobs = static_cast<unsigned>(jobs);
    return jobs > 0 && jobs <= 64;
  }
  if (ParseNumber(argument, "--worlds=", &options->worlds) ||
      ParseNumber(argument, "--first=", &options->first) ||
      ParseNumber(argument, "--seed=", &options->seed)) {
    return true;
  }
  for (const auto& [name, mutant] : kMutants) {
    if (argument != "--mutant=" + std::string(name)) continue;
    options->mutant = mutant;
    return true;
  }
  return false;
}

bool Run(const Options& options) {
  std::uint64_t steps = 0;
  if (options.search) return RunSearch();
  if (options.seed != 0) return RunWorld(options.seed, options, &steps, nullptr);
  return RunWorlds(options);
}

}  // namespace
}  // namespace sim
}  // namespace foster

int main(int argc, char** argv) {
  using namespace foster::sim;
  Options options;
  for (int i = 1; i < argc; ++i) {
    if (Parse(argv[i], &options)) continue;
    std::fprintf(stderr, "cannot understand %s\n", argv[i]);
    return 2;
  }
  expects_violation = options.mutant != foster::Mutant::kNone;
  std::signal(SIGABRT, OnAbort);
#ifdef FOSTER_MUTATION
  foster::active_mutant = options.mutant;
#else
  if (expects_violation) {
    std::fprintf(stderr, "cannot plant a bug: this is sim, not sim_mutants\n");
    return 2;
  }
#endif
  const bool ok = Run(options);
  return ok != expects_violation ? EXIT_SUCCESS : EXIT_FAILURE;
}
