// SPDX-License-Identifier: MIT
// S6Selector: which actions of a logging script take a line. Not: reading the script (model/s6_script.h).
// Called by: S6Sink. Invariants: exactly s6-log's order of decisions; patterns are matched by regexec(3), as
// POSIX extended regular expressions; a line may have any bytes, NUL too.
#pragma once

#include <regex.h>

#include <memory>
#include <string_view>
#include <vector>

#include "model/s6_script.h"

namespace foster {

class S6Selector {
 public:
  explicit S6Selector(const S6Script& script);

  // taken()[i]: action i takes `line`.
  void Choose(std::string_view line);
  const std::vector<bool>& taken() const { return taken_; }

 private:
  struct Free {
    void operator()(regex_t* pattern) const {
      regfree(pattern);
      delete pattern;
    }
  };
  struct Selection {
    S6Selection::Kind kind;
    std::unique_ptr<regex_t, Free> pattern;  // nullptr: none is needed, or it is none (and matches nothing)
  };
  std::vector<std::vector<Selection>> actions_;
  std::vector<bool> taken_;
  bool takes_all_ = true;  // nothing is to be looked at
};

}  // namespace foster
