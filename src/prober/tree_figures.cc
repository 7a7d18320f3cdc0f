// SPDX-License-Identifier: MIT
#include "prober/tree_figures.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>

#include "prober/process_files.h"
#include "prober/process_list.h"
#include "prober/socket_list.h"

namespace foster {
namespace {

using Members = std::vector<const ProcessEntry*>;

// The sockets of each network namespace that a process is in, read once each.
class Networks {
 public:
  Networks() : own_(NetNamespace(getpid()).value_or(0)) {}
  const SocketList& Of(std::int32_t pid) {
    const std::uint64_t space = NetNamespace(pid).value_or(own_);
    auto found = lists_.find(space);
    if (found == lists_.end()) found = lists_.emplace(space, SocketList::Read(space == own_ ? 0 : pid)).first;
    return found->second;
  }

 private:
  std::uint64_t own_;
  std::map<std::uint64_t, SocketList> lists_;
};

// Adds to *sum what the file says; *sum is null from the first process on that refuses.
void Sum(std::int32_t pid, const char* file, std::initializer_list<const char*> words,
         std::initializer_list<std::optional<std::uint64_t>*> sums) {
  const auto text = ReadProcessFile(pid, file);
  auto sum = sums.begin();
  for (const char* word : words) {
    const auto number = text.ok() ? NumberBehind(*text, word) : std::nullopt;
    const bool is_gone = text.ok() ? text->empty() : IsGone(text.error());
    if (number && **sum) {
      **sum = ***sum + *number;
    } else if (!is_gone) {
      **sum = std::nullopt;
    }
    ++sum;
  }
}

void AddPorts(const ProcessEntry& process, Networks& networks, std::vector<PortFigure>* ports) {
  const auto inodes = SocketInodes(process.pid);
  if (!inodes.ok() || inodes->empty()) return;
  const SocketList& sockets = networks.Of(process.pid);
  for (std::uint64_t inode : *inodes) {
    const SocketEntry* socket = sockets.OfInode(inode);
    if (socket == nullptr || !socket->is_listening) continue;
    PortFigure port{socket->protocol, AddressOf(*socket), process.pid};
    const bool is_known = std::any_of(ports->begin(), ports->end(), [&port](const PortFigure& known) {
      return known.protocol == port.protocol && known.address == port.address;
    });
    if (!is_known && ports->size() < kMaxPortsPerTree) ports->push_back(std::move(port));
  }
}

ServiceFigures Measure(const TreeId& tree, const Members& members, Networks& networks) {
  static const auto kTicks = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  static const auto kPage = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  ServiceFigures figures;
  figures.name = tree.name;
  std::optional<std::uint64_t> pss_kib = 0;
  figures.read_bytes = figures.written_bytes = 0;
  std::uint64_t ticks = 0;
  for (const ProcessEntry* process : members) {
    ++figures.processes;
    figures.threads += process->threads;
    ticks += process->cpu_ticks;
    figures.rss_bytes += process->rss_pages * kPage;
    Sum(process->pid, "smaps_rollup", {"\nPss:"}, {&pss_kib});
    Sum(process->pid, "io", {"\nread_bytes:", "\nwrite_bytes:"},
        {&figures.read_bytes, &figures.written_bytes});
    AddPorts(*process, networks, &figures.ports);
  }
  figures.cpu_ms = ticks * 1000 / kTicks;
  if (pss_kib) figures.pss_bytes = *pss_kib * 1024;
  return figures;
}

}  // namespace

std::vector<ServiceFigures> FiguresOf(const std::vector<TreeId>& trees) {
  const ProcessList list = ProcessList::Read();
  const auto members = list.Members(trees);
  Networks networks;
  std::vector<ServiceFigures> figures;
  for (std::size_t i = 0; i < trees.size(); ++i) figures.push_back(Measure(trees[i], members[i], networks));
  return figures;
}

ServiceFigures PortsOf(const TreeId& tree) {
  const ProcessList list = ProcessList::Read();
  Networks networks;
  ServiceFigures figures;
  figures.name = tree.name;
  const auto members = list.Members({tree});  // held: a loop over its first element alone would outlive it
  for (const ProcessEntry* process : members[0]) {
    ++figures.processes;
    AddPorts(*process, networks, &figures.ports);
  }
  return figures;
}

Seen LookForListener(const TreeId& tree) {
  const ServiceFigures figures = PortsOf(tree);
  for (const PortFigure& port : figures.ports)
    if (port.protocol.substr(0, 3) == "tcp") return {true, "listens on " + port.address};
  if (figures.processes == 0) return {false, "no process of " + tree.name + " is there"};
  const std::string count = std::to_string(figures.processes);
  return {false, "no TCP socket listens in " + count + (figures.processes == 1 ? " process" : " processes")};
}

}  // namespace foster
