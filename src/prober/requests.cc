// SPDX-License-Identifier: MIT
#include "prober/requests.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "prober/socket_list.h"
#include "prober/tree_figures.h"
#include "sys/clock.h"

namespace foster {

struct ProberRequests::Job {
  ProberRequest request;
  Deadlines::Key limit{};
  std::uint64_t work = 0;  // of the workers
  std::unique_ptr<NetworkProbe> network;
  std::shared_ptr<LogWatch> log;
  bool is_looking = false;  // at the log, in a worker
  bool look_again = false;
};

ProberRequests::ProberRequests(Loop& loop, Deadlines& deadlines, Workers& workers,
                               std::shared_ptr<const LogTable> logs,
                               std::function<void(ProberAnswer)> on_answer)
    : loop_(loop),
      deadlines_(deadlines),
      workers_(workers),
      logs_(std::move(logs)),
      on_answer_(std::move(on_answer)) {}

ProberRequests::~ProberRequests() { DropAll(); }

void ProberRequests::On(ProberRequest request) {
  if (request.verb == ProberVerb::kCancel) return request.id == 0 ? DropAll() : Drop(request.id);
  if (request.verb == ProberVerb::kLogGrew) return LookAtAllLogs();
  Drop(request.id);  // asked again: the older one is forgotten
  if (jobs_.size() >= kMost) return on_answer_({request.id, false, "too many requests at once", {}});
  auto made = std::make_unique<Job>();
  made->request = std::move(request);
  Job& job = *made;
  jobs_.emplace(job.request.id, std::move(made));
  Begin(job);
}

void ProberRequests::Begin(Job& job) {
  switch (job.request.verb) {
    case ProberVerb::kProbe:
      return BeginProbe(job);
    case ProberVerb::kQuiet:
      return BeginQuiet(job);
    case ProberVerb::kFigures:
      return BeginFigures(job);
    case ProberVerb::kPorts:
      return BeginPorts(job);
    case ProberVerb::kLogGrew:
    case ProberVerb::kCancel:
      return;
  }
}

void ProberRequests::BeginProbe(Job& job) {
  const Probe& probe = job.request.probe;
  switch (probe.kind) {
    case ProbeKind::kTcp:
    case ProbeKind::kHttp:
      job.network = std::make_unique<NetworkProbe>(
          loop_, deadlines_, workers_, probe,
          [this, &job](bool ok, std::string text) { Answer(job, ok, std::move(text)); });
      SetLimit(job, probe.timeout, job.network->what());
      return job.network->Start();
    case ProbeKind::kFile:
      return BeginFile(job);
    case ProbeKind::kLogLine:
      return BeginLogLine(job);
    case ProbeKind::kListen:
      return BeginListen(job);
    case ProbeKind::kNone:
    case ProbeKind::kExec:
      return Answer(job, false, "the prober does not run probes of kind " + std::string(NameOf(probe.kind)));
  }
}

void ProberRequests::SetLimit(Job& job, Millis limit, std::string what) {
  job.limit = deadlines_.Add(After(MonoNow(), limit), [this, &job, limit, what] {
    Answer(job, false, what + ": no answer within " + std::to_string(limit.count()) + " ms");
  });
}

template <class T>
void ProberRequests::InWorker(Job& job, std::string key, std::function<T()> look,
                              std::function<void(Job&, T)> then) {
  auto seen = std::make_shared<T>();
  job.work = workers_.Start(
      std::move(key), [seen, look = std::move(look)] { *seen = look(); },
      [&job, seen, then = std::move(then)] {
        job.work = 0;
        then(job, std::move(*seen));
      });
}

void ProberRequests::BeginFile(Job& job) {
  const std::string path = job.request.probe.file;
  SetLimit(job, job.request.probe.timeout, path);
  InWorker<int>(
      job, "file " + path,
      [path] {
        struct stat info {};
        return stat(path.c_str(), &info) == 0 ? 0 : errno;
      },
      [this, path](Job& done, int error) {
        Answer(done, error == 0, error == 0 ? path + " exists" : path + ": " + std::strerror(error));
      });
}

void ProberRequests::BeginListen(Job& job) {
  const TreeId tree = job.request.tree;
  SetLimit(job, job.request.probe.timeout, "the sockets of " + tree.name);
  InWorker<Seen>(
      job, "listen " + tree.name, [tree] { return LookForListener(tree); },
      [this](Job& done, Seen seen) { Answer(done, seen.ok, std::move(seen.text)); });
}

// ---- log lines

void ProberRequests::BeginLogLine(Job& job) {
  const Probe& probe = job.request.probe;
  if (logs_ == nullptr) return Answer(job, false, "cannot read the logs: they were not handed over");
  auto matcher = LineMatcher::Make(probe.pattern, probe.is_regex);
  if (!matcher.ok()) return Answer(job, false, matcher.error().message());
  job.log = std::make_shared<LogWatch>(logs_, job.request.tree, std::move(*matcher));
  LookAtLog(job);
}

// A text is found on the spot. A pattern may take as long as it likes, so that is for a worker.
void ProberRequests::LookAtLog(Job& job) {
  if (!job.request.probe.is_regex) return OnLooked(job, job.log->Look());
  if (std::exchange(job.is_looking, true)) {
    job.look_again = true;
    return;
  }
  InWorker<std::optional<std::string>>(
      job, "log " + std::to_string(job.request.id), [log = job.log] { return log->Look(); },
      [this](Job& done, std::optional<std::string> line) {
        done.is_looking = false;
        OnLooked(done, std::move(line));
      });
}

void ProberRequests::OnLooked(Job& job, std::optional<std::string> line) {
  if (line) return Answer(job, true, "wrote '" + *line + "'");
  if (!job.log->has_more() && !std::exchange(job.look_again, false)) return;
  const std::uint64_t id = job.request.id;  // the rest in a later turn: others come in between
  deadlines_.Add(MonoNow(), [this, id] {
    const auto found = jobs_.find(id);
    if (found != jobs_.end() && found->second->log) LookAtLog(*found->second);
  });
}

void ProberRequests::LookAtAllLogs() {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, job] : jobs_)
    if (job->log) ids.push_back(id);
  for (std::uint64_t id : ids) LookAtLog(*jobs_.at(id));
}

// ---- sockets and figures

void ProberRequests::BeginQuiet(Job& job) {
  SetLimit(job, kFiguresLimit, "the table of sockets");
  InWorker<std::string>(
      job, "quiet " + std::to_string(job.request.id),
      [sockets = job.request.sockets] {
        const SocketList list = SocketList::Read(0);
        for (const SocketSpec& spec : sockets)
          if (std::string why = list.WhyNotQuiet(spec); !why.empty()) return why;
        return std::string();
      },
      [this](Job& done, std::string why) { Answer(done, why.empty(), why.empty() ? "quiet" : why); });
}

void ProberRequests::BeginFigures(Job& job) {
  auto& trees = job.request.trees;
  if (trees.size() > kMaxFiguresPerPacket || trees.empty())
    return Answer(job, false, "wanted figures of 1.." + std::to_string(kMaxFiguresPerPacket) + " trees");
  SetLimit(job, kFiguresLimit, "the figures of " + trees.front().name);
  InWorker<std::vector<ServiceFigures>>(
      job, "figures " + trees.front().name, [trees] { return FiguresOf(trees); },
      [this](Job& done, std::vector<ServiceFigures> figures) { OnFigures(done, std::move(figures)); });
}

void ProberRequests::OnFigures(Job& job, std::vector<ServiceFigures> figures) {
  const MonoTime now = MonoNow();
  for (std::size_t i = 0; i < figures.size(); ++i)
    figures[i].cpu_percent =
        shares_.Since(figures[i].name, job.request.trees[i].incarnation, figures[i].cpu_ms, now);
  Answer(job, true, "", std::move(figures));
}

void ProberRequests::BeginPorts(Job& job) {
  const TreeId tree = job.request.tree;
  SetLimit(job, kFiguresLimit, "the sockets of " + tree.name);
  InWorker<ServiceFigures>(
      job, "ports " + tree.name, [tree] { return PortsOf(tree); },
      [this](Job& done, ServiceFigures figures) { Answer(done, true, "", {std::move(figures)}); });
}

// ---- the end of a request

void ProberRequests::Answer(Job& job, bool ok, std::string text, std::vector<ServiceFigures> figures) {
  const std::uint64_t id = job.request.id;
  const auto found = jobs_.find(id);
  if (found == jobs_.end() || found->second.get() != &job) return;
  Drop(id);
  on_answer_({id, ok, std::move(text), std::move(figures)});
}

void ProberRequests::DropAll() {
  while (!jobs_.empty()) Drop(jobs_.begin()->first);
}

void ProberRequests::Drop(std::uint64_t id) {
  auto found = jobs_.extract(id);
  if (found.empty()) return;
  Job& job = *found.mapped();
  deadlines_.Remove(job.limit);
  if (job.work != 0) workers_.Cancel(job.work);
  if (dropped_.empty()) deadlines_.Add(MonoNow(), [this] { dropped_.clear(); });
  dropped_.push_back(std::move(found.mapped()));
}

}  // namespace foster
