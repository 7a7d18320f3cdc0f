// SPDX-License-Identifier: MIT
#include "logfile/compress.h"

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <string>
#include <vector>

namespace foster {
namespace {

constexpr std::size_t kPiece = 64 * 1024;
constexpr int kGzipLevel = 6;
constexpr int kZstdLevel = 3;
constexpr int kGzipWindow = 15 + 16;  // zlib: 16 more means gzip's header and trailer
constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";

Error Damaged() { return Error("cannot read on: damaged or cut off", EBADMSG); }

Result<void> WriteAll(int fd, const char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t wrote = write(fd, bytes, count);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return Error::FromErrno("cannot write");
    bytes += wrote;
    count -= static_cast<std::size_t>(wrote);
  }
  return Ok();
}

Result<std::size_t> ReadSome(int fd, char* out, std::size_t room) {
  for (;;) {
    const ssize_t got = read(fd, out, room);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return Error::FromErrno("cannot read");
  }
}

// One piece in, whatever comes of it out.
class Packer {
 public:
  virtual ~Packer() = default;
  virtual Result<void> Pack(const char* bytes, std::size_t count, bool is_last, int to) = 0;
};

class GzipPacker : public Packer {
 public:
  GzipPacker() {
    is_good_ = deflateInit2(&stream_, kGzipLevel, Z_DEFLATED, kGzipWindow, MAX_MEM_LEVEL,
                            Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~GzipPacker() override { deflateEnd(&stream_); }
  GzipPacker(const GzipPacker&) = delete;
  GzipPacker& operator=(const GzipPacker&) = delete;

  Result<void> Pack(const char* bytes, std::size_t count, bool is_last, int to) override {
    if (!is_good_) return Error("cannot compress: no memory", ENOMEM);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes));  // zlib only reads it
    stream_.avail_in = static_cast<uInt>(count);
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
      stream_.avail_out = static_cast<uInt>(out_.size());
      deflate(&stream_, is_last ? Z_FINISH : Z_NO_FLUSH);
      FOSTER_TRY(WriteAll(to, out_.data(), out_.size() - stream_.avail_out));
    } while (stream_.avail_out == 0);
    return Ok();
  }

 private:
  z_stream stream_{};
  bool is_good_ = false;
  std::vector<char> out_ = std::vector<char>(kPiece);
};

class ZstdPacker : public Packer {
 public:
  ZstdPacker() : context_(ZSTD_createCCtx()) {
    if (context_ == nullptr) return;
    ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, kZstdLevel);
    ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
  }
  ~ZstdPacker() override { ZSTD_freeCCtx(context_); }
  ZstdPacker(const ZstdPacker&) = delete;
  ZstdPacker& operator=(const ZstdPacker&) = delete;

  Result<void> Pack(const char* bytes, std::size_t count, bool is_last, int to) override {
    if (context_ == nullptr) return Error("cannot compress: no memory", ENOMEM);
    ZSTD_inBuffer in{bytes, count, 0};
    for (;;) {
      ZSTD_outBuffer out{out_.data(), out_.size(), 0};
      const std::size_t left =
          ZSTD_compressStream2(context_, &out, &in, is_last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left) != 0) return Error("cannot compress: " + std::string(ZSTD_getErrorName(left)));
      FOSTER_TRY(WriteAll(to, out_.data(), out.pos));
      if (is_last ? left == 0 : in.pos == in.size) return Ok();
    }
  }

 private:
  ZSTD_CCtx* context_;
  std::vector<char> out_ = std::vector<char>(kPiece);
};

}  // namespace

Result<void> Compress(int from, int to, LogCompression how, const std::function<bool()>& go_on) {
  std::unique_ptr<Packer> packer;
  if (how == LogCompression::kGzip) packer = std::make_unique<GzipPacker>();
  if (how == LogCompression::kZstd) packer = std::make_unique<ZstdPacker>();
  if (!packer) return Error("cannot compress: no method is wanted", EINVAL);
  std::vector<char> piece(kPiece);
  for (off_t at = 0;;) {
    if (!go_on()) return Error("compression was called off", ECANCELED);
    const ssize_t got = pread(from, piece.data(), piece.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error::FromErrno("cannot read");
    FOSTER_TRY(packer->Pack(piece.data(), static_cast<std::size_t>(got), got == 0, to));
    if (got == 0) return Ok();
    at += got;
  }
}

std::string_view SuffixOf(LogCompression how) {
  switch (how) {
    case LogCompression::kNone:
      return "";
    case LogCompression::kGzip:
      return ".gz";
    case LogCompression::kZstd:
      return ".zst";
  }
  return "";
}

struct ArchiveReader::Impl {
  UniqueFd fd;
  LogCompression how = LogCompression::kNone;
  std::vector<char> in = std::vector<char>(kPiece);
  std::size_t begin = 0;  // of what is not yet taken from `in`
  std::size_t end = 0;
  bool is_between = true;  // no member or frame is begun
  bool has_inflate = false;
  z_stream gzip{};
  ZSTD_DCtx* zstd = nullptr;

  ~Impl() {
    if (has_inflate) inflateEnd(&gzip);
    ZSTD_freeDCtx(zstd);
  }
  Result<void> Begin();
  Result<bool> Fill();  // false: the file's end
  Result<std::size_t> ReadPlain(char* out, std::size_t room);
  Result<std::size_t> ReadPacked(char* out, std::size_t room);
  Result<std::size_t> Unpack(char* out, std::size_t room);
  Result<std::size_t> Inflate(char* out, std::size_t room);
  Result<std::size_t> Unzstd(char* out, std::size_t room);
};

Result<void> ArchiveReader::Impl::Begin() {
  while (end < kZstdMagic.size()) {
    FOSTER_ASSIGN(const std::size_t got, ReadSome(fd.get(), in.data() + end, in.size() - end));
    if (got == 0) break;
    end += got;
  }
  const std::string_view first(in.data(), end);
  if (first.substr(0, kGzipMagic.size()) == kGzipMagic) {
    how = LogCompression::kGzip;
    has_inflate = inflateInit2(&gzip, kGzipWindow) == Z_OK;
    if (!has_inflate) return Error("cannot read the archive: no memory", ENOMEM);
  } else if (first.substr(0, kZstdMagic.size()) == kZstdMagic) {
    how = LogCompression::kZstd;
    zstd = ZSTD_createDCtx();
    if (zstd == nullptr) return Error("cannot read the archive: no memory", ENOMEM);
  }
  return Ok();
}

Result<bool> ArchiveReader::Impl::Fill() {
  if (begin < end) return true;
  FOSTER_ASSIGN(end, ReadSome(fd.get(), in.data(), in.size()));
  begin = 0;
  return end > 0;
}

Result<std::size_t> ArchiveReader::Impl::ReadPlain(char* out, std::size_t room) {
  if (begin == end) return ReadSome(fd.get(), out, room);
  const std::size_t count = std::min(room, end - begin);
  std::copy_n(in.data() + begin, count, out);
  begin += count;
  return count;
}

Result<std::size_t> ArchiveReader::Impl::Inflate(char* out, std::size_t room) {
  if (is_between && inflateReset(&gzip) != Z_OK) return Damaged();
  is_between = false;
  gzip.next_in = reinterpret_cast<Bytef*>(in.data() + begin);
  gzip.avail_in = static_cast<uInt>(end - begin);
  gzip.next_out = reinterpret_cast<Bytef*>(out);
  gzip.avail_out = static_cast<uInt>(std::min(room, kPiece));
  const uInt before = gzip.avail_out;
  const int outcome = inflate(&gzip, Z_NO_FLUSH);
  begin = end - gzip.avail_in;
  if (outcome == Z_STREAM_END) is_between = true;
  if (outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR) return Damaged();
  return before - gzip.avail_out;
}

Result<std::size_t> ArchiveReader::Impl::Unzstd(char* out, std::size_t room) {
  ZSTD_inBuffer from{in.data() + begin, end - begin, 0};
  ZSTD_outBuffer to{out, room, 0};
  const std::size_t outcome = ZSTD_decompressStream(zstd, &to, &from);
  begin += from.pos;
  if (ZSTD_isError(outcome) != 0) return Damaged();
  is_between = outcome == 0;
  return to.pos;
}

Result<std::size_t> ArchiveReader::Impl::Unpack(char* out, std::size_t room) {
  return how == LogCompression::kGzip ? Inflate(out, room) : Unzstd(out, room);
}

Result<std::size_t> ArchiveReader::Impl::ReadPacked(char* out, std::size_t room) {
  if (room == 0) return std::size_t{0};
  for (;;) {
    // What the decoder still holds comes first: it may need no more input for it.
    if (!is_between) {
      FOSTER_ASSIGN(const std::size_t held, Unpack(out, room));
      if (held > 0) return held;
      if (begin < end && !is_between) continue;
    }
    FOSTER_ASSIGN(const bool has_input, Fill());
    if (!has_input) {
      if (!is_between) return Damaged();
      return std::size_t{0};
    }
    FOSTER_ASSIGN(const std::size_t count, Unpack(out, room));
    if (count > 0) return count;
  }
}

Result<ArchiveReader> ArchiveReader::Open(UniqueFd fd) {
  auto impl = std::make_unique<Impl>();
  impl->fd = std::move(fd);
  FOSTER_TRY(impl->Begin());
  return ArchiveReader(std::move(impl));
}

ArchiveReader::ArchiveReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ArchiveReader::ArchiveReader(ArchiveReader&&) noexcept = default;
ArchiveReader& ArchiveReader::operator=(ArchiveReader&&) noexcept = default;
ArchiveReader::~ArchiveReader() = default;

LogCompression ArchiveReader::compression() const { return impl_->how; }

Result<std::size_t> ArchiveReader::Read(char* out, std::size_t room) {
  return impl_->how == LogCompression::kNone ? impl_->ReadPlain(out, room) : impl_->ReadPacked(out, room);
}

}  // namespace foster
