// SPDX-License-Identifier: MIT
#include "formats/read.h"
#include "formats/report.h"
#include "formats/text_source.h"

namespace foster {

Fragment ReadWorkload(WorkloadFormat format, std::string_view workload, const std::string& path,
                      const ReadOptions& options) {
  auto text = ReadConfigFile(path);
  if (!text.ok()) {
    Fragment fragment;
    fragment.valid = false;
    Report(&fragment.diagnostics).Error(Origin{path, 0, 0}, text.error().message());
    return fragment;
  }
  switch (format) {
    case WorkloadFormat::kSupervisord:
      return ReadSupervisord(workload, path, *text, options);
    case WorkloadFormat::kProcessCompose:
      return ReadProcessCompose(workload, path, *text, options);
  }
  return {};
}

}  // namespace foster
