// SPDX-License-Identifier: MIT
#include "logfile/log_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/unique_fd.h"
#include "logfile/compress.h"
#include "logfile/line_parser.h"

namespace foster {
namespace {

constexpr std::size_t kBlock = 256 * 1024;
constexpr std::size_t kMostProblems = 100;
constexpr std::size_t kFirstWindow = 64 * 1024;
constexpr std::size_t kWidestWindow = 8 * 1024 * 1024;
constexpr std::size_t kStampRoom = 4096;          // what a format puts in front of a line
constexpr std::size_t kObjectMost = 1024 * 1024;  // a line within a JSON object, escaped
constexpr std::size_t kNear = 256 * 1024;         // nearer than this FindSince does not look

bool IsObjects(LogFormat format) {
  return format == LogFormat::kJson || format == LogFormat::kProcessComposeJson;
}

// One file, line by line.
class LineFile {
 public:
  static Result<LineFile> Open(const std::string& path, std::uint64_t offset) {
    LineFile file;
    file.fd_.Reset(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    struct stat about {};
    if (!file.fd_ || fstat(file.fd_.get(), &about) != 0) return Error::FromErrno(path);
    if (!S_ISREG(about.st_mode)) return Error(path + ": no regular file", EINVAL);
    UniqueFd again(fcntl(file.fd_.get(), F_DUPFD_CLOEXEC, 0));
    if (!again) return Error::FromErrno(path);
    FOSTER_ASSIGN(ArchiveReader reader, ArchiveReader::Open(std::move(again)));
    if (reader.compression() != LogCompression::kNone) file.packed_ = std::move(reader);
    (void)file.Fill();  // an empty file has no format
    file.format_ = DetectLogFormat(file.buffer_);
    if (offset > 0 && !file.packed_) file.Jump(offset);
    return file;
  }

  LogFormat format() const { return format_; }
  int fd() const { return fd_.get(); }
  bool is_packed() const { return packed_.has_value(); }
  std::uint64_t at() const { return offset_; }  // of the next line
  const std::optional<Error>& error() const { return error_; }

  struct Line {
    std::string_view text;
    bool is_continued = false;
    bool is_cut = false;
  };
  // Views live until the next call.
  bool Next(Line* line) {
    const std::size_t most = IsObjects(format_) ? kObjectMost : kLogLineMost + (is_within_ ? 0 : kStampRoom);
    std::size_t newline = std::string::npos;
    for (std::size_t seen = begin_;;) {
      newline = buffer_.find('\n', seen);
      if (newline != std::string::npos || buffer_.size() - begin_ >= most) break;
      seen = buffer_.size() - begin_;  // of what Fill() leaves
      if (!Fill()) break;
    }
    const std::size_t rest = std::min(newline, buffer_.size()) - begin_;
    if (newline == std::string::npos && rest == 0) return false;
    const std::size_t size = std::min(rest, most);
    const bool is_whole = newline != std::string::npos && size == rest;
    *line = {std::string_view(buffer_).substr(begin_, size), is_within_, !is_whole};
    begin_ += size + (is_whole ? 1 : 0);
    offset_ += size + (is_whole ? 1 : 0);
    is_within_ = !is_whole;
    return true;
  }

 private:
  LineFile() = default;

  Result<std::size_t> Read(char* out, std::size_t room) {
    if (packed_) return packed_->Read(out, room);
    ssize_t got = 0;
    do {
      got = pread(fd_.get(), out, room, static_cast<off_t>(read_at_));
    } while (got < 0 && errno == EINTR);
    if (got < 0) return Error::FromErrno("cannot read");
    read_at_ += static_cast<std::uint64_t>(got);
    return static_cast<std::size_t>(got);
  }

  // More bytes behind those that are there; false: the end. What was taken is let go of.
  bool Fill() {
    if (is_over_) return false;
    buffer_.erase(0, begin_);
    begin_ = 0;
    const std::size_t had = buffer_.size();
    buffer_.resize(had + kBlock);
    auto got = Read(buffer_.data() + had, kBlock);
    buffer_.resize(had + (got.ok() ? *got : 0));
    if (!got.ok()) error_ = got.error();
    is_over_ = !got.ok() || *got == 0;
    return !is_over_;
  }

  void Jump(std::uint64_t offset) {
    buffer_.clear();
    begin_ = 0;
    offset_ = read_at_ = offset;
    is_over_ = false;
  }

  UniqueFd fd_;
  std::optional<ArchiveReader> packed_;
  std::uint64_t read_at_ = 0;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::uint64_t offset_ = 0;
  LogFormat format_ = LogFormat::kRaw;
  std::optional<Error> error_;
  bool is_over_ = false;
  bool is_within_ = false;
};

// The first byte behind the first '\n' in [from, to) of a plain file; `to`: there is none.
std::uint64_t NextLineStart(int fd, std::uint64_t from, std::uint64_t to) {
  std::string block(kFirstWindow, '\0');
  while (from < to) {
    const std::size_t room = std::min<std::uint64_t>(block.size(), to - from);
    const ssize_t got = pread(fd, block.data(), room, static_cast<off_t>(from));
    if (got <= 0) return to;
    const std::size_t newline = std::string_view(block.data(), static_cast<std::size_t>(got)).find('\n');
    if (newline != std::string_view::npos) return std::min(to, from + newline + 1);
    from += static_cast<std::uint64_t>(got);
  }
  return to;
}

// The last header of a foster file that ends before `offset`.
std::optional<std::pair<std::uint64_t, NativeHeader>> HeaderBefore(int fd, std::uint64_t offset) {
  std::string block;
  constexpr std::size_t kOverlap = kStampRoom;  // a header is not longer
  for (std::uint64_t end = offset; end > 0;) {
    const std::uint64_t begin = end > kWidestWindow ? end - kWidestWindow : 0;
    block.resize(std::min<std::uint64_t>(end + kOverlap, offset) - begin);
    const ssize_t got = pread(fd, block.data(), block.size(), static_cast<off_t>(begin));
    if (got <= 0) return std::nullopt;
    const std::string_view text(block.data(), static_cast<std::size_t>(got));
    for (std::size_t at = text.rfind(kNativeHeaderStart); at != std::string_view::npos;
         at = at == 0 ? std::string_view::npos : text.rfind(kNativeHeaderStart, at - 1)) {
      if (at == 0 ? begin != 0 : text[at - 1] != '\n') continue;
      if (auto header = ReadNativeHeader(text.substr(at, text.find('\n', at) - at)))
        return std::pair(begin + at, *header);
    }
    end = begin;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::pair<std::string, WallNanos>> BootsIn(const LogFiles& files) {
  std::vector<std::pair<std::string, WallNanos>> boots;
  for (const LogFile& about : files.files) {
    auto file = LineFile::Open(about.path, 0);
    if (!file || file->format() != LogFormat::kFoster) continue;
    LineFile::Line line;
    while (file->Next(&line)) {
      if (line.is_continued || !line.text.starts_with(kNativeHeaderStart)) continue;
      auto header = ReadNativeHeader(line.text);
      if (header && (boots.empty() || boots.back().first != header->boot))
        boots.emplace_back(header->boot, header->began);
    }
  }
  return boots;
}

struct LogFilesReader::Impl {
  LogFiles files;
  std::size_t file = 0;  // the one that is read, or will be next
  std::optional<LineFile> open;
  std::optional<LineParser> parser;
  NativeHeader header;  // of the boot that the lines are of
  std::vector<std::string> problems;
  // Found by the last search backwards: of file `header_file`, at `header_at`.
  std::size_t header_file = SIZE_MAX;
  std::uint64_t header_at = 0;
  NativeHeader header_found;
  LogEntry piece;  // what the pieces of a long line share

  void Trouble(const std::string& what) {
    if (problems.size() < kMostProblems &&
        std::find(problems.begin(), problems.end(), what) == problems.end())
      problems.push_back(what);
  }

  bool OpenAt(std::uint64_t offset) {
    auto opened = LineFile::Open(files.files[file].path, offset);
    if (!opened) {
      Trouble(opened.error().message());
      return false;
    }
    open = std::move(*opened);
    parser.emplace(open->format());
    header = {};
    if (open->at() == 0 || open->format() != LogFormat::kFoster) return true;
    // Searched backwards: the header before one place is that of all places between them.
    if (header_file != file || header_at >= open->at()) {
      auto found = HeaderBefore(open->fd(), open->at());
      header_file = file;
      header_at = found ? found->first : 0;
      header_found = found ? found->second : NativeHeader{};
    }
    header = header_found;
    return true;
  }

  void Fill(const ParsedLine& parsed, const LineFile::Line& line, LogEntry* entry) {
    *entry = {};
    if (!parser->header().boot.empty()) header = parser->header();
    entry->service = !parsed.service.empty()   ? std::string(parsed.service)
                     : !header.service.empty() ? header.service
                                               : files.service;
    entry->stream = parsed.stream.value_or(files.stream);
    entry->wall = parsed.wall.value_or(0);
    entry->mono = parsed.mono.value_or(0);
    entry->incarnation = parsed.incarnation;
    entry->seq = parsed.seq;
    entry->end = parsed.end;
    entry->boot = header.boot;
    entry->is_continued = parsed.is_continued;
    entry->is_cut = parsed.is_cut || line.is_cut;
    if (parsed.kind == ParsedKind::kSkip)
      entry->skipped_bytes = std::max<std::uint64_t>(parsed.skipped_bytes, 1);
    entry->text = std::string(parsed.text);
  }

  bool Next(LogEntry* entry) {
    for (; file < files.files.size(); ++file, open.reset()) {
      if (!open && !OpenAt(0)) continue;
      LineFile::Line line;
      while (open->Next(&line)) {
        if (line.is_continued) {
          *entry = piece;
          entry->is_continued = true;
          entry->is_cut = line.is_cut;
          entry->text = std::string(line.text);
          return true;
        }
        const ParsedLine parsed = parser->Parse(line.text);
        if (parsed.kind == ParsedKind::kHeader) continue;
        Fill(parsed, line, entry);
        if (line.is_cut) {
          piece = *entry;
          piece.text.clear();
        }
        return true;
      }
      if (open->error()) Trouble(files.files[file].path + ": " + open->error()->message());
    }
    return false;
  }

  // Wanted lines between `from` and `end` of file `from.file`, at most `most`.
  std::size_t Count(const Place& from, std::uint64_t end, std::size_t most, const Wanted& wanted) {
    file = from.file;
    open.reset();
    if (!OpenAt(from.offset)) return 0;
    std::size_t count = 0;
    LogEntry entry;
    while (count < most && open && open->at() < end && Next(&entry) && file == from.file)
      if (wanted(entry)) ++count;
    open.reset();
    return count;
  }

  // How many of `count` are still looked for in older files; `*place` moves with the search.
  std::size_t SearchFile(std::size_t index, std::size_t count, const Wanted& wanted, Place* place) {
    *place = {index, 0};
    const LogFile& about = files.files[index];
    auto opened = LineFile::Open(about.path, 0);
    if (!opened || opened->is_packed() || about.is_compressed)
      return count - std::min(count, Count(*place, UINT64_MAX, SIZE_MAX, wanted));
    std::uint64_t window = kFirstWindow;
    struct stat now {};
    std::uint64_t end = fstat(opened->fd(), &now) == 0 ? static_cast<std::uint64_t>(now.st_size) : about.size;
    while (end > 0 && count > 0) {
      std::uint64_t begin = end > window ? end - window : 0;
      if (begin > 0) begin = NextLineStart(opened->fd(), begin, end);
      window = begin == end
                   ? window * 2
                   : std::min<std::uint64_t>(window * 2, std::max<std::uint64_t>(window, kWidestWindow));
      if (begin == end) continue;  // no line begins there
      *place = {index, begin};
      count -= std::min(count, Count(*place, end, SIZE_MAX, wanted));
      end = begin;
    }
    return count;
  }

  // The time of the first line with one at or behind `offset`; 0: none in the next few.
  WallNanos TimeAt(std::size_t index, std::uint64_t offset) {
    file = index;
    open.reset();
    if (!OpenAt(offset)) return 0;
    LogEntry entry;
    for (int i = 0; i < 100 && Next(&entry) && file == index; ++i)
      if (entry.wall > 0) return entry.wall;
    return 0;
  }
};

LogFilesReader::LogFilesReader(LogFiles files) : impl_(std::make_unique<Impl>()) {
  impl_->files = std::move(files);
}
LogFilesReader::LogFilesReader(LogFilesReader&&) noexcept = default;
LogFilesReader& LogFilesReader::operator=(LogFilesReader&&) noexcept = default;
LogFilesReader::~LogFilesReader() = default;

const LogFiles& LogFilesReader::files() const { return impl_->files; }
const std::vector<std::string>& LogFilesReader::problems() const { return impl_->problems; }
bool LogFilesReader::Next(LogEntry* entry) { return impl_->Next(entry); }

void LogFilesReader::Seek(const Place& place) {
  impl_->file = place.file;
  impl_->open.reset();
  if (place.offset > 0 && place.file < impl_->files.files.size() && !impl_->OpenAt(place.offset))
    ++impl_->file;
}

LogFilesReader::Place LogFilesReader::FindLast(std::size_t count, const Wanted& wanted) {
  Place place{impl_->files.files.size(), 0};
  for (std::size_t index = impl_->files.files.size(); index > 0 && count > 0; --index)
    count = impl_->SearchFile(index - 1, count, wanted, &place);
  Seek({});
  return place;
}

LogFilesReader::Place LogFilesReader::FindSince(WallNanos since) {
  const auto& list = impl_->files.files;
  std::size_t index = 0;
  while (index + 1 < list.size() && list[index].changed > 0 && list[index].changed < since) ++index;
  Place place{index, 0};
  if (index >= list.size() || list[index].is_compressed) return place;
  auto opened = LineFile::Open(list[index].path, 0);
  if (!opened || opened->is_packed()) return place;
  std::uint64_t low = 0;
  for (std::uint64_t high = list[index].size; high > low + kNear;) {
    const std::uint64_t middle = NextLineStart(opened->fd(), low + (high - low) / 2, high);
    if (middle >= high) break;
    const WallNanos wall = impl_->TimeAt(index, middle);
    if (wall > 0 && wall < since) {
      low = place.offset = middle;
    } else {
      high = low + (high - low) / 2;
    }
  }
  Seek({});
  return place;
}

}  // namespace foster
