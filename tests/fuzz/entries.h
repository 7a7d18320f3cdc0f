// SPDX-License-Identifier: MIT
// One entry per reader of foreign bytes: any bytes in, the invariants of src/formats checked, nothing out.
// Not: libFuzzer. Called by: the *_fuzz.cc targets and mutation_test.cc. Invariant: aborts when a reader
// breaks a promise.
#pragma once

#include <string_view>

namespace foster::fuzz {

void Ini(std::string_view bytes);
void Yaml(std::string_view bytes);
void Envsubst(std::string_view bytes);
void Shlex(std::string_view bytes);
// foster.yaml alone, without a directory.
void FosterYaml(std::string_view bytes);
// "text\0text...": type, up, down, run ... of one service directory, written to a directory of this process.
void ServiceDirectory(std::string_view bytes);

}  // namespace foster::fuzz
