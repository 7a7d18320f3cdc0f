// SPDX-License-Identifier: MIT
// inih splits sections, keys and values. As Debian builds it, it cuts lines at 199 characters and names at
// 49, takes " ;" for a comment and gives no line numbers, so it never sees the file: CutIniLines() applies
// configparser's rules and Feeder hands inih short lines, a value in pieces between two marks, which
// Collector joins again.
#include "formats/ini_reader.h"

#include <ini.h>

#include <algorithm>

#include "base/ascii.h"
#include "formats/ini_lines.h"
#include "formats/scalar_values.h"

namespace foster {

Origin IniEntry::At(std::size_t offset) const {
  const IniPiece* best = nullptr;
  for (const IniPiece& piece : pieces)
    if (piece.offset <= offset) best = &piece;
  if (!best) return origin;
  return Origin{origin.file, best->line, static_cast<std::uint32_t>(best->column + (offset - best->offset))};
}

const IniEntry* IniSection::Find(const std::string& key) const {
  auto found = index_.find(key);
  return found == index_.end() ? nullptr : &entries_[found->second];
}

void IniSection::Put(IniEntry entry) {
  auto [place, is_new] = index_.emplace(entry.key, entries_.size());
  if (is_new) {
    entries_.push_back(std::move(entry));
  } else {
    entries_[place->second] = std::move(entry);
  }
}

const IniSection* IniDocument::Find(const std::string& name) const {
  auto found = index_.find(name);
  return found == index_.end() ? nullptr : &sections_[found->second];
}

IniSection& IniDocument::Open(const std::string& name, const Origin& origin) {
  auto [place, is_new] = index_.emplace(name, sections_.size());
  if (is_new) {
    sections_.emplace_back();
    sections_.back().name = name;
    sections_.back().origin = origin;
  }
  return sections_[place->second];
}

namespace {

// Marks around a piece, and the escape for bytes that inih or these marks would take for something else.
constexpr char kFirst = '\x01', kNext = '\x02', kEnd = '\x03', kEscape = '\x04';
constexpr std::size_t kPieceBytes = 120;

// Hands the cut lines to inih. Names go as their index in the table: those inih would cut or misread stay
// whole.
class Feeder {
 public:
  explicit Feeder(const std::vector<IniLine>& lines) : lines_(lines) {}

  static char* Read(char* buffer, int size, void* self) {
    std::string line;
    if (!static_cast<Feeder*>(self)->Next(&line)) return nullptr;
    if (line.size() + 1 > static_cast<std::size_t>(size)) return nullptr;  // cannot be: pieces are short
    std::copy(line.begin(), line.end(), buffer);
    buffer[line.size()] = '\0';
    return buffer;
  }

 private:
  bool Next(std::string* out) {
    if (at_ >= lines_.size()) return false;
    const IniLine& line = lines_[at_];
    if (line.is_section) {
      *out = "[" + std::to_string(at_++) + "]\n";
      return true;
    }
    *out = std::to_string(at_) + "=" + (offset_ == 0 ? kFirst : kNext);
    const std::string& value = line.entry.value;
    std::size_t most = out->size() + kPieceBytes;
    for (; offset_ < value.size() && out->size() < most; ++offset_) Escape(value[offset_], out);
    *out += kEnd;
    *out += '\n';
    if (offset_ >= value.size()) {
      ++at_;
      offset_ = 0;
    }
    return true;
  }

  static void Escape(char c, std::string* out) {
    auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && c != ';' && c != '#') {
      *out += c;
    } else {
      *out += kEscape;
      *out += static_cast<char>(byte + 0x40);
    }
  }

  const std::vector<IniLine>& lines_;
  std::size_t at_ = 0;
  std::size_t offset_ = 0;
};

class Collector {
 public:
  Collector(std::vector<IniLine>* lines, IniDocument* document) : lines_(lines), document_(document) {}

  static int Handle(void* self, const char* section, const char* name, const char* value) {
    static_cast<Collector*>(self)->Take(section, name, value);
    return 1;
  }

  void Finish() {
    if (!key_) return;
    IniEntry entry = std::move(key_->entry);
    entry.key = ToLower(key_->name);
    entry.value = std::move(value_);
    document_->Open(section_->name, section_->entry.origin).Put(std::move(entry));
    key_ = nullptr;
    value_.clear();
  }

 private:
  void Take(const char* section, const char* name, std::string_view value) {
    if (value.empty() || value.back() != kEnd) return;  // not ours; cannot be
    if (value[0] == kFirst) {
      Finish();
      section_ = &(*lines_)[std::stoul(section)];
      key_ = &(*lines_)[std::stoul(name)];
    }
    value.remove_prefix(1);
    value.remove_suffix(1);
    for (std::size_t i = 0; i < value.size(); ++i) {
      bool is_escaped = value[i] == kEscape && i + 1 < value.size();
      value_ += is_escaped ? static_cast<char>(static_cast<unsigned char>(value[++i]) - 0x40) : value[i];
    }
  }

  std::vector<IniLine>* lines_;
  IniDocument* document_;
  IniLine* section_ = nullptr;
  IniLine* key_ = nullptr;
  std::string value_;
};

}  // namespace

void ReadIni(const TextSource& source, Report& report, IniDocument& document) {
  std::vector<IniLine> lines = CutIniLines(source, report);
  // A section without keys exists too; inih would not tell of it.
  for (const IniLine& line : lines)
    if (line.is_section) document.Open(line.name, line.entry.origin);
  Feeder feeder(lines);
  Collector collector(&lines, &document);
  // The feeder's own lines are always well-formed, so there is no error to look for.
  (void)::ini_parse_stream(&Feeder::Read, &feeder, &Collector::Handle, &collector);
  collector.Finish();
}

}  // namespace foster
