// SPDX-License-Identifier: MIT
// LoggerScript: what a logger's `run` says to s6-log, so that it can be written as log.s6. Not: running it,
// nor a shell or execline. Called by: service_directory.cc. Invariant: pure; only a script that s6-log would
// take, on one plain line, is given back.
#pragma once

#include <string>
#include <string_view>

namespace foster {

// "n20 s1000000 T /var/log/web" of "#!/command/execlineb -P\nlogutil-service /var/log/web"; "" = it cannot be
// told from the text.
std::string LoggerScript(std::string_view run);

}  // namespace foster
