// SPDX-License-Identifier: MIT
// StdinEnds: the stdin of services that have one (Stdin::kPipe, kTerminal): made anew for every incarnation,
// both ends held in init's store as "stdin:NAME", and written to. Not: what is written (StopPolicy::keys is
// the core's to ask for). Called by: Spawner, Effects, Boot. Invariants: a write never waits: what does not
// fit is left out and said; what a service prints on its terminal is read and dropped, so it never waits
// either.
#pragma once

#include <map>
#include <string>

#include "foster/service_spec.h"
#include "supervise/store.h"
#include "supervise/voice.h"
#include "sys/loop.h"

namespace foster {

class StdinEnds {
 public:
  StdinEnds(Loop& loop, Store& store, Voice& voice) : loop_(loop), store_(store), voice_(voice) {}
  ~StdinEnds();

  static bool Wants(const ServiceSpec& spec) { return spec.stdin_from != Stdin::kNull; }
  static std::string StoreName(const std::string& service) { return StoreNameOf("stdin:", service); }

  void Open(const ServiceSpec& spec);
  // False after Open: it could not be made.
  bool IsOpen(const std::string& service) const { return store_.Has(StoreName(service)); }
  void Write(const std::string& service, const std::string& bytes);
  void Resume(const ServiceSpec& spec);
  void Close(const std::string& service);

 private:
  void Drain(const std::string& service, UniqueFd master);
  void StopDraining(const std::string& service);

  Loop& loop_;
  Store& store_;
  Voice& voice_;
  std::map<std::string, UniqueFd> masters_;
};

}  // namespace foster
