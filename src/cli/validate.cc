// SPDX-License-Identifier: MIT
#include <algorithm>

#include "cli/check_files.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "formats/diagnostic_printer.h"
#include "wire/plan_codec.h"

namespace foster::cli {
namespace {

std::ptrdiff_t Count(const std::vector<Diagnostic>& diagnostics, Severity severity) {
  return std::count_if(diagnostics.begin(), diagnostics.end(),
                       [&](const auto& d) { return d.severity == severity; });
}

std::string Number(std::ptrdiff_t count, const std::string& word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

Json ReportJson(const CheckReport& report, bool valid) {
  Json json;
  json.Set("valid", valid);
  json.Set("errors", static_cast<std::int64_t>(Count(report.diagnostics, Severity::kError)));
  json.Set("warnings", static_cast<std::int64_t>(Count(report.diagnostics, Severity::kWarning)));
  json.Set("services", static_cast<std::int64_t>(report.plan.services.size()));
  Json::Array workloads;
  for (const auto& w : report.plan.workloads) {
    Json workload;
    workload.Set("name", w.name).Set("format", NameOf(w.format)).Set("source", NameOf(w.source));
    workloads.push_back(std::move(workload));
  }
  json.Set("workloads", std::move(workloads));
  Json::Array checked;
  for (const auto& path : report.checked) checked.emplace_back(path);
  json.Set("checked", std::move(checked));
  Json::Array diagnostics;
  for (const auto& d : report.diagnostics) diagnostics.push_back(ToJson(d));
  json.Set("diagnostics", std::move(diagnostics));
  return json;
}

int Run(const Arguments& arguments, Console& console) {
  CheckRequest request;
  request.paths = arguments.words;
  if (arguments.Has("--format")) request.format = WorkloadFormatFromName(arguments.Text("--format"));
  Result<CheckReport> report = CheckFiles(request);
  if (!report) {
    console.Complain(report.error().message());
    return kExitFailed;
  }
  const bool valid = !HasErrors(report->diagnostics);
  if (arguments.Has("--json")) {
    PrintJson(ReportJson(*report, valid), console);
    return valid ? kExitOk : kExitFailed;
  }
  console.Out(
      PrintDiagnostics(report->diagnostics, console.out_colour() ? PrintColour::kYes : PrintColour::kNo));
  std::string verdict =
      console.PaintOut(valid ? Colour::kGreen : Colour::kRed, valid ? "valid" : "not valid");
  console.Out(verdict + ": " + Number(static_cast<std::ptrdiff_t>(report->plan.services.size()), "service") +
              ", " + Number(Count(report->diagnostics, Severity::kError), "error") + ", " +
              Number(Count(report->diagnostics, Severity::kWarning), "warning") + "\n");
  return valid ? kExitOk : kExitFailed;
}

}  // namespace

const Verb kValidateVerb{
    .name = "validate",
    .summary = "check files as foster would read them; needs no foster",
    .words = "[PATH...]",
    .kind = WordKind::kFiles,
    .least_words = 0,
    .most_words = kAnyWords,
    .options = {{"--format", "", "FORMAT", "of files whose name does not say it",
                 "supervisord|process-compose"}},
    .examples = {{"svc validate", "everything that FOSTER_SERVICES leads to"},
                 {"svc validate workloads/supervisord/project.conf", "one file"},
                 {"foster validate /etc/foster/seed", "in a Dockerfile's RUN"}},
    .details =
        "A path is a services.d directory, a workload's file, or a directory of workloads or seeds. Changes "
        "nothing.\n"
        "Exit code 1 when there is an error; warnings do not count.",
    .run = Run,
};

}  // namespace foster::cli
