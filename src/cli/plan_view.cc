// SPDX-License-Identifier: MIT
#include "cli/plan_view.h"

#include "cli/text_width.h"
#include "formats/diagnostic_printer.h"
#include "wire/plan_codec.h"

namespace foster::cli {
namespace {

std::string FieldList(const Json& fields) {
  std::string text;
  for (const auto& field : fields.AsArray()) text += (text.empty() ? " (" : ", ") + field.AsString();
  return text.empty() ? "" : text + ")";
}

}  // namespace

void PrintChanges(const Json& changes, Console& console) {
  bool any = false;
  for (const auto& item : changes.AsArray()) {
    const std::string& change = item["change"].AsString();
    const std::string name = Harmless(item["name"].AsString());
    if (change == "added") {
      console.Out(console.PaintOut(Colour::kGreen, "+ " + name) + "\n");
    } else if (change == "removed") {
      console.Out(console.PaintOut(Colour::kRed, "- " + name) + "\n");
    } else if (change == "changed") {
      console.Out(console.PaintOut(Colour::kYellow, "~ " + name) + FieldList(item["fields"]) + "\n");
    } else {
      continue;
    }
    any = true;
  }
  if (!any) console.Out("no changes\n");
}

void PrintDiagnosticArray(const Json& diagnostics, Console& console) {
  std::vector<Diagnostic> list;
  for (const auto& item : diagnostics.AsArray())
    if (auto diagnostic = DiagnosticFromJson(item)) list.push_back(std::move(*diagnostic));
  if (list.empty()) return;
  console.Flush();
  console.Err(PrintDiagnostics(list, console.err_colour() ? PrintColour::kYes : PrintColour::kNo));
}

}  // namespace foster::cli
