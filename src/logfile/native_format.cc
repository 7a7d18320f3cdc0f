// SPDX-License-Identifier: MIT
#include "logfile/native_format.h"

#include <algorithm>

#include "base/ascii.h"
#include "logfile/time_stamp.h"

namespace foster {
namespace {

constexpr std::uint64_t kNano = 1'000'000'000;
constexpr std::string_view kSkipStart = "#skipped ";
constexpr std::size_t kBootSize = 32;

// Moves `*rest` behind the next space; nothing when there is none.
std::optional<std::string_view> TakeWord(std::string_view* rest) {
  const std::size_t space = rest->find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::string_view word = rest->substr(0, space);
  rest->remove_prefix(space + 1);
  return word;
}

bool TakeNumber(std::string_view* rest, std::uint64_t* value) {
  const std::optional<std::string_view> word = TakeWord(rest);
  const std::optional<std::uint64_t> number = word ? ReadNumber(*word) : std::nullopt;
  *value = number.value_or(0);
  return number.has_value();
}

// "12.000000345"
bool TakeMono(std::string_view* rest, std::int64_t* mono) {
  const std::optional<std::string_view> word = TakeWord(rest);
  if (!word || word->size() < 11 || (*word)[word->size() - 10] != '.') return false;
  const std::optional<std::uint64_t> seconds = ReadNumber(word->substr(0, word->size() - 10));
  // A '1' in front keeps the zeros that a number must not begin with.
  const std::optional<std::uint64_t> nanos = ReadNumber("1" + std::string(word->substr(word->size() - 9)));
  if (!seconds || !nanos || *seconds > INT64_MAX / kNano) return false;
  const std::uint64_t value = *seconds * kNano + (*nanos - kNano);
  *mono = static_cast<std::int64_t>(value);
  return value <= INT64_MAX;
}

bool TakeFlags(std::string_view* rest, FormatLineInput* line) {
  std::optional<std::string_view> word = TakeWord(rest);
  if (!word || word->empty() || (word->front() != 'o' && word->front() != 'e')) return false;
  line->stream = word->front() == 'e' ? 1 : 0;
  word->remove_prefix(1);
  line->is_continued = word->starts_with('+');
  if (line->is_continued) word->remove_prefix(1);
  line->is_cut = *word == "-";
  return line->is_cut || word->empty();
}

bool IsBoot(std::string_view text) {
  return text.size() == kBootSize && text.find_first_not_of(kHexDigits) == std::string_view::npos;
}

// "key=value " at the start of `*rest`.
std::optional<std::string_view> TakeValue(std::string_view key, std::string_view* rest) {
  if (!rest->starts_with(key)) return std::nullopt;
  rest->remove_prefix(key.size());
  return TakeWord(rest);
}

// What would end a line early ends it here.
std::string_view FirstLine(std::string_view text) { return text.substr(0, text.find('\n')); }

}  // namespace

std::string BootText(const std::uint8_t (&boot)[16]) {
  std::string text;
  for (const std::uint8_t byte : boot) {
    text += kHexDigits[byte >> 4];
    text += kHexDigits[byte & 15];
  }
  return text;
}

void AppendNativeHeader(const NativeHeader& header, std::string* out) {
  char began[kUtcStampSize];
  PutUtcStamp(began, header.began);
  out->append(kNativeHeaderStart).append("boot=").append(header.boot);
  out->append(" began=").append(began, kUtcStampSize);
  out->append(" service=").append(FirstLine(header.service)) += '\n';
}

void AppendNativeLine(const FormatLineInput& line, std::string* out) {
  char head[kUtcStampSize + 4 * kNumberSize + 20];
  char* to = PutUtcStamp(head, line.wall);
  *to++ = ' ';
  const std::uint64_t mono = static_cast<std::uint64_t>(std::max<std::int64_t>(line.mono, 0));
  to = PutNumber(to, mono / kNano);
  *to++ = '.';
  to = PutDigits(to, mono % kNano, 9);
  *to++ = ' ';
  to = PutNumber(to, line.seq);
  *to++ = ' ';
  to = PutNumber(to, line.incarnation);
  *to++ = ' ';
  *to++ = line.stream == 0 ? 'o' : 'e';
  if (line.is_continued) *to++ = '+';
  if (line.is_cut) *to++ = '-';
  *to++ = ' ';
  to = PutNumber(to, line.end);
  *to++ = ' ';
  out->append(head, static_cast<std::size_t>(to - head)).append(line.text) += '\n';
}

void AppendNativeSkip(const NativeSkip& skip, std::string* out) {
  char bytes[kNumberSize];
  const char* end = PutNumber(bytes, skip.bytes);
  out->append(kSkipStart).append(bytes, static_cast<std::size_t>(end - bytes)) += ' ';
  out->append(FirstLine(skip.reason)) += '\n';
}

std::optional<NativeHeader> ReadNativeHeader(std::string_view line) {
  if (!line.starts_with(kNativeHeaderStart)) return std::nullopt;
  line.remove_prefix(kNativeHeaderStart.size());
  const std::optional<std::string_view> boot = TakeValue("boot=", &line);
  const std::optional<std::string_view> began = boot ? TakeValue("began=", &line) : std::nullopt;
  const std::optional<std::int64_t> moment = began ? ReadUtcStamp(*began) : std::nullopt;
  constexpr std::string_view kService = "service=";
  if (!moment || !IsBoot(*boot) || !line.starts_with(kService)) return std::nullopt;
  return NativeHeader{std::string(*boot), *moment, std::string(line.substr(kService.size()))};
}

std::optional<FormatLineInput> ReadNativeLine(std::string_view line) {
  FormatLineInput read;
  const std::optional<std::string_view> stamp = TakeWord(&line);
  const std::optional<std::int64_t> wall = stamp ? ReadUtcStamp(*stamp) : std::nullopt;
  if (!wall || !TakeMono(&line, &read.mono) || !TakeNumber(&line, &read.seq) ||
      !TakeNumber(&line, &read.incarnation) || !TakeFlags(&line, &read) || !TakeNumber(&line, &read.end))
    return std::nullopt;
  read.wall = *wall;
  read.text = line;
  return read;
}

std::optional<NativeSkip> ReadNativeSkip(std::string_view line) {
  NativeSkip skip;
  if (!line.starts_with(kSkipStart)) return std::nullopt;
  line.remove_prefix(kSkipStart.size());
  if (!TakeNumber(&line, &skip.bytes)) return std::nullopt;
  skip.reason = line;
  return skip;
}

}  // namespace foster
