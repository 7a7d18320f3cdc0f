// SPDX-License-Identifier: MIT
#include "formats/supervisord_keys.h"

namespace foster {
namespace {

constexpr KeyState kDone = KeyState::kDone;
constexpr KeyState kAccepted = KeyState::kAccepted;
constexpr KeyState kNotYet = KeyState::kNotYet;

}  // namespace

// foster is the supervisor: where its own log, pid file and limits are is not for a workload to say.
const KeyTable& SupervisordMainKeys() {
  static const KeyTable table = {
      {"logfile", kAccepted},
      {"logfile_maxbytes", kAccepted},
      {"logfile_backups", kAccepted},
      {"loglevel", kAccepted},
      {"pidfile", kAccepted},
      {"identifier", kDone},
      {"nodaemon", kAccepted},
      {"silent", kAccepted},
      {"minfds", kNotYet},
      {"minprocs", kNotYet},
      {"umask", kAccepted},
      {"user", kAccepted},
      {"directory", kAccepted},
      {"nocleanup", kAccepted},
      {"childlogdir", kAccepted},
      {"strip_ansi", kDone},
      {"environment", kDone},
      {"profile_options", kAccepted},
  };
  return table;
}

const KeyTable& SupervisordServerKeys() {
  static const KeyTable table = {
      {"file", kDone}, {"chmod", kDone},    {"chown", kDone},
      {"port", kDone}, {"username", kDone}, {"password", kDone},
  };
  return table;
}

const KeyTable& SupervisorctlKeys() {
  static const KeyTable table = {
      {"serverurl", kAccepted}, {"username", kAccepted},     {"password", kAccepted},
      {"prompt", kAccepted},    {"history_file", kAccepted},
  };
  return table;
}

// *_compress, *_rotate_every and log_* are foster's own; killasgroup is what foster always does.
const KeyTable& SupervisordProgramKeys() {
  static const KeyTable table = {
      {"command", kDone},
      {"process_name", kDone},
      {"numprocs", kDone},
      {"numprocs_start", kDone},
      {"priority", kDone},
      {"autostart", kDone},
      {"autorestart", kDone},
      {"startsecs", kDone},
      {"startretries", kDone},
      {"exitcodes", kDone},
      {"stopsignal", kDone},
      {"stopwaitsecs", kDone},
      {"stopasgroup", kDone},
      {"killasgroup", kAccepted},
      {"user", kDone},
      {"umask", kDone},
      {"directory", kDone},
      {"redirect_stderr", kDone},
      {"environment", kDone},
      {"serverurl", kDone},
      {"stdout_logfile", kDone},
      {"stdout_logfile_maxbytes", kDone},
      {"stdout_logfile_backups", kDone},
      {"stdout_logfile_compress", kDone},
      {"stdout_logfile_rotate_every", kDone},
      {"stdout_capture_maxbytes", kDone},
      {"stdout_events_enabled", kDone},
      {"stdout_syslog", kDone},
      {"stderr_logfile", kDone},
      {"stderr_logfile_maxbytes", kDone},
      {"stderr_logfile_backups", kDone},
      {"stderr_logfile_compress", kDone},
      {"stderr_logfile_rotate_every", kDone},
      {"stderr_capture_maxbytes", kDone},
      {"stderr_events_enabled", kDone},
      {"stderr_syslog", kDone},
      {"log_console", kDone},
      {"log_overflow", kDone},
      {"log_full_disk", kDone},
      {"log_ring", kDone},
  };
  return table;
}

const KeyTable& SupervisordFcgiKeys() {
  static const KeyTable table = [] {
    KeyTable all = SupervisordProgramKeys();
    for (const char* key : {"socket", "socket_owner", "socket_mode", "socket_backlog"})
      all.push_back({key, kDone});
    return all;
  }();
  return table;
}

const KeyTable& SupervisordGroupKeys() {
  static const KeyTable table = {{"programs", kDone}, {"priority", kDone}};
  return table;
}

const KeyTable& SupervisordIncludeKeys() {
  static const KeyTable table = {{"files", kDone}};
  return table;
}

const std::vector<std::string_view>& SupervisordSectionNames() {
  static const std::vector<std::string_view> names = {
      "supervisord", "supervisorctl", "unix_http_server", "inet_http_server", "include",   "program",
      "group",       "eventlistener", "fcgi-program",     "rpcinterface",     "ctlplugin", "DEFAULT",
  };
  return names;
}

}  // namespace foster
