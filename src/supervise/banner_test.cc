// SPDX-License-Identifier: MIT
#include "supervise/banner.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

Workload Broken() {
  Workload workload;
  workload.name = "supervisord";
  workload.project = "/work/project.conf";
  workload.seed = "/etc/seed.conf";
  workload.source = WorkloadSource::kSeed;
  workload.diagnostics.push_back({Severity::kError, Origin{"/work/project.conf", 3, 5},
                                  "unknown value 'maybe'", "write true or false", ""});
  return workload;
}

}  // namespace

TEST_CASE("the banner names the workload, the reason, the errors, the seed and the way out") {
  std::string text = FallbackBanner(Broken(), false, PrintColour::kNo);
  for (const char* part : {"WORKLOAD supervisord", "/work/project.conf:3:5: error: unknown value 'maybe'",
                           "using seed /etc/seed.conf", "svc reload supervisord", "write true or false"})
    CHECK(text.find(part) != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("the banner says when nothing runs, and is red on a terminal") {
  Workload workload = Broken();
  workload.source = WorkloadSource::kNone;
  std::string text = FallbackBanner(workload, false, PrintColour::kYes);
  CHECK(text.find("nothing of this workload runs") != std::string::npos);
  CHECK(text.find("\x1b[1;37;41m") != std::string::npos);
}

TEST_CASE("a workload that runs from its project has no banner") {
  Workload workload = Broken();
  workload.source = WorkloadSource::kProject;
  CHECK(FallbackBanner(workload, false, PrintColour::kNo).empty());
}

}  // namespace foster
