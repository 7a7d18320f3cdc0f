// SPDX-License-Identifier: MIT
#include "formats/foster_values.h"

#include <array>
#include <charconv>
#include <ctime>
#include <filesystem>
#include <optional>

#include "base/ascii.h"
#include "formats/report.h"
#include "sys/time_zone.h"

namespace foster {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The digits that `text` begins with, taken off it.
std::optional<std::uint64_t> TakeDigits(std::string_view* text) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  bool is_good = error == std::errc() && !text->empty() && IsDigit(text->front());
  if (!is_good) return std::nullopt;
  text->remove_prefix(static_cast<std::size_t>(end - text->data()));
  return value;
}

struct Unit {
  std::string_view name;
  std::int64_t size;
};

// "ms" stands before "m": the first that fits counts.
constexpr Unit kTimeUnits[] = {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr std::int64_t kHundredYears = 3'155'760'000'000;

const Unit* TakeUnit(std::string_view* text) {
  for (const Unit& unit : kTimeUnits) {
    if (text->substr(0, unit.name.size()) != unit.name) continue;
    text->remove_prefix(unit.name.size());
    return &unit;
  }
  return nullptr;
}

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  char lower = ToLower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// What follows a backslash; the characters read are taken off `rest`.
std::optional<char> TakeEscape(std::string_view* rest) {
  static constexpr std::string_view kLetters = "nrtbfvae0\\^";
  static constexpr std::string_view kBytes{"\n\r\t\b\f\v\a\x1b\0\\^", 11};
  if (rest->empty()) return std::nullopt;
  char letter = rest->front();
  rest->remove_prefix(1);
  if (letter == 'x') {
    if (rest->size() < 2 || HexValue((*rest)[0]) < 0 || HexValue((*rest)[1]) < 0) return std::nullopt;
    int value = HexValue((*rest)[0]) * 16 + HexValue((*rest)[1]);
    rest->remove_prefix(2);
    return static_cast<char>(value);
  }
  std::size_t at = kLetters.find(letter);
  if (at == std::string_view::npos) return std::nullopt;
  return kBytes[at];
}

// ^A to ^Z, ^[ and the like; ^? is delete.
std::optional<char> TakeCaret(std::string_view* rest) {
  if (rest->empty()) return std::nullopt;
  char letter = rest->front();
  if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  rest->remove_prefix(1);
  if (letter == '?') return '\x7f';
  if (letter < '@' || letter > '_') return std::nullopt;
  return static_cast<char>(letter - '@');
}

std::optional<int> TwoDigits(std::string_view text, std::size_t at, int most) {
  if (at + 2 > text.size() || !IsDigit(text[at]) || !IsDigit(text[at + 1])) return std::nullopt;
  int value = (text[at] - '0') * 10 + (text[at + 1] - '0');
  return value <= most ? std::optional<int>(value) : std::nullopt;
}

// Seconds that the zone is ahead of UTC: "Z", "+09:00".
std::optional<int> ZoneOffset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  auto hours = TwoDigits(text, 1, 23), minutes = TwoDigits(text, 4, 59);
  if (!hours || !minutes) return std::nullopt;
  int seconds = *hours * 3600 + *minutes * 60;
  return text[0] == '-' ? -seconds : seconds;
}

}  // namespace

Result<Millis> ParseDuration(std::string_view text) {
  if (text == "never") return kForever;
  if (text == "0") return Millis{0};
  auto bad = [&] { return Error("not a duration: " + Quote(text)); };
  std::string_view rest = text;
  std::int64_t total = 0, last_size = INT64_MAX;
  if (rest.empty()) return bad();
  while (!rest.empty()) {
    auto number = TakeDigits(&rest);
    if (!number) return bad();
    const Unit* unit = TakeUnit(&rest);
    if (!unit || unit->size >= last_size) return bad();
    if (*number > static_cast<std::uint64_t>(kHundredYears / unit->size))
      return Error("more than a hundred years: " + Quote(text));
    total += static_cast<std::int64_t>(*number) * unit->size;
    last_size = unit->size;
  }
  return Millis{total};
}

Result<std::uint64_t> ParseSize(std::string_view text) {
  static constexpr std::string_view kPrefixes = "kmgt";
  std::string_view rest = text;
  auto number = TakeDigits(&rest);
  std::string unit = ToLower(rest);
  if (!unit.empty() && unit.back() == 'b') unit.pop_back();
  if (unit.size() == 2 && unit.back() == 'i') unit.pop_back();
  std::size_t power = unit.size() == 1 ? kPrefixes.find(unit[0]) : std::string_view::npos;
  bool is_good = number && (unit.empty() || power != std::string_view::npos);
  if (!is_good) return Error("not a size: " + Quote(text));
  unsigned shift = unit.empty() ? 0 : static_cast<unsigned>(power + 1) * 10;
  if (*number > (static_cast<std::uint64_t>(INT64_MAX) >> shift)) return Error("too large: " + Quote(text));
  return *number << shift;
}

Result<std::int64_t> ParseNumber(std::string_view text, std::int64_t least, std::int64_t most) {
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool is_number = error != std::errc::invalid_argument && end == text.data() + text.size() && !text.empty();
  if (!is_number) return Error("not a whole number: " + Quote(text));
  if (error != std::errc() || value < least || value > most) return Error("out of range: " + Quote(text));
  return value;
}

Result<std::uint32_t> ParseHundredths(std::string_view text) {
  std::string_view rest = text;
  auto whole = TakeDigits(&rest);
  auto bad = [&] { return Error("not a number: " + Quote(text)); };
  if (!whole) return bad();
  std::uint64_t decimals = 0;
  if (!rest.empty()) {
    std::string_view digits = rest.substr(1);
    if (rest[0] != '.' || digits.empty() || digits.size() > 2) return bad();
    for (char c : digits)
      if (!IsDigit(c)) return bad();
    decimals = static_cast<std::uint64_t>(digits[0] - '0') * 10;
    if (digits.size() == 2) decimals += static_cast<std::uint64_t>(digits[1] - '0');
  }
  if (*whole > 100'000) return Error("out of range: " + Quote(text));
  return static_cast<std::uint32_t>(*whole * 100 + decimals);
}

Result<HostPort> ParseHostPort(std::string_view text, const std::string& otherwise) {
  HostPort out;
  std::size_t colon = text.rfind(':');
  std::string_view host = colon == std::string_view::npos ? std::string_view() : text.substr(0, colon);
  std::string_view port = colon == std::string_view::npos ? text : text.substr(colon + 1);
  bool has_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (has_brackets) host = host.substr(1, host.size() - 2);
  bool is_bare_v6 = !has_brackets && host.find(':') != std::string_view::npos;
  bool has_blank = host.find_first_of(" \t\n/[]") != std::string_view::npos;
  if (is_bare_v6 || has_blank) return Error("not an address: " + Quote(text));
  auto number = ParseNumber(port, 1, 65535);
  if (!number.ok()) return Error("not a port: " + Quote(port));
  out.port = static_cast<std::uint16_t>(*number);
  out.host = colon == std::string_view::npos ? otherwise : host == "*" ? "" : std::string(host);
  return out;
}

Result<void> ParseUrl(std::string_view text, Probe* probe) {
  bool is_plain = text.substr(0, 7) == "http://", is_tls = text.substr(0, 8) == "https://";
  if (!is_plain && !is_tls) return Error("not a URL: " + Quote(text));
  probe->tls = is_tls;
  std::string_view rest = text.substr(is_tls ? 8 : 7);
  std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, slash), path = rest.substr(slash);
  if (path.find_first_of(" \t\r\n#") != std::string_view::npos)
    return Error("not a path of a URL: " + Quote(path));
  bool has_port = authority.find(':', authority.rfind(']') + 1) != std::string_view::npos;
  std::string full(authority);
  if (!has_port) full += is_tls ? ":443" : ":80";
  auto address = ParseHostPort(full, "");
  if (!address.ok()) return address.error();
  if (address->host.empty()) return Error("no host in " + Quote(text));
  probe->host = address->host;
  probe->port = address->port;
  probe->path = path.empty() ? "/" : path[0] == '?' ? "/" + std::string(path) : std::string(path);
  return Ok();
}

Result<std::string> ParseKeys(std::string_view text) {
  std::string out;
  std::string_view rest = text;
  while (!rest.empty()) {
    char c = rest.front();
    rest.remove_prefix(1);
    if (c != '\\' && c != '^') {
      out.push_back(c);
      continue;
    }
    auto byte = c == '^' ? TakeCaret(&rest) : TakeEscape(&rest);
    if (!byte) return Error("not a key: " + Quote(text));
    out.push_back(*byte);
  }
  if (out.empty()) return Error("no keys");
  return out;
}

Result<WallNanos> ParseWallTime(std::string_view text) {
  auto bad = [&] { return Error("not a point in time: " + Quote(text)); };
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':')
    return bad();
  if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return bad();
  auto century = TwoDigits(text, 0, 99), year = TwoDigits(text, 2, 99), month = TwoDigits(text, 5, 12);
  auto day = TwoDigits(text, 8, 31), hour = TwoDigits(text, 11, 23), minute = TwoDigits(text, 14, 59);
  auto second = TwoDigits(text, 17, 59);
  auto zone = ZoneOffset(text.substr(19));
  if (!century || !year || !month || !day || !hour || !minute || !second || !zone) return bad();
  int full_year = *century * 100 + *year;
  if (full_year < 1970 || full_year > 2200 || *month == 0 || *day == 0) return bad();
  std::tm parts{};
  parts.tm_year = full_year - 1900;
  parts.tm_mon = *month - 1;
  parts.tm_mday = *day;
  parts.tm_hour = *hour;
  parts.tm_min = *minute;
  parts.tm_sec = *second;
  std::time_t seconds = ::timegm(&parts);
  if (parts.tm_mday != *day) return bad();  // the 31st of a shorter month
  return (static_cast<WallNanos>(seconds) - *zone) * 1'000'000'000;
}

std::string TimeZoneFault(const std::string& name) {
  std::error_code error;
  bool can_tell = std::filesystem::is_directory("/usr/share/zoneinfo/Etc", error);
  if (!can_tell || TimeZone::Open(name).ok()) return {};
  return "there is no time zone " + Quote(name);
}

}  // namespace foster
