// SPDX-License-Identifier: MIT
#include "cli/log_pretty.h"

#include <array>

#include "base/ascii.h"
#include "cli/console.h"
#include "cli/text_width.h"
#include "model/log_level.h"
#include "sys/clock.h"
#include "wire/json.h"

namespace foster::cli {
namespace {

constexpr std::array<std::string_view, 6> kTimeKeys = {"time",       "ts", "timestamp",
                                                       "@timestamp", "t",  "datetime"};
constexpr std::array<std::string_view, 5> kLevelKeys = {"level", "lvl", "severity", "levelname", "log.level"};
constexpr std::array<std::string_view, 4> kMessageKeys = {"msg", "message", "event", "@message"};

// The first of `keys` that the object has with a value of a simple kind; -1: none.
template <std::size_t N>
int FindKey(const Json::Object& object, const std::array<std::string_view, N>& keys) {
  for (std::string_view key : keys)
    for (std::size_t i = 0; i < object.size(); ++i)
      if (object[i].first == key && !object[i].second.is_object() && !object[i].second.is_array())
        return static_cast<int>(i);
  return -1;
}

Colour ColourOf(LogLevel level) {
  switch (level) {
    case LogLevel::kTrace:
    case LogLevel::kDebug:
      return Colour::kGrey;
    case LogLevel::kInfo:
      return Colour::kGreen;
    case LogLevel::kWarn:
      return Colour::kYellow;
    case LogLevel::kError:
    case LogLevel::kFatal:
      return Colour::kRed;
  }
  return Colour::kNone;
}

std::string LevelText(const Json& value, std::string_view line, bool colour) {
  std::string name = value.is_string() ? value.AsString() : value.Dump();
  auto level = value.is_string() ? LogLevelFromName(name) : LevelOf(line);
  if (level) name = NameOf(*level);  // so that "warning" and 40 stand under each other
  std::string text = ToUpper(Harmless(name));
  if (text.size() < 5) text.append(5 - text.size(), ' ');
  return Console::Paint(colour, level ? ColourOf(*level) : Colour::kNone, text);
}

// Numbers are seconds, or milli-, micro- or nanoseconds, by their size.
std::string TimeText(const Json& value) {
  if (value.is_string()) return Harmless(value.AsString());
  double number = value.AsDouble();
  if (number < 1e8) return value.Dump();
  while (number < 1e17) number *= 1000;
  return number < 9e18 ? ToRfc3339(static_cast<WallNanos>(number)) : value.Dump();
}

bool IsPlainWord(std::string_view text) {
  if (text.empty()) return false;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == 0x7f || c == '"' || c == '=' || c == '\\') return false;
  }
  return true;
}

std::string ValueText(const Json& value) {
  return value.is_string() && IsPlainWord(value.AsString()) ? value.AsString() : value.Dump();
}

// "stack:\n    line\n    line"
std::string Below(std::string_view key, const std::string& value, bool colour) {
  std::string out = "\n    " + Console::Paint(colour, Colour::kGrey, std::string(key) + ":");
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t end = std::min(value.find('\n', at), value.size());
    out += "\n      " + Harmless(std::string_view(value).substr(at, end - at));
    at = end + 1;
  }
  return out;
}

void Add(std::string* line, const std::string& part) {
  if (part.empty()) return;
  if (!line->empty()) *line += " ";
  *line += part;
}

}  // namespace

std::optional<std::string> PrettyObject(std::string_view text, bool colour) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos || text[first] != '{') return std::nullopt;
  auto json = ParseJson(text);
  if (!json || !json->is_object()) return std::nullopt;
  const Json::Object& object = json->AsObject();
  const int level = FindKey(object, kLevelKeys);
  const int time = FindKey(object, kTimeKeys);
  const int message = FindKey(object, kMessageKeys);
  std::string line;
  std::string below;
  auto at = [&](int index) -> const Json& { return object[static_cast<std::size_t>(index)].second; };
  if (level >= 0) Add(&line, LevelText(at(level), text, colour));
  if (time >= 0) Add(&line, Console::Paint(colour, Colour::kGrey, TimeText(at(time))));
  if (message >= 0) {
    const std::string said = at(message).is_string() ? at(message).AsString() : at(message).Dump();
    const bool is_long = said.find('\n') != std::string::npos;
    Add(&line, Console::Paint(colour, Colour::kBold, Harmless(said.substr(0, said.find('\n')))));
    if (is_long) below += Below(object[static_cast<std::size_t>(message)].first, said, colour);
  }
  for (std::size_t i = 0; i < object.size(); ++i) {
    const auto index = static_cast<int>(i);
    if (index == level || index == time || index == message) continue;
    const auto& [key, value] = object[i];
    if (value.is_string() && value.AsString().find('\n') != std::string::npos) {
      below += Below(Harmless(key), value.AsString(), colour);
    } else {
      Add(&line, Console::Paint(colour, Colour::kCyan, Harmless(key) + "=") + Harmless(ValueText(value)));
    }
  }
  if (line.empty() && below.empty()) line = "{}";
  return line + below;
}

}  // namespace foster::cli
