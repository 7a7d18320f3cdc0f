// SPDX-License-Identifier: MIT
// The members of everything a plan is made of, once for both directions of plan_codec.cc: Fields(visit, x)
// calls visit(name, member) for each. Not: how a member is written. Called by: plan_codec.cc alone.
// Invariant: every member of every struct is here (plan_codec_test.cc proves it).
#pragma once

#include <concepts>
#include <type_traits>

#include "model/fragment.h"

namespace foster {

template <class S, class T>
concept Is = std::same_as<std::remove_const_t<S>, T>;

template <class V, Is<Origin> S>
void Fields(V& visit, S& s) {
  visit("file", s.file);
  visit("line", s.line);
  visit("column", s.column);
}

template <class V, Is<Diagnostic> S>
void Fields(V& visit, S& s) {
  visit("severity", s.severity);
  Fields(visit, s.origin);  // flat, as docs/control-protocol.md shows it
  visit("text", s.text);
  visit("hint", s.hint);
  visit("source_line", s.source_line);
}

template <class V, Is<Gate> S>
void Fields(V& visit, S& s) {
  visit("service", s.service);
  visit("kind", s.kind);
  visit("origin", s.origin);
  visit("strength", s.strength);
  visit("stop_along", s.stop_along);
  visit("restart_along", s.restart_along);
}

template <class V, Is<Command> S>
void Fields(V& visit, S& s) {
  visit("argv", s.argv);
  visit("cwd", s.cwd);
}

template <class V, Is<StopPolicy> S>
void Fields(V& visit, S& s) {
  visit("method", s.method);
  visit("signal", s.signal);
  visit("scope", s.scope);
  visit("grace", s.grace);
  visit("command", s.command);
  visit("keys", s.keys);
  visit("keep_rest", s.keep_rest);
}

template <class V, Is<ExitRule> S>
void Fields(V& visit, S& s) {
  visit("is_signal", s.is_signal);
  visit("value", s.value);
  visit("verdict", s.verdict);
}

template <class V, Is<RestartPolicy> S>
void Fields(V& visit, S& s) {
  visit("when", s.when);
  visit("retry_failed_start", s.retry_failed_start);
  visit("base", s.base);
  visit("step", s.step);
  visit("factor_percent", s.factor_percent);
  visit("cap", s.cap);
  visit("ending_delay", s.ending_delay);
  visit("reset_after", s.reset_after);
  visit("start_retries", s.start_retries);
  visit("max_restarts", s.max_restarts);
  visit("grow_endings", s.grow_endings);
  visit("jitter_percent", s.jitter_percent);
  visit("budget", s.budget);
  visit("budget_window", s.budget_window);
  visit("rules", s.rules);
}

template <class V, Is<Probe> S>
void Fields(V& visit, S& s) {
  visit("kind", s.kind);
  visit("command", s.command);
  visit("tls", s.tls);
  visit("host", s.host);
  visit("port", s.port);
  visit("path", s.path);
  visit("method", s.method);
  visit("headers", s.headers);
  visit("status_min", s.status_min);
  visit("status_max", s.status_max);
  visit("file", s.file);
  visit("pattern", s.pattern);
  visit("is_regex", s.is_regex);
  visit("initial_delay", s.initial_delay);
  visit("quick_period", s.quick_period);
  visit("period", s.period);
  visit("timeout", s.timeout);
  visit("success_threshold", s.success_threshold);
  visit("failure_threshold", s.failure_threshold);
}

template <class V, Is<Readiness> S>
void Fields(V& visit, S& s) {
  visit("notify_fd", s.notify_fd);
  visit("start_time", s.start_time);
  visit("sd_notify", s.sd_notify);
  visit("probe", s.probe);
  visit("action", s.action);
}

template <class V, Is<Liveness> S>
void Fields(V& visit, S& s) {
  visit("probe", s.probe);
  visit("watchdog", s.watchdog);
  visit("action", s.action);
}

template <class V, Is<Identity> S>
void Fields(V& visit, S& s) {
  visit("user", s.user);
  visit("group", s.group);
  visit("umask", s.umask);
}

template <class V, Is<Daemon> S>
void Fields(V& visit, S& s) {
  visit("follow", s.follow);
  visit("pid_file", s.pid_file);
}

template <class V, Is<CronFields> S>
void Fields(V& visit, S& s) {
  visit("second", s.second);
  visit("minute", s.minute);
  visit("hour", s.hour);
  visit("day", s.day);
  visit("month", s.month);
  visit("weekday", s.weekday);
  visit("day_is_any", s.day_is_any);
  visit("weekday_is_any", s.weekday_is_any);
}

template <class V, Is<Schedule> S>
void Fields(V& visit, S& s) {
  visit("kind", s.kind);
  visit("cron", s.cron);
  visit("fields", s.fields);
  visit("timezone", s.timezone);
  visit("interval", s.interval);
  visit("at", s.at);
  visit("overlap", s.overlap);
  visit("run_on_start", s.run_on_start);
}

template <class V, Is<SocketSpec> S>
void Fields(V& visit, S& s) {
  visit("kind", s.kind);
  visit("host", s.host);
  visit("port", s.port);
  visit("path", s.path);
  visit("mode", s.mode);
  visit("owner", s.owner);
  visit("backlog", s.backlog);
  visit("name", s.name);
  visit("as_stdin", s.as_stdin);
}

template <class V, Is<ResourceLimit> S>
void Fields(V& visit, S& s) {
  visit("resource", s.resource);
  visit("soft", s.soft);
  visit("hard", s.hard);
}

template <class V, Is<CgroupLimits> S>
void Fields(V& visit, S& s) {
  visit("memory_max", s.memory_max);
  visit("memory_high", s.memory_high);
  visit("cpu_percent", s.cpu_percent);
  visit("cpu_weight", s.cpu_weight);
  visit("pids_max", s.pids_max);
}

template <class V, Is<Isolation> S>
void Fields(V& visit, S& s) {
  visit("groups", s.groups);
  visit("chroot", s.chroot);
  visit("limits", s.limits);
  visit("nice", s.nice);
  visit("io_class", s.io_class);
  visit("io_priority", s.io_priority);
  visit("oom_score_adj", s.oom_score_adj);
  visit("capabilities", s.capabilities);
  visit("ambient_capabilities", s.ambient_capabilities);
  visit("no_new_privs", s.no_new_privs);
  visit("private_tmp", s.private_tmp);
  visit("private_pids", s.private_pids);
  visit("cgroup", s.cgroup);
  visit("may_degrade", s.may_degrade);
}

template <class V, Is<Replica> S>
void Fields(V& visit, S& s) {
  visit("of", s.of);
  visit("index", s.index);
  visit("count", s.count);
}

template <class V, Is<Timeouts> S>
void Fields(V& visit, S& s) {
  visit("up", s.up);
  visit("down", s.down);
  visit("finish", s.finish);
}

template <class V, Is<LogFormatOptions> S>
void Fields(V& visit, S& s) {
  visit("add_timestamp", s.add_timestamp);
  visit("time_layout", s.time_layout);
  visit("colour", s.colour);
  visit("metadata", s.metadata);
  visit("fields", s.fields);
}

template <class V, Is<LogRotation> S>
void Fields(V& visit, S& s) {
  visit("max_bytes", s.max_bytes);
  visit("every", s.every);
  visit("backups", s.backups);
  visit("max_total", s.max_total);
  visit("max_age", s.max_age);
  visit("naming", s.naming);
  visit("compression", s.compression);
}

template <class V, Is<LogSink> S>
void Fields(V& visit, S& s) {
  visit("kind", s.kind);
  visit("takes_out", s.takes_out);
  visit("takes_err", s.takes_err);
  visit("target", s.target);
  visit("format", s.format);
  visit("format_options", s.format_options);
  visit("rotation", s.rotation);
  visit("mode", s.mode);
  visit("truncate_at_start", s.truncate_at_start);
  visit("strip_ansi", s.strip_ansi);
  visit("headers", s.headers);
  visit("labels", s.labels);
  visit("facility", s.facility);
}

template <class V, Is<LogSpec> S>
void Fields(V& visit, S& s) {
  visit("ring_bytes", s.ring_bytes);
  visit("overflow", s.overflow);
  visit("full_disk", s.full_disk);
  visit("console", s.console);
  visit("sinks", s.sinks);
}

template <class V, Is<Secret> S>
void Fields(V& visit, S& s) {
  visit("name", s.name);
  visit("file", s.file);
}

template <class V, Is<ServiceSpec> S>
void Fields(V& visit, S& s) {
  visit("name", s.name);
  visit("workload", s.workload);
  visit("group", s.group);
  visit("type", s.type);
  visit("autostart", s.autostart);
  visit("internal", s.internal);
  visit("broken", s.broken);
  visit("run", s.run);
  visit("finish", s.finish);
  visit("down", s.down);
  visit("environment", s.environment);
  visit("identity", s.identity);
  visit("isolation", s.isolation);
  visit("readiness", s.readiness);
  visit("liveness", s.liveness);
  visit("restart", s.restart);
  visit("success_codes", s.success_codes);
  visit("success_signals", s.success_signals);
  visit("stop", s.stop);
  visit("timeouts", s.timeouts);
  visit("daemon", s.daemon);
  visit("stdin_from", s.stdin_from);
  visit("schedule", s.schedule);
  visit("sockets", s.sockets);
  visit("activation", s.activation);
  visit("idle_stop", s.idle_stop);
  visit("when_ended", s.when_ended);
  visit("when_failed", s.when_failed);
  visit("replica", s.replica);
  visit("merge_stderr", s.merge_stderr);
  visit("log", s.log);
  visit("secrets", s.secrets);
  visit("priority", s.priority);
  visit("description", s.description);
  visit("directory", s.directory);
  visit("gates", s.gates);
  visit("origin", s.origin);
}

template <class V, Is<Listener> S>
void Fields(V& visit, S& s) {
  visit("protocol", s.protocol);
  visit("host", s.host);
  visit("port", s.port);
  visit("path", s.path);
  visit("mode", s.mode);
  visit("owner", s.owner);
  visit("username", s.username);
  visit("password", s.password);
  visit("origin", s.origin);
}

template <class V, Is<Workload> S>
void Fields(V& visit, S& s) {
  visit("name", s.name);
  visit("format", s.format);
  visit("project", s.project);
  visit("seed", s.seed);
  visit("source", s.source);
  visit("autostart", s.autostart);
  visit("identifier", s.identifier);
  visit("listeners", s.listeners);
  visit("gates", s.gates);
  visit("diagnostics", s.diagnostics);
  visit("origin", s.origin);
}

template <class V, Is<Bundle> S>
void Fields(V& visit, S& s) {
  visit("name", s.name);
  visit("members", s.members);
  visit("origin", s.origin);
}

template <class V, Is<Plan> S>
void Fields(V& visit, S& s) {
  visit("services", s.services);
  visit("workloads", s.workloads);
  visit("bundles", s.bundles);
  visit("diagnostics", s.diagnostics);
}

template <class V, Is<Fragment> S>
void Fields(V& visit, S& s) {
  visit("valid", s.valid);
  visit("services", s.services);
  visit("bundles", s.bundles);
  visit("workloads", s.workloads);
  visit("identifier", s.identifier);
  visit("listeners", s.listeners);
  visit("diagnostics", s.diagnostics);
}

}  // namespace foster
