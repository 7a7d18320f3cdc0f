// SPDX-License-Identifier: MIT
#include "cli/log_pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <chrono>
#include <string>

namespace foster::cli {
namespace {

using Clock = std::chrono::steady_clock;

// PCRE2 counts its steps for each place where a match could begin. So a long line is searched in strides of
// such places, and the clock is looked at in between.
constexpr std::uint32_t kMatchLimit = 200'000;
constexpr std::uint32_t kHeapLimitKiB = 16 * 1024;
constexpr std::size_t kStride = 512;
constexpr Millis kLinePatience{100};
constexpr std::size_t kJitStackMost = 512 * 1024;

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* thing) const {
    Free(thing);
  }
};

std::string Message(int code) {
  PCRE2_UCHAR8 text[256];
  const int length = pcre2_get_error_message_8(code, text, sizeof text);
  return length < 0 ? "error " + std::to_string(code) : std::string(reinterpret_cast<char*>(text));
}

// Offsets are bytes; people count characters.
std::size_t CharactersBefore(std::string_view text, std::size_t offset) {
  std::size_t count = 0;
  for (char c : text.substr(0, offset))
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++count;
  return count;
}

std::size_t OnCharacter(std::string_view line, std::size_t at) {
  for (int i = 0; i < 3 && at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0) == 0x80; ++i)
    ++at;
  return at;
}

}  // namespace

struct LogPattern::Impl {
  std::unique_ptr<pcre2_code_8, Freer<pcre2_code_free_8>> code;
  std::unique_ptr<pcre2_match_data_8, Freer<pcre2_match_data_free_8>> data;
  std::unique_ptr<pcre2_match_context_8, Freer<pcre2_match_context_free_8>> context;
  std::unique_ptr<pcre2_jit_stack_8, Freer<pcre2_jit_stack_free_8>> stack;
  std::uint64_t given_up = 0;
  Clock::duration wasted{};

  bool is_exhausted() const { return wasted > kMostPatience; }

  void GiveUp(Clock::time_point began) {
    ++given_up;
    wasted += Clock::now() - began;
  }

  std::optional<Span> Find(std::string_view line, std::size_t from) {
    if (is_exhausted()) return std::nullopt;
    const Clock::time_point began = Clock::now();
    for (std::size_t at = from; at <= line.size();) {
      const std::size_t last = at + kStride;
      pcre2_set_offset_limit_8(context.get(), last);
      const int count = pcre2_match_8(code.get(), reinterpret_cast<PCRE2_SPTR8>(line.data()), line.size(), at,
                                      0, data.get(), context.get());
      if (count > 0) {
        const PCRE2_SIZE* found = pcre2_get_ovector_pointer_8(data.get());
        return Span{found[0], std::max(found[0], found[1])};  // \K can set the beginning behind the end
      }
      if (count != PCRE2_ERROR_NOMATCH || Clock::now() - began > kLinePatience) {
        GiveUp(began);
        return std::nullopt;
      }
      at = OnCharacter(line, last + 1);
    }
    return std::nullopt;
  }
};

LogPattern::LogPattern(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogPattern::LogPattern(LogPattern&&) noexcept = default;
LogPattern& LogPattern::operator=(LogPattern&&) noexcept = default;
LogPattern::~LogPattern() = default;

Result<LogPattern> LogPattern::Make(std::string_view pattern, bool ignore_case) {
  if (pattern.size() > kLongest)
    return Error("the pattern is longer than " + std::to_string(kLongest) + " bytes");
  std::uint32_t options =
      PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_USE_OFFSET_LIMIT | PCRE2_NEVER_BACKSLASH_C;
  if (ignore_case) options |= PCRE2_CASELESS;
  int error = 0;
  PCRE2_SIZE offset = 0;
  auto impl = std::make_unique<Impl>();
  impl->code.reset(pcre2_compile_8(reinterpret_cast<PCRE2_SPTR8>(pattern.data()), pattern.size(), options,
                                   &error, &offset, nullptr));
  if (!impl->code)
    return Error("pattern '" + std::string(pattern) + "': " + Message(error) + " at character " +
                 std::to_string(CharactersBefore(pattern, offset) + 1));
  // Where memory may not be made executable there is no JIT; the interpreter does the same, slower.
  (void)pcre2_jit_compile_8(impl->code.get(), PCRE2_JIT_COMPLETE);
  impl->data.reset(pcre2_match_data_create_from_pattern_8(impl->code.get(), nullptr));
  impl->context.reset(pcre2_match_context_create_8(nullptr));
  if (!impl->data || !impl->context) return Error("no memory for the pattern");
  pcre2_set_match_limit_8(impl->context.get(), kMatchLimit);
  pcre2_set_heap_limit_8(impl->context.get(), kHeapLimitKiB);
  impl->stack.reset(pcre2_jit_stack_create_8(32 * 1024, kJitStackMost, nullptr));
  if (impl->stack) pcre2_jit_stack_assign_8(impl->context.get(), nullptr, impl->stack.get());
  return LogPattern(std::move(impl));
}

bool LogPattern::Matches(std::string_view line) { return impl_->Find(line, 0).has_value(); }

std::vector<LogPattern::Span> LogPattern::All(std::string_view line) {
  std::vector<Span> spans;
  std::size_t empties = 0;
  for (std::size_t at = 0; at <= line.size() && spans.size() < kMostSpans && empties < kMostSpans;) {
    auto span = impl_->Find(line, at);
    if (!span) break;
    const bool is_empty = span->begin == span->end;
    if (is_empty) {
      ++empties;
    } else {
      spans.push_back(*span);
    }
    const std::size_t next = std::max(span->end, at);  // a lookbehind with \K may end before `at`
    at = is_empty || next == at ? OnCharacter(line, next + 1) : next;
  }
  return spans;
}

std::uint64_t LogPattern::given_up() const { return impl_->given_up; }
bool LogPattern::exhausted() const { return impl_->is_exhausted(); }

}  // namespace foster::cli
