// SPDX-License-Identifier: MIT
// MakeSink: the sink that a LogSink asks for. Called by: the logd loop, for SinkHost. Invariant: never fails.
#pragma once

#include <memory>

#include "logd/sink.h"

namespace foster {

std::unique_ptr<Sink> MakeSink(SinkPlace place);

}  // namespace foster
