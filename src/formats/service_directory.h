// SPDX-License-Identifier: MIT
// One service directory (s6-rc's source format, and foster's type `workload`) -> a service, a bundle or a
// workload. Not: the set of them (services_d.cc). Called by: services_d.cc. Invariant: a fault is an error
// that names the file, and the service is `broken` with the first of them; nothing throws.
#pragma once

#include <string>

#include "formats/read.h"

namespace foster {

// Adds what `directory` defines to `fragment`. `directory` is absolute, its last part is the service's name.
void ReadServiceDirectory(const std::string& directory, const ReadOptions& options, Fragment& fragment);

}  // namespace foster
