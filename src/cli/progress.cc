// SPDX-License-Identifier: MIT
#include "cli/progress.h"

#include <chrono>

#include "cli/text_width.h"

namespace foster::cli {
namespace {

constexpr std::chrono::seconds kEvery{1};
constexpr int kWidestText = 60;

}  // namespace

Progress::Progress(Console& console, std::string text)
    : console_(console), text_(CutToWidth(text, kWidestText)) {
  if (console_.err_is_terminal()) thread_ = std::thread([this] { Draw(); });
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    done_ = true;
  }
  done_changed_.notify_one();
  thread_.join();
}

void Progress::Draw() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (int seconds = 1; !done_changed_.wait_for(lock, kEvery, [this] { return done_; }); ++seconds) {
    console_.Err("\r" + text_ + " ... " + std::to_string(seconds) + "s\033[K");
    console_.Flush();
  }
  console_.Err("\r\033[K");
  console_.Flush();
}

}  // namespace foster::cli
