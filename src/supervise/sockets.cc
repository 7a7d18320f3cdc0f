// SPDX-License-Identifier: MIT
#include "supervise/sockets.h"

#include <sys/epoll.h>

#include <algorithm>
#include <memory>

#include "sys/identity.h"
#include "sys/listen_sockets.h"

namespace foster {
namespace {

constexpr std::string_view kPrefix = "socket:";
constexpr std::string_view kNobody = "socket?";  // never in the store: the answer says that init is so far

bool IsFile(const SocketSpec& spec) {
  return spec.kind != SocketKind::kTcp && spec.kind != SocketKind::kUdp && !spec.path.starts_with('@');
}

// Of a unix socket: "user", "group".
std::pair<std::string, std::string> OwnerOf(const ServiceSpec& service, const SocketSpec& spec) {
  if (spec.owner.empty()) return {service.identity.user, service.identity.group};
  auto colon = spec.owner.find(':');
  if (colon == std::string::npos) return {spec.owner, ""};
  return {spec.owner.substr(0, colon), spec.owner.substr(colon + 1)};
}

// Everything that makes it another socket. Replicas share what they are declared with.
std::string StoreName(const ServiceSpec& service, const SocketSpec& spec) {
  std::string text = SocketText(spec) + "\n" + std::to_string(spec.backlog) + "\n" + spec.name + "\n" +
                     (spec.as_stdin ? "stdin" : "");
  if (IsFile(spec)) {
    auto [user, group] = OwnerOf(service, spec);
    text += "\n" + std::to_string(spec.mode) + "\n" + user + "\n" + group;
  }
  const std::string& declared = service.replica.of.empty() ? service.name : service.replica.of;
  return std::string(kPrefix) + HashText(declared) + ":" + HashText(text);
}

HeldFd HeldOf(const ServiceSpec& service, const SocketSpec& spec) {
  std::string name = spec.name.empty() ? service.name : spec.name;
  std::replace(name.begin(), name.end(), ':', '_');  // it parts the names of LISTEN_FDNAMES
  return {StoreName(service, spec), 0, name};
}

Result<UniqueFd> OpenOne(const ServiceSpec& service, const SocketSpec& spec) {
  SocketOwner owner;
  if (IsFile(spec)) {
    auto [user, group] = OwnerOf(service, spec);
    FOSTER_ASSIGN(NumericIdentity identity, ResolveIdentity(user, group));
    owner = {identity.uid, identity.gid};
  }
  return OpenListenSocket(spec, owner);
}

}  // namespace

Sockets::~Sockets() {
  if (epoll_) loop_.Unwatch(epoll_.get());
}

void Sockets::Use(const Plan& plan) {
  std::set<std::string> wanted;
  for (const ServiceSpec& service : plan.services)
    for (const SocketSpec& spec : service.sockets) wanted.insert(StoreName(service, spec));
  ++uses_;
  CloseOthers(wanted);
  OpenAll(plan);
}

void Sockets::CloseOthers(const std::set<std::string>& wanted) {
  std::vector<std::string> unwanted;
  const auto& names = store_.names();
  for (auto each = names.lower_bound(std::string(kPrefix)); each != names.end() && each->starts_with(kPrefix);
       ++each)
    if (wanted.count(*each) == 0) unwanted.push_back(*each);
  for (const std::string& name : unwanted) {
    store_.Get(name, [](InitChannel::Fds fds) {
      if (!fds.empty()) RemoveSocketFile(fds[0].get());
    });
    store_.Drop(name);
  }
}

// Behind what init has still to close: an address may only have moved to another service.
void Sockets::OpenAll(const Plan& plan) {
  auto services = std::make_shared<std::vector<ServiceSpec>>();
  for (const ServiceSpec& service : plan.services)
    if (!service.sockets.empty()) services->push_back(service);
  if (services->empty()) return;
  store_.Get(kNobody, [this, services, use = uses_](InitChannel::Fds) {
    if (use != uses_) return;                                          // another plan has come
    for (const ServiceSpec& service : *services) (void)Open(service);  // its spawn says what is wrong
  });
}

std::optional<SpawnProblem> Sockets::Open(const ServiceSpec& service) {
  for (const SocketSpec& spec : service.sockets) {
    std::string name = StoreName(service, spec);
    if (store_.Has(name)) continue;
    auto opened = OpenOne(service, spec);
    if (!opened.ok()) {
      int code = opened.error().code();
      std::string holder = code == EADDRINUSE ? Holder(spec, service.name) : "";
      return SpawnProblem{kStageSocket, code,
                          opened.error().message() + (holder.empty() ? "" : " by " + holder)};
    }
    auto shared = std::make_shared<UniqueFd>(std::move(*opened));
    store_.Put(name, [shared](InitChannel::Fds* fds) {
      fds->push_back(std::move(*shared));
      return true;
    });
  }
  return std::nullopt;
}

// Another service of foster that asks for the same; who else it may be is not looked for.
std::string Sockets::Holder(const SocketSpec& spec, const std::string& service) const {
  const Engine& engine = driver_.engine();
  for (ServiceId id = 0; id < engine.capacity(); ++id) {
    if (!engine.Exists(id) || engine.spec(id).name == service) continue;
    for (const SocketSpec& other : engine.spec(id).sockets)
      if (SocketText(other) == SocketText(spec) && store_.Has(StoreName(engine.spec(id), other)))
        return engine.spec(id).name;
  }
  return "";
}

std::vector<HeldFd> Sockets::FdsOf(const ServiceSpec& service) {
  std::vector<HeldFd> held;
  for (const SocketSpec& spec : service.sockets)
    if (!spec.as_stdin) held.push_back(HeldOf(service, spec));
  return held;
}

std::optional<HeldFd> Sockets::StdinOf(const ServiceSpec& service) {
  for (const SocketSpec& spec : service.sockets)
    if (spec.as_stdin) return HeldOf(service, spec);
  return std::nullopt;
}

// ---- waiting for the first connection

std::optional<SpawnProblem> Sockets::Await(const ServiceSpec& service) {
  if (auto problem = Open(service)) return problem;
  if (!StartWatching()) return SpawnProblem{kStageSocket, EMFILE, "nothing to watch its sockets with"};
  StopAwaiting(service.name);
  std::uint64_t token = ++last_token_;
  waiting_[service.name].token = token;
  names_[token] = service.name;
  for (const SocketSpec& spec : service.sockets)
    store_.Get(StoreName(service, spec), [this, name = service.name, token](InitChannel::Fds fds) {
      Watch(name, token, std::move(fds));
    });
  return std::nullopt;
}

bool Sockets::StartWatching() {
  if (epoll_) return true;
  epoll_ = UniqueFd(epoll_create1(EPOLL_CLOEXEC));
  return epoll_ && loop_.Watch(epoll_.get(), kReadable, [this](unsigned) { OnReady(); }).ok();
}

void Sockets::Watch(const std::string& name, std::uint64_t token, InitChannel::Fds fds) {
  auto found = waiting_.find(name);
  if (fds.empty() || found == waiting_.end() || found->second.token != token) return;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = token;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fds[0].get(), &event) == 0)
    found->second.fds.push_back(std::move(fds[0]));
}

void Sockets::OnReady() {
  constexpr int kTurn = 64;
  epoll_event events[kTurn];
  int count = epoll_wait(epoll_.get(), events, kTurn, 0);
  for (int i = 0; i < count; ++i) {
    const std::uint64_t token = events[i].data.u64;  // lies unaligned in its struct
    auto found = names_.find(token);
    if (found == names_.end()) continue;
    std::string name = found->second;
    StopAwaiting(name);
    Event event{};
    event.kind = EventKind::kDemand;
    event.service = driver_.engine().Find(name);
    if (event.service != kNoService) driver_.Post(event);
  }
}

void Sockets::Changed(ServiceId id) {
  const std::string& name = driver_.NameOf(id);
  if (waiting_.count(name) == 0) return;
  const ServiceRecord& record = driver_.engine().record(id);
  bool waits = record.state == State::kWaiting && record.cause.kind == CauseKind::kDemand;
  if (!waits) StopAwaiting(name);
}

// The description of each socket lives on in init: it leaves the set only when it is taken out.
void Sockets::StopAwaiting(const std::string& name) {
  auto found = waiting_.find(name);
  if (found == waiting_.end()) return;
  for (const UniqueFd& fd : found->second.fds) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd.get(), nullptr);
  names_.erase(found->second.token);
  waiting_.erase(found);
}

}  // namespace foster
