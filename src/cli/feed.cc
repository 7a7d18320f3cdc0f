// SPDX-License-Identifier: MIT
#include "cli/feed.h"

#include <csignal>
#include <cstdlib>

namespace foster::cli {
namespace {

constexpr Millis kPatience{2'000};
constexpr Millis kPatienceAgain{15'000};

// Everything printed so far was flushed before the wait, so that nothing is lost by leaving at once.
void Leave(int) { std::_Exit(kExitOk); }

enum class Ending { kEnough, kConnectAgain };

// Notifications until the connection breaks or it is enough; the output is flushed whenever there is a pause.
Ending Follow(const Feed& feed, Client* client, Console& console) {
  for (;;) {
    auto next = client->Next(Millis(0));
    if (next && !*next) {
      if (feed.on_pause) feed.on_pause();
      console.Flush();
      if (console.reader_gone()) return Ending::kEnough;
      next = client->Next();
    }
    if (!next) return Ending::kConnectAgain;
    // Too much came at once and some was dropped: the new subscription goes on behind what was printed.
    if (client->lagged()) return Ending::kConnectAgain;
    if (*next && (*next)->method == feed.notification && !feed.on_notification((*next)->params))
      return Ending::kEnough;
  }
}

}  // namespace

int RunFeed(const Feed& feed, const Arguments& arguments, Console& console) {
  std::signal(SIGINT, Leave);
  std::signal(SIGTERM, Leave);
  const std::string socket = arguments.Text("--socket");
  for (bool again = false;; again = true) {
    Result<Client> client = Client::Connect(socket, again ? kPatienceAgain : kPatience);
    if (!client) {
      console.Complain(client.error().message());
      return ExitCodeOf(client.error().code());
    }
    Result<Json> reply = client->Call(feed.method, feed.params());
    if (!reply && reply.error().code() == -1) continue;  // it went away under the question
    if (!reply) {
      console.Complain(reply.error().message());
      return ExitCodeOf(reply.error().code());
    }
    feed.on_reply(*reply, again);
    if (Follow(feed, &*client, console) != Ending::kEnough) continue;
    console.Flush();
    return kExitOk;
  }
}

}  // namespace foster::cli
