// SPDX-License-Identifier: MIT
// InitState: everything that PID 1 knows and must not forget, in one shared memory of fixed layout. Not: what
// can be made anew at any time (epoll, signalfd, the environment). Used by every file of init.
// Invariants: no pointers inside; the layout belongs to kStateVersion (StateHeader never changes, so that any
// version can hand over to any other); a slot whose key_hash is 0 is free; pids[i] is not 0 exactly while
// child i has not been reaped; the fd numbers in here are the only fds that survive a re-exec.
#pragma once

#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>

#include "foster/init_protocol.h"

namespace foster::init {

inline constexpr uint32_t kStateMagic = 0x54534e49;  // "INST"
inline constexpr uint32_t kStateVersion = 2;
inline constexpr uint32_t kDeathsRemembered = 5;

enum Tell : uint8_t { kTellSpawned = 1, kTellFailed = 2, kTellExited = 4, kTellGone = 8 };

struct Child {
  ChildKey key;
  uint32_t state;  // ChildState
  int32_t pid;     // kept after the reap: the number of the group
  uint32_t stage;  // written by the child itself when its set-up fails
  int32_t error;
  int32_t status;
  int32_t exec_fd;        // read end of the exec pipe; -1
  uint32_t group_pinned;  // after the reap: a child of ours has been in the group ever since
  uint32_t check_linger;  // reaped, not yet looked at what it left
  uint32_t is_adopted;    // the pid is that of a process of its tree, whose group may be another
  uint64_t start_time;
  Usage usage;
};

struct StoreEntry {
  char name[kMaxNameLength];
  int32_t fds[2];
};

// The request being handled. It stays here while it is handled, so that a fault in the midst of it loses
// nothing: the next image does it again, once.
struct CurrentRequest {
  uint32_t active;
  uint32_t attempts;
  uint32_t fd_count;
  int32_t fds[kMaxMessageFds];
  Message message;
};

// What the snapshot for a new supervise has come to: hello, one step per slot of both tables, the end.
inline constexpr uint32_t kSnapshotChildren = 1;
inline constexpr uint32_t kSnapshotStore = kSnapshotChildren + kMaxChildren;
inline constexpr uint32_t kSnapshotEnd = kSnapshotStore + kMaxStoreEntries;
inline constexpr uint32_t kSnapshotDone = kSnapshotEnd + 1;

struct SuperviseState {
  int32_t pid;  // 0: none
  int32_t channel;
  int32_t exec_error;  // written by the child when it cannot execute foster
  uint32_t safe;
  uint32_t delay_step;
  uint32_t death_count;
  uint32_t said_failure;
  int64_t deaths[kDeathsRemembered];
  int64_t restart_at;  // 0: not due
  int64_t kill_at;     // it closed its channel and did not end
  int64_t ready_at;    // when this supervise said that it works; 0: not yet
  uint32_t snapshot;   // kSnapshot...
};

enum CommandPhase : uint32_t { kCommandNone, kCommandWaiting, kCommandRunning, kCommandEnded };

struct CommandState {
  uint32_t phase;
  int32_t pid;
  int32_t status;
  uint32_t tell;
  int64_t start_at;
  int32_t terminal_group;  // who had the terminal before; 0: nothing was taken
};

enum StopPhase : uint32_t { kStopNone, kStopOrdered, kStopTerm, kStopKill };

struct StopState {
  uint32_t phase;
  int32_t finish_value;
  int64_t deadline;
  int64_t budget;
  int64_t look_again;  // only processes that are no children of ours are left
};

// What the children get back.
struct Original {
  sigset_t mask;
  struct rlimit files;
  int32_t oom_score_adj;
  uint32_t has_oom_score;
};

// Of tree tags (tree_tag.h). Tag number n is base - (n + 1) * step.
struct TagState {
  uint64_t base;
  uint64_t step;
  uint64_t count;  // 0: there are none
  uint64_t next;
};

struct StateHeader {
  uint32_t magic;
  uint32_t version;
  uint64_t size;
  int32_t owner;       // pid
  int32_t own_fd;      // of this memory
  int32_t program_fd;  // the executable of the image that wrote this; -1
};

struct InitState {
  StateHeader header;
  uint32_t is_pid1;
  uint32_t reexecs;
  uint32_t faults;
  int64_t last_fault_at;
  int32_t fault_signal;  // why the next image starts; 0: asked for
  uint32_t child_top;    // slots below it have been used
  uint32_t store_top;
  uint32_t reply_pending;
  uint64_t signals_to_tell;
  int64_t send_again_at;
  Message reply;
  CurrentRequest current;
  SuperviseState supervise;
  CommandState command;
  StopState stop;
  Original original;
  TagState tags;
  int32_t pids[kMaxChildren];
  uint32_t key_hash[kMaxChildren];
  uint8_t tell[kMaxChildren];
  uint64_t tree_tags[kMaxChildren];  // 0: none
  Child children[kMaxChildren];
  uint32_t store_hash[kMaxStoreEntries];
  StoreEntry store[kMaxStoreEntries];
};

extern InitState* state;

// Maps the memory that an earlier image left at `fd`, or makes a new one. True: it goes on from the earlier.
// An upgrade whose layout is another cannot go on: then the program that wrote the memory is executed again.
bool OpenState(int fd);

uint32_t HashName(const char* name, uint32_t salt);
bool SameKey(const ChildKey& left, const ChildKey& right);
// Index of the slot with this very key; -1.
int FindChild(const ChildKey& key);
// Index of a spawning or live child of that name and role; -1.
int FindLive(const ChildKey& key);
int FindPid(int32_t pid);
// A free slot with `key` in it, in state kChildSpawning; -1: full.
int TakeSlot(const ChildKey& key);
void FreeSlot(int index);

}  // namespace foster::init
