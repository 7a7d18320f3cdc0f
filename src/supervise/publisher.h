// SPDX-License-Identifier: MIT
// Publisher: what clients see: the status of each service, and the numbered stream of changes.
// Not: sockets (control_server.h listens to it). Called by: Effects, methods, Ending.
// Invariants: every change has the next number, also across a restart of supervise; nothing is built while
// nobody listens.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "foster/service_status.h"
#include "supervise/engine_driver.h"
#include "supervise/notes.h"

namespace foster {

class Publisher {
 public:
  using Listener = std::function<void(const EventRecord& event)>;

  Publisher(const EngineDriver& driver, const Plan& plan) : driver_(driver), plan_(plan) {}
  void SetSavepoint(Savepoint* savepoint) { savepoint_ = savepoint; }
  // What the last failed probe of a service said.
  void SetNextDue(std::function<WallNanos(const std::string&)> due) { next_due_ = std::move(due); }
  void SetProbeText(std::function<std::string(const std::string&)> text) { probe_text_ = std::move(text); }
  // Takes secrets of a service out of a text that came from it.
  void SetHide(std::function<void(const std::string&, std::string*)> hide) { hide_ = std::move(hide); }
  void SetNotes(const Notes* notes) { notes_ = notes; }
  // At most one; nullptr = nobody listens.
  void Listen(Listener listener) { listener_ = std::move(listener); }

  void Changed(ServiceId id);
  void Removed(const std::string& name);
  void Workload(const std::string& text);
  void Message(const std::string& text);
  void Shutdown(const std::string& text);

  std::uint64_t sequence() const { return savepoint_->header().event_sequence; }
  ServiceStatus StatusOf(ServiceId id) const;
  std::vector<WorkloadStatus> Workloads() const;
  std::string CauseOf(ServiceId id) const;

 private:
  void Publish(EventRecord event);
  std::string SourceOf(const ServiceSpec& spec) const;
  void FillStart(const ServiceSpec& spec, const ServiceRecord& record, ServiceStatus* status) const;
  static void FillFiles(const ServiceSpec& spec, ServiceStatus* status);
  void FillTimes(ServiceId id, ServiceStatus* status) const;

  const EngineDriver& driver_;
  const Plan& plan_;
  Savepoint* savepoint_ = nullptr;
  Listener listener_;
  std::function<WallNanos(const std::string&)> next_due_;
  std::function<std::string(const std::string&)> probe_text_;
  std::function<void(const std::string&, std::string*)> hide_;
  const Notes* notes_ = nullptr;
};

}  // namespace foster
