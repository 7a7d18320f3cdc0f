// SPDX-License-Identifier: MIT
// The protocol between foster-init and foster supervise: fixed-layout messages, one per packet, over an
// AF_UNIX SOCK_SEQPACKET pair (fd number in $FOSTER_INIT_FD of supervise), fds as SCM_RIGHTS. Not: for
// clients (they use the control protocol). Both ends are the same build or one version apart: `version`.
// Rules: init never waits for supervise; what does not fit into the socket stays in init's tables and is sent
// when there is room (exits are kept in the child table until kForget). Everything is little: no message over
// 1 KiB. libc types only: init includes nothing else of foster.
#pragma once

#include <stdint.h>

namespace foster {

inline constexpr uint32_t kInitProtocolVersion = 2;
inline constexpr uint32_t kMaxChildren = 4608;       // live, lingering and not yet forgotten
inline constexpr uint32_t kMaxStoreEntries = 12288;  // fd store; each entry holds one or two fds
inline constexpr uint32_t kMaxNameLength = 120;      // with the final NUL
inline constexpr uint32_t kMaxMessageFds = 4;
inline constexpr uint32_t kMaxExtraFds = 64;
inline constexpr uint32_t kMaxSpawnPlanBytes = 4u << 20;

// Child roles: foster::Role (main, finish, down, stop) as numbers, then foster's own helpers.
enum ChildRole : uint32_t {
  kRoleMain = 0,
  kRoleFinish = 1,
  kRoleDown = 2,
  kRoleStop = 3,
  kRoleLoad = 4,
  kRoleCommand = 5,
  kRoleSupervise = 6,
  kRoleReadiness = 7,  // exec probes; the incarnation of their key is a number of their own
  kRoleLiveness = 8,
  kRoleCheck = 9,  // a probe that a person asked for
};

// Who a child is. At most one live child per (name, role): a second spawn is refused with kStageDuplicate.
struct ChildKey {
  char name[kMaxNameLength];  // full service name, NUL-terminated
  uint32_t role;
  uint32_t reserved;
  uint64_t incarnation;
};

// Where setting up a child failed. Order = order of the steps in the child.
enum SpawnStage : uint32_t {
  kStageNone = 0,
  kStageTableFull,
  kStageDuplicate,
  kStagePlan,
  kStageFork,
  kStageSocket,  // a listening socket could not be opened (supervise; nothing was sent to init)
  kStageSession,
  kStageTerminal,
  kStageStdio,
  kStageFds,
  kStageCgroup,
  kStageNamespace,  // private /tmp, pid namespace
  kStageRlimit,
  kStageNice,
  kStageIoPriority,
  kStageOomScore,
  kStageUmask,
  kStageChroot,
  kStageGroups,
  kStageGid,
  kStageUid,
  kStageNoNewPrivs,
  kStageCapabilities,
  kStageCwd,
  kStageExec,
  kStageCount,
};

enum MessageType : uint32_t {
  // supervise -> init
  kMsgSpawn = 1,   // key; fds[0] = sealed memfd with a SpawnPlan, fds[1..] = its kFdMessage sources in order
  kMsgSignal,      // key, signal, scope
  kMsgForget,      // key: the exit (or failed spawn) is recorded; the entry may be reused
  kMsgStorePut,    // store_name; 1 or 2 fds. Replaces an entry of that name
  kMsgStoreGet,    // store_name; answered by kMsgStoreEntry with the fds, or without any if unknown
  kMsgStoreDrop,   // store_name
  kMsgReady,       // supervise is at work: only ends that are its own fault count against it from here on
  kMsgRunCommand,  // the services have settled: start CMD now, if there is one
  kMsgFinish,  // everything ended in order: end the container; value = exit code (used when there is no CMD)
  kMsgReexec,  // init executes itself (upgrade), nothing lost
  kMsgShutdownBegun,  // value = total ms init may wait from now until it ends the container by force; 0 =
                      // keep its own
  kMsgAdopt,  // key, pid, start_time (0 = not known): that process is the main process from here on. Its own
              // main process
  // has ended and its tree lingers (kChildLingering); the pid must be in that tree. Answered by kMsgAdopted
  kMsgTreeQuery,  // key: answered by kMsgTreeGone, or kMsgTreeAlive with value = number of processes
  // init -> supervise
  kMsgHello = 100,  // value = flags (HelloFlags), pid = init's pid; first message
  kMsgChild,        // key, pid, start_time, child_state, status, rusage: one per table entry, after kMsgHello
  kMsgStoreEntry,  // store_name, value = number of fds; after kMsgHello: names only. After kMsgStoreGet: with
                   // fds
  kMsgSnapshotEnd,
  kMsgSpawned,      // key, pid, start_time: exec succeeded
  kMsgSpawnFailed,  // key, stage, error; the entry waits for kMsgForget
  kMsgExited,       // key, pid, status (as waitpid), rusage, value = 1 if other processes of its tree live
  kMsgTreeGone,     // key: the last process of a lingering tree is gone; the entry waits for kMsgForget
  kMsgTreeAlive,
  kMsgAdopted,          // key, pid, start_time; pid 0: it is gone, nobody's, or not of this tree. An adopted
                        // process's end is
                        // told by kMsgExited as if it had been the main process from the start
  kMsgContainerSignal,  // signal: what the container was sent (TERM, INT, HUP, ...), after init's own rule
  kMsgCommandExited,    // status: CMD ended; the container is to be ended in order
};

enum HelloFlags : uint32_t {
  kHelloPid1 = 1,        // init is PID 1 (else a subreaper)
  kHelloSafe = 2,        // supervise was started with --safe: seeds only
  kHelloHasCommand = 4,  // there is a CMD
  kHelloCommandRunning = 8,
  kHelloStopping = 16,  // the container is being ended
  kHelloReexeced = 32,  // init has executed itself at least once
};

enum ChildState : uint32_t {
  kChildFree = 0,
  kChildSpawning,  // forked, exec not yet confirmed
  kChildLive,
  kChildLingering,  // reaped; other processes of its tree live (pgid is pinned by a child of ours)
  kChildExited,     // status waits for kMsgForget
  kChildFailed,     // stage, error wait for kMsgForget
};

enum SignalScopeNumber : uint32_t { kScopeProcess = 0, kScopeGroup = 1, kScopeTree = 2 };

struct Usage {
  uint64_t user_us;
  uint64_t system_us;
  uint64_t max_rss_kib;
};

struct Message {
  uint32_t type;     // MessageType
  uint32_t version;  // kInitProtocolVersion
  ChildKey key;
  char store_name[kMaxNameLength];
  int32_t pid;
  int32_t signal;
  uint32_t scope;
  uint32_t child_state;
  int32_t status;
  uint32_t stage;
  int32_t error;
  uint32_t value;
  uint64_t start_time;  // field 22 of /proc/PID/stat; 0 if unknown
  uint64_t
      tree_tag;  // kMsgChild, kMsgSpawned: the RLIMIT_LOCKS (unused by the kernel) that every process of the
                 // tree inherits; with it a process is known that has shed session, group and environment
  Usage usage;
};
static_assert(sizeof(Message) < 1024);

// ---- spawn plan: a sealed memfd (F_SEAL_WRITE|GROW|SHRINK). All offsets are from the start of the plan and
// are checked against its size; strings are NUL-terminated inside it. Ids are numeric; `file` is absolute
// (PATH resolved).

enum FdSourceKind : uint32_t {
  kFdNull = 0,  // /dev/null (read-write)
  kFdInherit,   // init's own fd `value` (0, 1, 2)
  kFdMessage,   // the value-th extra fd of the kMsgSpawn packet (0 = fds[1])
  kFdStore,     // fd store entry: name at `name`, `value` 0 or 1
  kFdClosed,
};

struct FdSource {
  uint32_t kind;
  uint32_t value;
  uint32_t name;   // offset of the store name, for kFdStore
  int32_t target;  // fd number in the child; stdio uses 0, 1, 2
};

struct RlimitPlan {
  int32_t resource;
  uint32_t reserved;
  uint64_t soft;
  uint64_t hard;
};

enum SpawnFlags : uint32_t {
  kSpawnSession = 1,   // setsid(); else setpgid(0, 0)
  kSpawnTerminal = 2,  // fd 0 becomes the controlling terminal (session) or its foreground group (no session)
  kSpawnSetUid = 4,
  kSpawnSetGid = 8,
  kSpawnSetGroups = 16,
  kSpawnNoNewPrivs = 32,
  kSpawnSetNice = 64,
  kSpawnSetOomScore = 128,
  kSpawnSetUmask = 256,
  kSpawnBoundingSet = 512,
  kSpawnAmbientSet = 1024,
  kSpawnCgroup = 2048,  // cgroup_fd is valid: an index of kFdMessage with an open cgroup directory
  kSpawnSetIoPriority = 4096,
  kSpawnPrivateTmp = 8192,  // a mount namespace with an empty tmpfs on /tmp and /var/tmp
  kSpawnPrivatePids =
      16384,  // pid 1 of a new pid namespace, with a /proc of its own. Told by its pid outside
};
// An environment entry that is "LISTEN_PID=" and nothing more gets the child's own pid (as it sees itself)
// appended.

struct SpawnPlan {
  uint32_t magic;    // kSpawnPlanMagic
  uint32_t version;  // kInitProtocolVersion
  uint32_t size;     // of the whole memfd in use
  uint32_t flags;    // SpawnFlags
  uint32_t file;     // offset of the absolute path to execute
  uint32_t argv;     // offset of argc+1 uint32 offsets, the last 0
  uint32_t argc;
  uint32_t envp;  // offset of envc+1 uint32 offsets, the last 0
  uint32_t envc;
  uint32_t cwd;  // offset; 0 = stay in "/"
  FdSource stdio[3];
  uint32_t fds;       // offset of fd_count FdSource
  uint32_t fd_count;  // <= kMaxExtraFds
  uint32_t rlimits;   // offset of rlimit_count RlimitPlan
  uint32_t rlimit_count;
  uint32_t groups;  // offset of group_count uint32
  uint32_t group_count;
  uint32_t uid;
  uint32_t gid;
  uint32_t umask;
  int32_t nice;
  int32_t oom_score_adj;
  uint32_t cgroup_fd;
  uint32_t chroot;        // offset; 0 = none. `file` and `cwd` are inside
  uint32_t io_priority;   // as ioprio_set(2) takes it
  uint64_t bounding_set;  // capabilities kept in the bounding set
  uint64_t ambient_set;
};
inline constexpr uint32_t kSpawnPlanMagic = 0x4e4c5046;  // "FPLN"

}  // namespace foster
