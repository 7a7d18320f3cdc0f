// SPDX-License-Identifier: MIT
#include "formats/directory_files.h"

#include <algorithm>
#include <filesystem>

#include "formats/scalar_values.h"

namespace foster {
namespace fs = std::filesystem;

void DirectoryFiles::Error(const Origin& origin, const std::string& text, const std::string& hint) {
  report_.Error(origin, text, hint);
  if (!fault_.empty()) return;
  fault_ =
      origin.file + ":" + std::to_string(origin.line) + ":" + std::to_string(origin.column) + ": " + text;
}

void DirectoryFiles::Take(const Diagnostic& diagnostic) {
  switch (diagnostic.severity) {
    case Severity::kError:
      return Error(diagnostic.origin, diagnostic.text, diagnostic.hint);
    case Severity::kWarning:
      return report_.Warning(diagnostic.origin, diagnostic.text, diagnostic.hint);
    case Severity::kNote:
      return report_.Note(diagnostic.origin, diagnostic.text, diagnostic.hint);
  }
}

void DirectoryFiles::Error(const std::string& file, const std::string& text, const std::string& hint) {
  Error(Origin{file.empty() ? directory_ : Path(file), 0, 0}, text, hint);
}

bool DirectoryFiles::Has(const std::string& name) const {
  std::error_code error;
  return fs::exists(fs::symlink_status(Path(name), error));
}

bool DirectoryFiles::IsExecutable(const std::string& name) const {
  std::error_code error;
  constexpr auto kAny = fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
  return (fs::status(Path(name), error).permissions() & kAny) != fs::perms::none && !error;
}

const TextSource* DirectoryFiles::Read(const std::string& name) {
  for (const Loaded& loaded : loaded_)
    if (loaded.name == name) return loaded.is_good ? loaded.source.get() : nullptr;
  if (!Has(name)) return nullptr;
  loaded_.push_back({name, {}, nullptr, false});
  Loaded& loaded = loaded_.back();
  auto text = ReadConfigFile(Path(name));
  if (!text.ok()) {
    Error(name, text.error().message());
    return nullptr;
  }
  loaded.text = std::move(*text);
  loaded.source = std::make_unique<TextSource>(Path(name), loaded.text);
  // Faults go through Error() so that the service knows its first one.
  std::vector<Diagnostic> found;
  Report check(&found);
  check.AddSource(loaded.source.get());
  loaded.is_good = CheckText(*loaded.source, check);
  report_.AddSource(loaded.source.get());
  for (const Diagnostic& diagnostic : found) Error(diagnostic.origin, diagnostic.text, diagnostic.hint);
  return loaded.is_good ? loaded.source.get() : nullptr;
}

std::optional<std::string> DirectoryFiles::FirstLine(const std::string& name) {
  const TextSource* source = Read(name);
  if (!source) return std::nullopt;
  std::size_t end = source->text().find('\n');
  if (end != std::string_view::npos && end > 0 && source->text()[end - 1] == '\r')
    report_.Warning(source->At(end - 1), "the line ends with CR LF; s6-rc does not take that",
                    "save it with LF");
  return std::string(Strip(source->Line(1)));
}

std::optional<std::int64_t> DirectoryFiles::Number(const std::string& name, std::int64_t least) {
  auto line = FirstLine(name);
  if (!line) return std::nullopt;
  bool only_digits = !line->empty() && line->find_first_not_of("0123456789") == std::string::npos;
  auto number = ParseInteger(*line);
  if (only_digits && number.ok() && *number >= least) return *number;
  Error(Origin{Path(name), 1, 1}, "invalid " + name + ": " + Quote(*line),
        "a whole number from " + std::to_string(least) + " is needed");
  return std::nullopt;
}

std::vector<std::string> DirectoryFiles::Names(const std::string& name) {
  std::vector<std::string> names;
  if (!Has(name)) return names;
  std::error_code error;
  fs::directory_iterator iterator(Path(name), error);
  for (; !error && iterator != fs::directory_iterator(); iterator.increment(error)) {
    std::string entry = iterator->path().filename().string();
    if (entry[0] != '.') names.push_back(std::move(entry));
    if (names.size() > 10'000) break;
  }
  if (error) Error(name, "cannot read " + Path(name) + ": " + error.message());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace foster
