// SPDX-License-Identifier: MIT
#include "cli/s6_letters.h"

#include <charconv>
#include <csignal>
#include <cstring>
#include <string_view>

#include "base/signal_names.h"
namespace foster::cli {
namespace {

struct Letter {
  char letter;
  S6Act act;
};

constexpr Letter kLetters[] = {
    {'u', {S6Verb::kUp, 0, false}},           {'U', {S6Verb::kUp, 0, false}},
    {'d', {S6Verb::kDown, 0, false}},         {'D', {S6Verb::kDown, 0, false}},
    {'o', {S6Verb::kOnce, 0, false}},         {'r', {S6Verb::kRestart, 0, false}},
    {'a', {S6Verb::kSignal, SIGALRM, false}}, {'b', {S6Verb::kSignal, SIGABRT, false}},
    {'q', {S6Verb::kSignal, SIGQUIT, false}}, {'h', {S6Verb::kSignal, SIGHUP, false}},
    {'k', {S6Verb::kSignal, SIGKILL, false}}, {'t', {S6Verb::kSignal, SIGTERM, false}},
    {'i', {S6Verb::kSignal, SIGINT, false}},  {'1', {S6Verb::kSignal, SIGUSR1, false}},
    {'2', {S6Verb::kSignal, SIGUSR2, false}}, {'p', {S6Verb::kSignal, SIGSTOP, false}},
    {'c', {S6Verb::kSignal, SIGCONT, false}}, {'y', {S6Verb::kSignal, SIGWINCH, false}},
    {'P', {S6Verb::kSignal, SIGSTOP, true}},  {'C', {S6Verb::kSignal, SIGCONT, true}},
    {'K', {S6Verb::kSignal, SIGKILL, true}},
};

struct Refusal {
  char letter;
  const char* text;
};

constexpr Refusal kRefused[] = {
    {'x', "foster's supervisor does not exit with a service; -d stops it"},
    {'O', "foster has no \"finish this life\" goal; -o runs it once"},
    {'Q', "foster has no \"finish this life\" goal; -o runs it once"},
    {'l', "foster knows no reload-signal; -s SIGNAL sends one"},
};

struct WaitName {
  char letter;
  S6Wait wait;
};

constexpr WaitName kWaits[] = {
    {'u', S6Wait::kUp},       {'U', S6Wait::kReady},     {'d', S6Wait::kDown},
    {'D', S6Wait::kFinished}, {'r', S6Wait::kRestarted}, {'R', S6Wait::kRestartedReady},
};

const S6Act* ActOf(char letter) {
  for (const auto& entry : kLetters)
    if (entry.letter == letter) return &entry.act;
  return nullptr;
}

// Takes the words one letter at a time: `-tu` is `-t -u`, `-T5000` is `-T 5000`.
class Parser {
 public:
  explicit Parser(const std::vector<std::string>& words) : words_(words) {}

  Result<S6Command> Parse() {
    for (; at_ < words_.size(); ++at_) {
      const std::string& word = words_[at_];
      if (word == "--") {
        ++at_;
        break;
      }
      if (word.size() < 2 || word[0] != '-') break;
      for (position_ = 1; position_ < words_[at_].size(); ++position_) FOSTER_TRY(TakeLetter());
    }
    command_.targets.assign(words_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, words_.size())),
                            words_.end());
    if (command_.targets.empty()) return Error("no service was named");
    if (command_.acts.empty() && command_.wait == S6Wait::kNone) return Error("no letter says what to do");
    return command_;
  }

 private:
  Result<void> TakeLetter() {
    const char letter = words_[at_][position_];
    if (const S6Act* act = ActOf(letter)) {
      command_.acts.push_back(*act);
      return Ok();
    }
    for (const auto& refusal : kRefused)
      if (refusal.letter == letter)
        return Error(std::string("-") + letter + " is not done here: " + refusal.text);
    if (letter == 'w') return TakeWait();
    if (letter == 'T') return TakeTimeout();
    if (letter == 's') return TakeSignal();
    return Error(std::string("unknown letter -") + letter);
  }

  Result<void> TakeWait() {
    FOSTER_ASSIGN(std::string value, Value("-w"));
    for (const auto& entry : kWaits) {
      if (value.size() == 1 && value[0] == entry.letter) {
        command_.wait = entry.wait;
        return Ok();
      }
    }
    return Error("-w" + value + " is none of -wu -wU -wd -wD -wr -wR");
  }

  Result<void> TakeTimeout() {
    FOSTER_ASSIGN(std::string value, Value("-T"));
    unsigned ms = 0;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), ms);
    if (error != std::errc() || end != value.data() + value.size()) {
      return Error("-T '" + value + "' is not a number of milliseconds");
    }
    command_.timeout = ms == 0 ? kForever : Millis(ms);
    return Ok();
  }

  Result<void> TakeSignal() {
    FOSTER_ASSIGN(std::string value, Value("-s"));
    std::optional<int> number = SignalNumber(value);
    if (!number || *number == 0) return Error("unknown signal '" + value + "'");
    command_.acts.push_back({S6Verb::kSignal, *number, false});
    return Ok();
  }

  // The rest of this word, or the next one.
  Result<std::string> Value(const std::string& letter) {
    std::string rest = words_[at_].substr(position_ + 1);
    position_ = words_[at_].size();
    if (!rest.empty()) return rest;
    if (at_ + 1 >= words_.size()) return Error(letter + " needs a value");
    ++at_;
    position_ = words_[at_].size();
    return words_[at_];
  }

  const std::vector<std::string>& words_;
  std::size_t at_ = 0;
  std::size_t position_ = 0;
  S6Command command_;
};

}  // namespace

Result<S6Command> ParseS6(const std::vector<std::string>& words) { return Parser(words).Parse(); }

}  // namespace foster::cli
