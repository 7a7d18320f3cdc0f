// SPDX-License-Identifier: MIT
#include "tui/session.h"

namespace foster::tui {
namespace {

Message FromJson(const Json& json) {
  Message message;
  message.id = json["id"].AsInt();
  message.method = json["method"].AsString();
  if (json.Has("error")) {
    message.failed = true;
    message.code = static_cast<int>(json["error"]["code"].AsInt());
    message.error = json["error"]["message"].AsString();
    message.body = json["error"]["data"];
  } else {
    message.body = message.method.empty() ? json["result"] : json["params"];
  }
  return message;
}

}  // namespace

std::int64_t Session::Request(std::string_view method, const Json& params) {
  if (!open_) return 0;
  std::string line = RequestLine(next_id_, method, params);
  if (unsent_.size() + line.size() > kMaxUnsent) return 0;
  unsent_ += line;
  return next_id_++;
}

bool Session::Feed(std::string_view bytes, std::vector<Message>* out) {
  splitter_.Append(bytes);
  std::string line;
  for (;;) {
    LineSplitter::Kind kind = splitter_.Next(&line);
    if (kind == LineSplitter::Kind::kNone) return true;
    if (kind == LineSplitter::Kind::kTooLong) return false;
    Result<Json> json = ParseJson(line);
    if (!json.ok() || !json->is_object()) return false;
    out->push_back(FromJson(*json));
  }
}

void Session::Open() {
  Close();
  open_ = true;
}

void Session::Close() {
  open_ = false;
  unsent_.clear();
  splitter_ = LineSplitter();
}

}  // namespace foster::tui
