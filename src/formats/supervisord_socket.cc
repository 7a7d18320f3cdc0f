// SPDX-License-Identifier: MIT
#include "formats/supervisord_socket.h"

#include "base/ascii.h"
#include "formats/foster_values.h"

namespace foster {
namespace {

constexpr std::string_view kTcp = "tcp://", kUnix = "unix://";

bool ReadAddress(const SupervisordSection& section, const std::string& where, SocketSpec* socket) {
  std::string text = section.Text("socket");
  std::string_view rest = text;
  const char* hint = "unix:///run/x.sock or tcp://127.0.0.1:9000";
  if (ToLower(text).rfind(kTcp, 0) == 0) {
    rest.remove_prefix(kTcp.size());
    auto address = rest.find(':') == std::string_view::npos ? Error("") : ParseHostPort(rest, "");
    if (!address.ok())
      return section.Wrong("socket", "Bad socket format " + Quote(text) + where, hint), false;
    socket->kind = SocketKind::kTcp;
    socket->host = address->host;
    socket->port = address->port;
    return true;
  }
  if (ToLower(text).rfind(kUnix, 0) != 0)
    return section.Wrong("socket", "Bad socket format " + Quote(text) + where, hint), false;
  rest.remove_prefix(kUnix.size());
  if (rest.empty() || rest[0] != '/' || rest.size() > 107)
    return section.Wrong("socket", "Unix socket path " + Quote(rest) + " is not an absolute path" + where,
                         hint),
           false;
  socket->kind = SocketKind::kUnixStream;
  socket->path = std::string(rest);
  return true;
}

Result<std::uint32_t> ParseMode(std::string_view text) {
  auto mode = ParseOctal(text);
  if (!mode.ok() || *mode > 0777) return Error("Invalid socket_mode value " + std::string(text));
  return mode;
}

Result<std::int64_t> ParseBacklog(std::string_view text) {
  auto backlog = ParseInteger(text);
  if (!backlog.ok() || *backlog < 1 || *backlog > 65535)
    return Error("Invalid socket_backlog value " + std::string(text));
  return backlog;
}

}  // namespace

void ReadSupervisordSocket(const SupervisordSection& section, ServiceSpec& spec) {
  const std::string& name = section.section().name;
  if (name.rfind("fcgi-program:", 0) != 0) return;
  const std::string where = " in [" + name + "] socket";
  if (!section.Find("socket"))
    return section.report().Error(section.section().origin,
                                  "[" + name + "] section requires a \"socket\" line",
                                  "unix:///run/x.sock or tcp://127.0.0.1:9000");
  SocketSpec socket;
  socket.as_stdin = true;
  bool is_good = ReadAddress(section, where, &socket);
  bool has_file_keys = section.Find("socket_owner") || section.Find("socket_mode");
  if (is_good && has_file_keys && socket.kind != SocketKind::kUnixStream)
    section.report().Error(
        section.OriginOf(section.Find("socket_owner") ? "socket_owner" : "socket_mode"),
        "socket_owner and socket_mode params should only be used with a Unix domain socket" + where);
  socket.owner = section.Text("socket_owner");
  socket.mode = section.Value<std::uint32_t>("socket_mode", 0700, ParseMode, "octal, like 0700");
  socket.backlog = static_cast<std::uint32_t>(
      section.Value<std::int64_t>("socket_backlog", 4096, ParseBacklog, "1 to 65535"));
  spec.sockets.push_back(std::move(socket));
}

}  // namespace foster
