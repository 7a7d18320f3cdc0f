// SPDX-License-Identifier: MIT
#include "prober/process_list.h"

#include <dirent.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "prober/process_files.h"

namespace foster {

bool ParseStat(const std::string& text, ProcessEntry* entry) {
  const std::size_t after_name = text.rfind(')');
  if (after_name == std::string::npos) return false;
  unsigned long long user = 0;
  unsigned long long system = 0;
  long long user_of_children = 0;
  long long system_of_children = 0;
  unsigned long long memory = 0;
  long long resident = 0;
  const int fields =
      std::sscanf(text.c_str() + after_name + 1,
                  " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld %*d %*d %u %*d %*u %llu %lld",
                  &entry->run_state, &entry->parent, &entry->group, &entry->session, &user, &system,
                  &user_of_children, &system_of_children, &entry->threads, &memory, &resident);
  if (fields != 11) return false;
  entry->pid = std::atoi(text.c_str());
  entry->cpu_ticks = user + system + static_cast<std::uint64_t>(std::max(0LL, user_of_children)) +
                     static_cast<std::uint64_t>(std::max(0LL, system_of_children));
  entry->rss_pages = static_cast<std::uint64_t>(std::max(0LL, resident));
  entry->has_memory = memory != 0;
  return true;
}

ProcessList ProcessList::Read() {
  ProcessList list;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir("/proc"), closedir);
  if (!directory) return list;
  while (const dirent* each = readdir(directory.get())) {
    if (each->d_name[0] < '1' || each->d_name[0] > '9') continue;
    const auto text = ReadProcessFile(std::atoi(each->d_name), "stat");
    ProcessEntry entry;
    if (!text.ok() || !ParseStat(*text, &entry)) continue;
    if (entry.run_state == 'Z' || entry.run_state == 'X') continue;
    list.by_pid_.emplace(entry.pid, list.entries_.size());
    list.entries_.push_back(entry);
  }
  return list;
}

// Finds the tree of each process. kNone is final only after the last pass.
class ProcessList::Sorter {
 public:
  static constexpr int kNone = -1;
  static constexpr int kUnknown = -2;

  Sorter(const ProcessList& list, const std::vector<TreeId>& trees) : list_(list) {
    for (std::size_t i = 0; i < trees.size(); ++i) {
      const int tree = static_cast<int>(i);
      if (trees[i].pid > 0) by_leader_.emplace(trees[i].pid, tree);
      if (trees[i].tag != 0) by_tag_.emplace(trees[i].tag, tree);
      by_entry_.emplace(trees[i].name + "/" + std::to_string(trees[i].incarnation), tree);
    }
  }

  // The cheap signs first: the environment is only read of those that nothing else tells of.
  std::vector<int> Sort() {
    trees_.assign(list_.entries_.size(), kUnknown);
    for (std::size_t i = 0; i < trees_.size(); ++i) trees_[i] = OfItself(list_.entries_[i]);
    const std::vector<int> itself = trees_;
    Descend();
    std::vector<int> tagged = itself;
    for (std::size_t i = 0; i < trees_.size(); ++i)
      if (trees_[i] == kNone && list_.entries_[i].has_memory)
        tagged[i] = Find(by_entry_, ServiceEntry(list_.entries_[i].pid));
    trees_ = std::move(tagged);
    Descend();
    return trees_;
  }

 private:
  template <class Key>
  static int Find(const std::map<Key, int>& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? kUnknown : found->second;
  }

  int OfItself(const ProcessEntry& entry) const {
    for (std::int32_t number : {entry.pid, entry.session, entry.group})
      if (const int tree = Find(by_leader_, number); tree != kUnknown) return tree;
    if (by_tag_.empty() || !entry.has_memory) return kUnknown;
    return Find(by_tag_, TreeTag(entry.pid));
  }

  // Up from each until one is known. Parents that changed while /proc was read could form a ring.
  void Descend() {
    std::vector<std::size_t> way;
    for (std::size_t i = 0; i < trees_.size(); ++i) {
      way.clear();
      int tree = kNone;
      for (std::size_t at = i; way.size() <= trees_.size();) {
        if (trees_[at] != kUnknown) {
          tree = trees_[at];
          break;
        }
        way.push_back(at);
        const auto parent = list_.by_pid_.find(list_.entries_[at].parent);
        if (list_.entries_[at].parent <= 1 || parent == list_.by_pid_.end()) break;
        at = parent->second;
      }
      for (std::size_t each : way) trees_[each] = tree;
    }
  }

  const ProcessList& list_;
  std::map<std::int32_t, int> by_leader_;
  std::map<std::uint64_t, int> by_tag_;
  std::map<std::string, int> by_entry_;
  std::vector<int> trees_;
};

std::vector<std::vector<const ProcessEntry*>> ProcessList::Members(const std::vector<TreeId>& trees) const {
  std::vector<std::vector<const ProcessEntry*>> members(trees.size());
  const std::vector<int> sorted = Sorter(*this, trees).Sort();
  for (std::size_t i = 0; i < sorted.size(); ++i)
    if (sorted[i] >= 0) members[static_cast<std::size_t>(sorted[i])].push_back(&entries_[i]);
  for (auto& tree : members)
    std::sort(tree.begin(), tree.end(), [](const auto* a, const auto* b) { return a->pid < b->pid; });
  return members;
}

}  // namespace foster
