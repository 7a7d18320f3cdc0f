// SPDX-License-Identifier: MIT
#include "logd/printer.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "logd/console.h"

namespace foster {
namespace {

constexpr std::int64_t kPunchStep = 256 * 1024;
constexpr std::int64_t kPunchAgain = 16 << 20;
constexpr std::int64_t kMostInSocket = 1 << 20;

void Ring(int fd) {
  const std::uint64_t one = 1;
  (void)!write(fd, &one, sizeof(one));  // fails only when it has been rung 2^64 times
}

}  // namespace

Result<void> Printer::Start() {
  work_.Reset(eventfd(0, EFD_CLOEXEC));
  space_.Reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!work_ || !space_) return Error::FromErrno("cannot create the printer's bells");
  struct stat status {};
  if (fstat(out_, &status) != 0) return Error::FromErrno("cannot use stdout");
  // Into a pipe or file sendfile(2) takes what fits; into a terminal or socket it stands until all is
  // through, and progress must be seen before the slowest of them counts as stalled.
  is_pipe_ = S_ISFIFO(status.st_mode);
  is_socket_ = S_ISSOCK(status.st_mode);
  if (!S_ISREG(status.st_mode) && !is_pipe_) piece_ = kSmallPiece;
  punched_ = std::max(ConsoleBase(), (Sent() - kPunchAgain) & ~std::int64_t{4095});
  pthread_t thread{};
  const int error = pthread_create(&thread, nullptr, &Printer::Thread, this);
  if (error != 0) return Error::FromErrno("cannot start the printer", error);
  pthread_detach(thread);
  return Ok();
}

void* Printer::Thread(void* self) {
  auto& printer = *static_cast<Printer*>(self);
  for (;;) {
    printer.WaitForWork();
    const auto waiting = static_cast<std::size_t>(printer.End() - printer.Sent());
    if (printer.Send(std::min(waiting, printer.piece_))) printer.Punch();
    const auto sent = static_cast<std::uint64_t>(printer.Sent() - ConsoleBase());
    if (sent >= printer.tell_at_.load()) {
      printer.tell_at_.store(kNever);
      Ring(printer.space_.get());
    }
  }
  return nullptr;
}

//   printer                     loop
//   is_asleep = true            console_end += n
//   look: nothing to send?      is_asleep was true? ring
//   read(work)
// Whichever of the two comes second sees what the other did.
void Printer::WaitForWork() {
  while (Sent() >= End()) {
    is_asleep_.store(true);
    if (Sent() >= End()) {
      std::uint64_t count = 0;
      (void)!read(work_.get(), &count, sizeof(count));  // EINTR: the loop looks again
    }
    is_asleep_.store(false);
  }
}

void Printer::Wake() {
  if (is_asleep_.exchange(false)) Ring(work_.get());
}

// True when console_sent has moved.
bool Printer::Send(std::size_t count) {
  if (use_write_) return SendByWrite(count);
  const ssize_t sent = sendfile(out_, table_.arena_fd(), &table_.header().console_sent, count);
  if (sent > 0) return true;
  if (sent < 0 && (errno == EINVAL || errno == ENOSYS || errno == EOVERFLOW)) {
    use_write_ = true;
    return false;
  }
  return HandleError(sent < 0 ? errno : EAGAIN);
}

bool Printer::SendByWrite(std::size_t count) {
  LogHeader& header = table_.header();
  const ssize_t got = pread(table_.arena_fd(), buffer_, std::min(count, sizeof(buffer_)), Sent());
  if (got <= 0) return HandleError(got < 0 ? errno : EIO);
  header.write_began_sent = header.console_sent;
  __atomic_store_n(&header.write_began_at, WrittenExtent(out_), __ATOMIC_RELEASE);
  const ssize_t wrote = write(out_, buffer_, static_cast<std::size_t>(got));
  const int error = errno;
  // From here on a new logd takes console_sent from what the file has grown by, whether it was moved here or
  // not.
  if (wrote <= 0) {
    __atomic_store_n(&header.write_began_at, std::int64_t{-1}, __ATOMIC_RELEASE);
    return HandleError(wrote < 0 ? error : EAGAIN);
  }
  __atomic_store_n(&header.console_sent, header.console_sent + wrote, __ATOMIC_RELEASE);
  __atomic_store_n(&header.write_began_at, std::int64_t{-1}, __ATOMIC_RELEASE);
  return true;
}

bool Printer::HandleError(int error) {
  pollfd out{out_, POLLOUT, 0};
  switch (error) {
    case EINTR:
      return false;
    case EAGAIN:
      (void)poll(&out, 1, -1);
      return false;
    case EPIPE:
    case EIO:
    case EBADF:
    case ENXIO:
    case ECONNRESET:  // nobody is there to read it, nor will be
      __atomic_store_n(&table_.header().console_sent, End(), __ATOMIC_RELEASE);
      return true;
    default:  // a full disk, no memory: it may pass
      (void)poll(nullptr, 0, 1000);
      return false;
  }
}

// How many sent bytes may still be seen through pages of ours: what a pipe holds (its size may be changed by
// whoever has it), or a socket; anything else has made copies.
std::int64_t Printer::KeepBehind() const {
  if (is_pipe_) {
    const int size = fcntl(out_, F_GETPIPE_SZ);
    return size > 0 ? size : kMostInSocket;
  }
  return is_socket_ ? kMostInSocket : 0;
}

void Printer::Punch() {
  const std::int64_t until = (Sent() - KeepBehind()) & ~std::int64_t{4095};
  if (until - punched_ < kPunchStep) return;
  // A refused punch costs memory until the next one, which begins behind it.
  (void)fallocate(table_.arena_fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, punched_, until - punched_);
  punched_ = until;
}

}  // namespace foster
