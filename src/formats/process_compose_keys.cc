// SPDX-License-Identifier: MIT
#include "formats/process_compose_keys.h"

namespace foster {
namespace {

constexpr KeyState kDone = KeyState::kDone;
constexpr KeyState kAccepted = KeyState::kAccepted;
constexpr KeyState kNotYet = KeyState::kNotYet;

}  // namespace

const KeyTable& ProcessComposeProjectKeys() {
  static const KeyTable table = {
      {"version", kAccepted},
      {"name", kDone},
      {"processes", kDone},
      {"environment", kDone},
      {"env_cmds", kNotYet},
      {"vars", kDone},
      {"disable_env_expansion", kDone},
      {"log_location", kDone},
      {"log_level", kAccepted},
      {"log_length", kDone},
      {"log_format", kAccepted},
      {"log_configuration", kDone},
      {"shell", kDone},
      {"is_strict", kDone},
      {"is_tui_disabled", kAccepted},
      {"ordered_shutdown", kAccepted},  // foster always stops in the reverse order of the gates
      {"extends", kNotYet},
      {"mcp_server", kNotYet},
      {"file_names", kAccepted},
      {"env_file_names", kAccepted},
      {"dot_env_vars", kAccepted},
  };
  return table;
}

const KeyTable& ProcessComposeProcessKeys() {
  static const KeyTable table = {
      {"command", kDone},
      {"entrypoint", kDone},
      {"executable", kAccepted},
      {"args", kAccepted},
      {"name", kAccepted},
      {"replica_num", kAccepted},
      {"replica_name", kAccepted},
      {"original_config", kAccepted},
      {"extends", kNotYet},
      {"disabled", kDone},
      {"is_disabled", kDone},
      {"working_dir", kDone},
      {"environment", kDone},
      {"env_file", kNotYet},
      {"is_dotenv_disabled", kAccepted},
      {"vars", kDone},
      {"depends_on", kDone},
      {"availability", kDone},
      {"shutdown", kDone},
      {"readiness_probe", kDone},
      {"liveness_probe", kDone},
      {"ready_log_line", kDone},
      {"log_location", kDone},
      {"log_configuration", kDone},
      {"truncate_log", kAccepted},
      {"disable_ansi_colors", kAccepted},
      {"namespace", kDone},
      {"replicas", kDone},
      {"description", kDone},
      {"is_foreground", kNotYet},
      {"is_tty", kDone},
      {"is_interactive", kDone},
      {"is_elevated", kNotYet},
      {"is_daemon", kDone},
      {"launch_timeout_seconds", kAccepted},
      {"is_template_disabled", kDone},
      {"schedule", kDone},
      {"watch", kNotYet},
      {"mcp", kNotYet},
      {"monitor_for", kAccepted},
      {"monitor_silence_threshold", kAccepted},
      {"success_exit_codes", kDone},
  };
  return table;
}

const KeyTable& ProcessComposeAvailabilityKeys() {
  static const KeyTable table = {
      {"restart", kDone},     {"backoff_seconds", kDone}, {"max_restarts", kDone},
      {"exit_on_end", kDone}, {"exit_on_skipped", kDone},
  };
  return table;
}

const KeyTable& ProcessComposeShutdownKeys() {
  static const KeyTable table = {
      {"command", kDone},     {"timeout_seconds", kDone}, {"signal", kDone},
      {"parent_only", kDone}, {"send_keys", kDone},
  };
  return table;
}

const KeyTable& ProcessComposeShellKeys() {
  static const KeyTable table = {
      {"shell_command", kDone},
      {"shell_argument", kDone},
      {"elevated_shell_command", kAccepted},
      {"elevated_shell_argument", kAccepted},
  };
  return table;
}

const KeyTable& ProcessComposeProbeKeys() {
  static const KeyTable table = {
      {"exec", kDone},
      {"http_get", kDone},
      {"initial_delay_seconds", kDone},
      {"period_seconds", kDone},
      {"timeout_seconds", kDone},
      {"success_threshold", kDone},
      {"failure_threshold", kDone},
  };
  return table;
}

const KeyTable& ProcessComposeExecKeys() {
  static const KeyTable table = {{"command", kDone}, {"working_dir", kDone}};
  return table;
}

const KeyTable& ProcessComposeHttpKeys() {
  static const KeyTable table = {
      {"host", kDone},         {"scheme", kDone},  {"path", kDone},        {"port", kDone},
      {"num_port", kAccepted}, {"headers", kDone}, {"status_code", kDone},
  };
  return table;
}

const KeyTable& ProcessComposeLogKeys() {
  static const KeyTable table = {
      {"rotation", kDone},      {"fields_order", kDone},
      {"disable_json", kDone},  {"timestamp_format", kDone},
      {"no_color", kDone},      {"no_metadata", kDone},
      {"add_timestamp", kDone}, {"flush_each_line", kAccepted},  // foster keeps no line back
  };
  return table;
}

const KeyTable& ProcessComposeRotationKeys() {
  static const KeyTable table = {
      {"max_size_mb", kDone}, {"max_backups", kDone},   {"max_age_days", kDone},
      {"compress", kDone},    {"directory", kAccepted}, {"filename", kAccepted},
  };
  return table;
}

const KeyTable& ProcessComposeScheduleKeys() {
  static const KeyTable table = {
      {"cron", kDone},         {"timezone", kDone},           {"interval", kDone},
      {"run_on_start", kDone}, {"max_concurrent", kAccepted},
  };
  return table;
}

}  // namespace foster
