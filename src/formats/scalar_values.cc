// SPDX-License-Identifier: MIT
#include "formats/scalar_values.h"

#include <charconv>

#include "base/ascii.h"
#include "base/signal_names.h"
#include "formats/report.h"

namespace foster {

std::string_view Strip(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

Result<bool> ParseBool(std::string_view text) {
  std::string lower = ToLower(text);
  for (const char* word : {"yes", "true", "on", "1"})
    if (lower == word) return true;
  for (const char* word : {"no", "false", "off", "0"})
    if (lower == word) return false;
  return Error("not a valid boolean value: " + Quote(text));
}

Result<std::int64_t> ParseInteger(std::string_view text) {
  auto bad = [&] { return Error("invalid literal for int() with base 10: " + Quote(text)); };
  std::string_view rest = Strip(text);
  bool negative = !rest.empty() && rest[0] == '-';
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
  std::string digits;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    bool joins = rest[i] == '_' && i > 0 && i + 1 < rest.size() && rest[i - 1] != '_';
    if (joins) continue;
    if (rest[i] < '0' || rest[i] > '9') return bad();
    digits += rest[i];
  }
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return bad();
  return negative ? -value : value;
}

Result<std::int64_t> ParseByteSize(std::string_view text) {
  std::string lower = ToLower(Strip(text));
  std::int64_t factor = 1;
  static constexpr std::pair<const char*, std::int64_t> kUnits[] = {
      {"kb", 1024}, {"mb", 1024 * 1024}, {"gb", 1024 * 1024 * 1024}};
  for (auto [unit, size] : kUnits) {
    if (lower.size() < 2 || lower.compare(lower.size() - 2, 2, unit) != 0) continue;
    factor = size;
    lower.resize(lower.size() - 2);
    break;
  }
  FOSTER_ASSIGN(std::int64_t number, ParseInteger(lower));
  if (number > INT64_MAX / factor || number < INT64_MIN / factor) return Error("too large: " + Quote(text));
  return number * factor;
}

Result<std::uint32_t> ParseOctal(std::string_view text) {
  std::string_view digits = Strip(text);
  if (digits.substr(0, 2) == "0o" || digits.substr(0, 2) == "0O") digits.remove_prefix(2);
  std::uint32_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 8);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size())
    return Error(std::string(text) + " can not be converted to an octal type");
  return value;
}

Result<int> ParseSignal(std::string_view text) {
  std::string_view word = Strip(text);
  if (auto signal = SignalNumber(word)) return *signal;
  int number = 0;
  auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  bool is_number = error == std::errc() && end == word.data() + word.size();
  return Error("value " + Quote(text) +
               (is_number ? " is not a valid signal number" : " is not a valid signal name"));
}

Result<std::vector<int>> ParseExitCodes(std::string_view text) {
  std::vector<int> codes;
  std::string_view rest = Strip(text);
  if (rest.empty()) return codes;
  while (true) {
    std::size_t comma = rest.find(',');
    auto number = ParseInteger(rest.substr(0, comma));
    if (!number.ok() || *number < 0 || *number > 255)
      return Error("not a valid list of exit codes: " + Quote(text));
    codes.push_back(static_cast<int>(*number));
    if (comma == std::string_view::npos) return codes;
    rest.remove_prefix(comma + 1);
  }
}

Result<std::string> ParseName(std::string_view text) {
  std::string_view name = Strip(text);
  for (char c : name)
    if (c == ' ' || c == ':' || c == '/')
      return Error("Invalid name: " + Quote(name) + " because of character: '" + std::string(1, c) + "'");
  return std::string(name);
}

Millis SecondsToMillis(std::int64_t seconds) {
  constexpr std::int64_t kHundredYears = 3'155'760'000;
  if (seconds <= 0) return Millis{0};
  return seconds > kHundredYears ? kForever : Millis{seconds * 1000};
}

}  // namespace foster
