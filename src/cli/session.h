// SPDX-License-Identifier: MIT
// Session: one verb's talk with foster: connects, asks, and turns every failure into a complaint and an exit
// code. Not: following (logs.cc, events.cc do). Called by: the verbs. Invariant: after a failure exit_code()
// is not kExitOk and the reason was said once.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/verb.h"
#include "client/client.h"

namespace foster::cli {

// kOnce: not asked again when the connection breaks; it might be done twice.
enum class Repeat { kOnce, kMayRepeat };

class Session {
 public:
  Session(const Arguments& arguments, Console& console)
      : socket_(arguments.Text("--socket")), as_json_(arguments.Has("--json")), console_(console) {}

  // nullopt: failed, complained, exit_code() says how.
  std::optional<Json> Ask(std::string_view method, const Json& params, Millis timeout = kForever,
                          Repeat repeat = Repeat::kMayRepeat);
  int exit_code() const { return exit_code_; }
  bool as_json() const { return as_json_; }

 private:
  bool Connect(Millis patience);
  void Fail(const Error& error, const RpcFailure& failure);

  std::string socket_;
  bool as_json_;
  Console& console_;
  std::optional<Client> client_;
  int exit_code_ = kExitOk;
};

// Which exit code an error of Client stands for.
int ExitCodeOf(int error_code);
// The more serious of two: ok < timeout < failed < everything else.
int Worse(int a, int b);

// {"names": [...]} of the words; null-free.
Json NamesOf(const std::vector<std::string>& words);
// On a terminal indented, else one line; ends with '\n'.
void PrintJson(const Json& json, Console& console);

}  // namespace foster::cli
