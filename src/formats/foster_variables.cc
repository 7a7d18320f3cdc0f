// SPDX-License-Identifier: MIT
#include "formats/foster_variables.h"

#include "formats/report.h"

namespace foster {

std::string ExpandVariables(std::string_view text, const std::map<std::string, std::string>& variables,
                            VariableError* error) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    bool has_next = text[at] == '$' && at + 1 < text.size();
    if (has_next && text[at + 1] == '$') {
      out += '$';
      ++at;
    } else if (has_next && text[at + 1] == '{') {
      std::size_t end = text.find('}', at);
      if (end == std::string_view::npos) {
        *error = {"no closing '}'", at};
        return {};
      }
      std::string name(text.substr(at + 2, end - at - 2));
      auto found = variables.find(name);
      if (found == variables.end()) {
        *error = {"unknown variable " + Quote(name), at};
        return {};
      }
      out += found->second;
      at = end;
    } else {
      out += text[at];
    }
  }
  return out;
}

}  // namespace foster
