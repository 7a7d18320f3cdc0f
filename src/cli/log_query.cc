// SPDX-License-Identifier: MIT
#include "cli/log_query.h"

#include <charconv>

#include "base/ascii.h"

namespace foster::cli {
namespace {

constexpr std::int64_t kMostLines = 10'000'000;
constexpr std::int64_t kMostBudget = 1ll << 30;
constexpr std::size_t kUsualContext = 5;

bool HasAny(const Arguments& arguments, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names)
    if (arguments.Has(name)) return true;
  return false;
}

Result<void> ReadLines(const Arguments& arguments, LogQuery* query) {
  // Whoever says which lines they want is not given the last hundred of them.
  if (HasAny(arguments,
             {"--since", "--until", "--after", "--grep", "--around", "--level", "--incarnation", "--boot"}))
    query->lines = LogQuery::kAll;
  if (arguments.Text("--lines") == "all") {
    query->lines = LogQuery::kAll;
  } else if (arguments.Has("--lines")) {
    auto lines = arguments.Number("--lines", 0, kMostLines);
    if (!lines) return Error(lines.error().message() + ", or all");
    query->lines = static_cast<std::size_t>(*lines);
  }
  return Ok();
}

Result<void> ReadTimes(const Arguments& arguments, WallNanos now, const TimeZone& zone, LogChoice* choice) {
  for (auto [name, to] : {std::pair("--since", &choice->since), std::pair("--until", &choice->until)}) {
    if (!arguments.Has(name)) continue;
    auto moment = ParseMoment(arguments.Text(name), now, zone);
    if (!moment) return moment.error().WithContext(name);
    *to = *moment;
  }
  if (choice->since > choice->until) return Error("--since is later than --until");
  return Ok();
}

void ReadStreams(const Arguments& arguments, LogChoice* choice) {
  const std::string stream = arguments.Text("--stream");
  const bool out = arguments.Has("--stdout") || stream == "stdout";
  const bool err = arguments.Has("--stderr") || stream == "stderr";
  if (out == err) return;  // both, or neither: all
  choice->takes[0] = out;
  choice->takes[1] = err;
}

Result<void> ReadLevel(const Arguments& arguments, LogChoice* choice) {
  if (!arguments.Has("--level")) return Ok();
  std::string name = arguments.Text("--level");
  if (name.ends_with('+')) name.pop_back();
  choice->least = LogLevelFromName(name);
  if (choice->least) return Ok();
  return Error("--level '" + name + "' is none of trace, debug, info, warn, error, fatal");
}

Result<void> ReadPattern(const Arguments& arguments, LogQuery* query) {
  const bool is_around = arguments.Has("--around");
  if (is_around && arguments.Has("--grep"))
    return Error("--around and --grep are two ways to search: give one");
  if (!is_around && !arguments.Has("--grep")) {
    if (HasAny(arguments, {"--context", "--before-context", "--after-context", "--invert"}))
      return Error("-A, -B, -C and --invert need --grep or --around");
    return Ok();
  }
  const std::string text = arguments.Text(is_around ? "--around" : "--grep");
  auto pattern = LogPattern::Make(text, arguments.Has("--ignore-case"));
  if (!pattern) return pattern.error();
  query->pattern = std::move(*pattern);
  query->choice.searches = true;
  query->choice.invert = arguments.Has("--invert");
  std::size_t both = is_around ? kUsualContext : 0;
  FOSTER_ASSIGN(auto context, arguments.Number("--context", static_cast<std::int64_t>(both), kMostContext));
  FOSTER_ASSIGN(auto before, arguments.Number("--before-context", context, kMostContext));
  FOSTER_ASSIGN(auto after, arguments.Number("--after-context", context, kMostContext));
  query->choice.before = static_cast<std::size_t>(before);
  query->choice.after = static_cast<std::size_t>(after);
  return Ok();
}

Result<void> ReadStyle(const Arguments& arguments, const Console& console, LogQuery* query) {
  LogStyle& style = query->style;
  const std::string output = arguments.Text("--output");
  if (output == "json" || (output.empty() && arguments.Has("--json"))) style.output = LogOutput::kJson;
  if (output == "raw") style.output = LogOutput::kRaw;
  if (output == "cat") style.output = LogOutput::kCat;
  const std::string format = arguments.Text("--time-format");
  if (arguments.Has("--time") || !format.empty()) style.time = TimeFormat::kIso;
  if (format == "local") style.time = TimeFormat::kLocal;
  if (format == "relative") style.time = TimeFormat::kRelative;
  if (format == "mono") style.time = TimeFormat::kMono;
  style.pretty = arguments.Has("--pretty");
  style.colour = console.out_colour() && style.output != LogOutput::kRaw;
  query->choice.highlight = style.colour;
  const std::string fold = arguments.Text("--fold");
  if (fold == "exact") query->fold = FoldHow::kExact;
  if (fold == "loose") query->fold = FoldHow::kLoose;
  return Ok();
}

Result<void> ReadPlace(const Arguments& arguments, LogQuery* query) {
  query->directory = arguments.Text("--directory");
  query->boot = arguments.Text("--boot");
  if (arguments.Has("--boot") && query->boot.empty()) return Error("--boot needs 0, -1 ... or an id");
  if (arguments.Has("--incarnation")) {
    const std::string text = arguments.Text("--incarnation");
    std::int64_t life = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), life);
    if (error != std::errc() || end != text.data() + text.size())
      return Error("--incarnation '" + text + "' is not a number (0: the last one, -1: the one before it)");
    query->life = life;
  }
  if (arguments.Has("--after")) {
    auto cursors = SplitCursors(arguments.Text("--after"));
    if (!cursors) return cursors.error();
    query->after = std::move(*cursors);
  }
  query->show_cursor = arguments.Has("--show-cursor");
  return Ok();
}

Result<void> CheckTogether(const LogQuery& query) {
  if (!query.follow) return Ok();
  if (!query.directory.empty())
    return Error("--follow needs a foster: nothing comes any more in a --directory");
  if (query.max_bytes) return Error("--follow has no end that --max-bytes could count from");
  if (query.choice.until != INT64_MAX) return Error("--follow and --until contradict each other");
  if (!query.boot.empty() && query.boot != "0") return Error("--follow and --boot contradict each other");
  return Ok();
}

}  // namespace

std::string JoinCursors(const LogCursors& cursors) {
  std::string text;
  for (const auto& [name, cursor] : cursors) text += (text.empty() ? "" : ",") + name + "=" + cursor;
  return text;
}

Result<LogCursors> SplitCursors(std::string_view text) {
  LogCursors cursors;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), item.size() + 1));
    const std::size_t equals = item.rfind('=');
    const bool is_named = equals != std::string_view::npos;
    const std::string_view cursor = is_named ? item.substr(equals + 1) : item;
    if (cursor.empty() || cursor.find_first_not_of("0123456789abcdef.") != std::string_view::npos)
      return Error("--after '" + std::string(text.substr(0, 200)) +
                   "' is no cursor: --show-cursor prints them");
    cursors[std::string(is_named ? item.substr(0, equals) : "")] = cursor;
  }
  if (cursors.empty() || (cursors.contains("") && cursors.size() > 1))
    return Error("--after needs one cursor, or NAME=CURSOR,...");
  return cursors;
}

Result<LogQuery> ReadLogQuery(const Arguments& arguments, const Console& console, WallNanos now,
                              const TimeZone& zone) {
  LogQuery query;
  query.names = arguments.words;
  query.follow = arguments.Has("--follow");
  FOSTER_TRY(ReadLines(arguments, &query));
  FOSTER_TRY(ReadTimes(arguments, now, zone, &query.choice));
  ReadStreams(arguments, &query.choice);
  FOSTER_TRY(ReadLevel(arguments, &query.choice));
  FOSTER_TRY(ReadPattern(arguments, &query));
  FOSTER_TRY(ReadStyle(arguments, console, &query));
  FOSTER_TRY(ReadPlace(arguments, &query));
  if (arguments.Has("--max-bytes")) {
    FOSTER_ASSIGN(auto most, arguments.Number("--max-bytes", 0, kMostBudget));
    query.max_bytes = static_cast<std::uint64_t>(most);
  }
  FOSTER_TRY(CheckTogether(query));
  return query;
}

}  // namespace foster::cli
