// SPDX-License-Identifier: MIT
#include "formats/key_table.h"

#include "formats/suggest.h"

namespace foster {

const KeyRow* FindKey(const KeyTable& table, std::string_view name) {
  for (const KeyRow& row : table)
    if (row.name == name) return &row;
  return nullptr;
}

std::vector<std::string_view> NamesOf(const KeyTable& table) {
  std::vector<std::string_view> names;
  for (const KeyRow& row : table) names.push_back(row.name);
  return names;
}

void CheckKey(const KeyTable& table, std::string_view key, const std::string& where, const Origin& origin,
              Report& report) {
  if (report.is_full()) return;  // a suggestion for each of a million keys would cost seconds
  const KeyRow* row = FindKey(table, key);
  if (!row) {
    report.Warning(origin, "unknown key " + Quote(key) + " in " + where, DidYouMean(key, NamesOf(table)));
  } else if (row->state == KeyState::kNotYet) {
    report.Warning(origin, "foster does not do " + Quote(key) + " yet (in " + where + ")");
  }
}

}  // namespace foster
