// SPDX-License-Identifier: MIT
#include "logd/s6_selector.h"

namespace foster {
namespace {

bool Matches(const regex_t& pattern, std::string_view line) {
  regmatch_t range{};
  range.rm_so = 0;
  range.rm_eo = static_cast<regoff_t>(line.size());
  return regexec(&pattern, line.data(), 1, &range, REG_STARTEND) == 0;
}

}  // namespace

S6Selector::S6Selector(const S6Script& script) {
  for (const S6Action& action : script.actions) {
    std::vector<Selection>& selections = actions_.emplace_back();
    for (const S6Selection& wanted : action.selections) {
      Selection& selection = selections.emplace_back();
      selection.kind = wanted.kind;
      takes_all_ = false;
      if (wanted.kind == S6Selection::Kind::kUntaken) continue;
      auto pattern = std::make_unique<regex_t>();
      if (regcomp(pattern.get(), wanted.pattern.c_str(), REG_EXTENDED | REG_NOSUB | REG_NEWLINE) == 0)
        selection.pattern.reset(pattern.release());
    }
  }
  taken_.assign(actions_.size(), true);
}

// A pattern is looked for only where it can change something.
void S6Selector::Choose(std::string_view line) {
  if (takes_all_) return;
  bool is_selected = true;
  bool is_taken = false;
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    for (const Selection& selection : actions_[i]) {
      const bool would_select = selection.kind == S6Selection::Kind::kSelect;
      if (selection.kind == S6Selection::Kind::kUntaken) {
        is_selected = !is_taken;
      } else if (is_selected != would_select && selection.pattern && Matches(*selection.pattern, line)) {
        is_selected = would_select;
      }
    }
    taken_[i] = is_selected;
    is_taken = is_taken || is_selected;
  }
}

}  // namespace foster
