// SPDX-License-Identifier: MIT
#include "formats/service_directory.h"

#include <filesystem>

#include "formats/directory_files.h"
#include "formats/foster_variables.h"
#include "formats/foster_yaml.h"
#include "formats/logger_script.h"
#include "formats/replicas.h"
#include "formats/report.h"
#include "formats/scalar_values.h"
#include "formats/shlex.h"
#include "formats/suggest.h"

namespace foster {
namespace {

namespace fs = std::filesystem;

// Files that s6-rc knows and foster does not do yet.
constexpr const char* kNotYetFiles[] = {
    "producer-for", "consumer-for", "pipeline-name", "flag-essential",
    "lock-fd",      "down-command", "reload",        "reload-signal",
};

std::string BaseName(std::string_view path) {
  std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

// "#!PROGRAM ARGUMENT" of a script's first line.
struct Interpreter {
  bool is_there = false;
  std::string program, argument;
};

Interpreter ReadInterpreter(const TextSource& source) {
  std::string_view line = source.Line(1);
  if (line.substr(0, 2) != "#!") return {};
  line = Strip(line.substr(2));
  std::size_t blank = std::min(line.find_first_of(" \t"), line.size());
  return {true, std::string(line.substr(0, blank)), std::string(Strip(line.substr(blank)))};
}

class DirectoryReader {
 public:
  DirectoryReader(const std::string& directory, const ReadOptions& options, Fragment& fragment)
      : report_(&fragment.diagnostics),
        files_(directory, report_),
        options_(options),
        fragment_(fragment),
        name_(BaseName(directory)) {}

  void Run() {
    std::error_code error;
    fs::directory_iterator probe(files_.directory(), error);
    if (error) {
      files_.Error("", "cannot read " + files_.directory() + ": " + error.message());
      return Broken();
    }
    bool is_reserved = name_.rfind("s6rc-", 0) == 0 || name_.rfind("s6-rc-", 0) == 0;
    if (is_reserved)
      files_.Error("", "identifier " + name_ + " starts with reserved prefix", "rename the directory");
    auto type = files_.FirstLine("type");
    if (!type) {
      if (!files_.Has("type"))
        files_.Error("type", "no file 'type' in " + files_.directory(),
                     "write longrun, oneshot, bundle or workload into it");
      return Broken();
    }
    if (*type == "longrun") return Longrun();
    if (*type == "oneshot") return Oneshot();
    if (*type == "bundle") return ReadBundle();
    if (*type == "workload") return ReadWorkloadType();
    std::string hint = DidYouMean(*type, {"longrun", "oneshot", "bundle", "workload"});
    files_.Error(Origin{files_.Path("type"), 1, 1},
                 "invalid type " + Quote(*type) + ": must be longrun, oneshot, bundle or workload", hint);
    Broken();
  }

 private:
  Origin Place() const { return Origin{files_.directory(), 0, 0}; }

  ServiceSpec NewSpec(ServiceType type) {
    ServiceSpec spec;
    spec.name = name_;
    spec.type = type;
    spec.directory = files_.directory();
    spec.origin = Place();
    spec.run.cwd = files_.directory();
    return spec;
  }

  void Broken() { Add(NewSpec(ServiceType::kLongrun)); }

  void Add(ServiceSpec spec) {
    for (const char* file : kNotYetFiles)
      if (files_.Has(file))
        report_.Warning(Origin{files_.Path(file), 0, 0}, "foster does not do '" + std::string(file) + "' yet",
                        LoggerHint(file));
    if (files_.Has("log/run"))
      report_.Warning(Origin{files_.Path("log"), 0, 0}, "foster does not run the logger in 'log'",
                      InsteadOf(files_.Path("log/run"), name_));
    const FosterYaml read = ReadFosterFile(spec);
    const std::uint32_t replicas = std::max(read.replicas, 1u);
    const std::uint32_t count = ScaleOf(options_.scale, "", name_).value_or(replicas);
    LogSpec probe = spec.log;
    if (std::string why = NumberLogs(probe, 0, count); !why.empty())
      files_.Error(read.log, why, "write {replica} into it");
    spec.broken = files_.fault();
    if (!spec.broken.empty()) spec.run.argv.clear();
    for (ServiceSpec& each : Replicate(spec, count)) {
      bool gets_name = each.type == ServiceType::kLongrun && !each.run.argv.empty();
      if (gets_name) each.run.argv.back() = each.name;
      fragment_.services.push_back(std::move(each));
    }
  }

  // What to write where s6-rc would have a pipe to a logger.
  std::string LoggerHint(const std::string& file) {
    const std::string beside = files_.directory() + "/../";
    if (file == "producer-for") {
      auto logger = files_.FirstLine(file);
      return logger && IsSibling(*logger) ? InsteadOf(beside + *logger + "/run", name_) : "";
    }
    if (file != "consumer-for") return {};
    auto producer = files_.FirstLine(file);
    return InsteadOf(files_.Path("run"), producer && !producer->empty() ? *producer : "the producer");
  }

  static bool IsSibling(const std::string& name) {
    return !name.empty() && name[0] != '.' && name.find('/') == std::string::npos;
  }

  std::string InsteadOf(const std::string& run, const std::string& producer) const {
    auto text = ReadConfigFile(run);
    std::string script = text.ok() ? LoggerScript(*text) : "";
    if (script.empty() || script.find('"') != std::string::npos) script = "T /var/log/" + producer;
    return "write this into foster.yaml of " + producer + ": 'log: {s6: \"" + script + "\"}'";
  }

  // foster.yaml: what the other files cannot say. Its word is the last one.
  FosterYaml ReadFosterFile(ServiceSpec& spec) {
    std::vector<Diagnostic> found;
    Report report(&found);
    FosterYaml read;
    YamlNode::Pointer root;
    std::map<std::string, std::string> variables = options_.variables;
    variables.insert(options_.environment.begin(), options_.environment.end());
    FosterDialect dialect;
    dialect.variables = &variables;
    const TextSource* source = files_.Read("foster.yaml");
    if (source) {
      std::size_t mark = source->text().substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0;
      root = ParseYaml(
          source->text().substr(mark), [&](std::size_t offset) { return source->At(mark + offset); }, report);
      if (root) read = ReadFosterYaml(*root, dialect, report, spec);
    }
    FillWorkingDirectories(spec);
    ReportSpecFaults(spec, root.get(), read, source ? source->Whole() : Place(), report);
    for (const Diagnostic& diagnostic : found) files_.Take(diagnostic);
    return read;
  }

  // `base` is what s6-overlay adds to every container; here it holds at once. Whether it is defined is seen
  // by the directory beside this one.
  std::vector<Gate> Gates() {
    std::vector<Gate> gates;
    std::error_code error;
    bool has_base = fs::exists(fs::path(files_.directory()).parent_path() / "base", error);
    for (const std::string& name : files_.Names("dependencies.d")) {
      if (name == "base" && !has_base) continue;
      gates.push_back({name, GateKind::kReady, Origin{files_.Path("dependencies.d/" + name), 0, 0}});
    }
    if (!files_.Has("dependencies.d"))
      OldList("dependencies", [&](const std::string& name, const Origin& origin) {
        if (name != "base" || has_base) gates.push_back({name, GateKind::kReady, origin});
      });
    return gates;
  }

  // The older form: one name per line, '#' begins a comment.
  template <class Take>
  void OldList(const std::string& file, Take take) {
    const TextSource* source = files_.Read(file);
    if (!source) return;
    for (std::size_t line = 1; line <= source->line_count(); ++line) {
      std::string_view name = Strip(source->Line(line));
      if (!name.empty() && name[0] != '#')
        take(std::string(name), Origin{source->path(), static_cast<std::uint32_t>(line), 1});
    }
  }

  // A file name that means: wait this long. Absent: as `otherwise`; 0: without end.
  Millis Timeout(const std::string& file, Millis otherwise) {
    auto number = files_.Number(file, 0);
    if (!number) return otherwise;
    constexpr std::int64_t kHundredYears = 3'155'760'000'000;
    return *number == 0 || *number > kHundredYears ? kForever : Millis{*number};
  }

  void Longrun() {
    ServiceSpec spec = NewSpec(ServiceType::kLongrun);
    if (!files_.Has("run")) {
      files_.Error("run", "unable to find a run script in " + files_.directory(),
                   "add an executable file 'run'");
    } else {
      spec.run.argv = Script("run");
      spec.run.argv.push_back(name_);
    }
    if (files_.Has("finish")) spec.finish = {Script("finish"), files_.directory()};
    if (auto fd = files_.Number("notification-fd", 1)) {
      if (*fd > 65535)
        files_.Error("notification-fd", "invalid notification-fd: " + std::to_string(*fd), "at most 65535");
      spec.readiness.notify_fd = static_cast<int>(std::min<std::int64_t>(*fd, 65535));
      if (*fd <= 2)
        report_.Warning(Origin{files_.Path("notification-fd"), 1, 1},
                        "has a notification-fd of " + std::to_string(*fd), "3 is usual");
    }
    spec.restart.when = RestartWhen::kAlways;
    spec.timeouts.up = Timeout("timeout-up", kForever);
    spec.timeouts.down = Timeout("timeout-down", kForever);
    spec.timeouts.finish = Timeout("timeout-finish", Millis{5'000});
    spec.stop.grace = Timeout("timeout-kill", Millis{10'000});
    if (auto line = files_.FirstLine("down-signal")) {
      auto signal = ParseSignal(*line);
      if (signal.ok() && *signal > 0)
        spec.stop.signal = *signal;
      else
        files_.Error(Origin{files_.Path("down-signal"), 1, 1},
                     signal.ok() ? "signal 0 stops nothing" : signal.error().message(),
                     "a name like TERM, or a number");
    }
    spec.autostart = !files_.Has("down");
    spec.isolation.private_pids = files_.Has("flag-newpidns");
    // Deaths are counted by s6 for s6-permafailon alone, without a time to count in.
    if (files_.Number("max-death-tally", 0))
      report_.Warning(Origin{files_.Path("max-death-tally"), 0, 0}, "foster keeps no death tally",
                      "to limit restarts, write 'restart: {budget: 5 in 1m}' into foster.yaml");
    spec.environment = Environment();
    spec.gates = Gates();
    Add(std::move(spec));
  }

  void Oneshot() {
    ServiceSpec spec = NewSpec(ServiceType::kOneshot);
    if (!files_.Has("up"))
      files_.Error("up", "unable to find an up file in " + files_.directory(),
                   "add a file 'up' with one command line");
    spec.run.argv = CommandLine("up");
    if (files_.Has("down")) spec.down = {CommandLine("down"), files_.directory()};
    spec.restart.when = RestartWhen::kNever;
    spec.restart.retry_failed_start = false;
    spec.timeouts.up = Timeout("timeout-up", kForever);
    spec.timeouts.down = Timeout("timeout-down", kForever);
    spec.environment = Environment();
    spec.gates = Gates();
    Add(std::move(spec));
  }

  bool Exists(const std::string& path) const {
    std::error_code error;
    return fs::exists(path, error);
  }

  // How to start a script. The interpreters of s6-overlay (/command/...) need not exist here: with-contenv
  // has nothing to do, as services have the container's environment anyway, and what it would start is
  // started directly.
  std::vector<std::string> Script(const std::string& file) {
    std::string path = files_.Path(file);
    std::error_code error;
    if (!fs::is_regular_file(path, error))
      return files_.Error(file, path + " is not a regular file"), std::vector{path};
    if (!files_.IsExecutable(file)) files_.Error(file, path + " is not executable", "chmod +x " + path);
    if (IsBinary(path)) return {path};
    const TextSource* source = files_.Read(file);
    if (!source) return {path};
    Interpreter interpreter = ReadInterpreter(*source);
    if (!interpreter.is_there || Exists(interpreter.program)) return {path};
    if (BaseName(interpreter.program) == "with-contenv" && !interpreter.argument.empty()) {
      report_.Note(source->At(0),
                   interpreter.program + " is not here; " + interpreter.argument + " runs the script",
                   "services have the container's environment without it");
      WordError unused;
      std::vector<std::string> argv = SplitCommand(interpreter.argument, &unused);
      argv.push_back(path);
      return argv;
    }
    if (BaseName(interpreter.program) == "execlineb") {
      std::vector<std::string> argv = Execline(*source);
      report_.Note(source->At(0), interpreter.program + " is not here; its one command line is run directly");
      if (!argv.empty()) return argv;
    }
    files_.Error(source->At(2), "the interpreter " + interpreter.program + " does not exist",
                 "correct the first line");
    return {path};
  }

  // A program may hold NULs and long lines.
  static bool IsBinary(const std::string& path) {
    std::error_code error;
    if (fs::file_size(path, error) > kMaxConfigBytes) return true;
    auto text = ReadConfigFile(path);
    return text.ok() && text->compare(0, 4,
                                      "\x7F"
                                      "ELF") == 0;
  }

  std::vector<std::string> Execline(const TextSource& source) {
    WordError error;
    std::vector<std::string> argv = SplitExecline(source.text(), &error);
    if (!error.text.empty())
      files_.Error(source.At(error.offset), "syntax error in " + source.path() + ": " + error.text,
                   "put it into a script and name that here");
    return argv;
  }

  // up and down: a script of its own, or one command line of execline.
  std::vector<std::string> CommandLine(const std::string& file) {
    if (files_.IsExecutable(file) && IsBinary(files_.Path(file))) return {files_.Path(file)};
    const TextSource* source = files_.Read(file);
    if (!source) return {};
    Interpreter interpreter = ReadInterpreter(*source);
    // A file without an interpreter could not be executed as it is, whatever its bits say.
    bool is_execline = !interpreter.is_there || BaseName(interpreter.program) == "execlineb";
    if (is_execline) return Execline(*source);
    if (files_.IsExecutable(file)) return Script(file);
    // s6-rc would not look at the first line at all; a script that only lacks the bit is run by its
    // interpreter.
    std::vector<std::string> argv = {interpreter.program};
    if (!interpreter.argument.empty()) argv.push_back(interpreter.argument);
    argv.push_back(files_.Path(file));
    return argv;
  }

  // env/: a file per variable, its first line is the value; an empty file takes the variable away.
  std::vector<std::string> Environment() {
    std::vector<std::string> out;
    for (const std::string& name : files_.Names("env")) {
      std::string file = "env/" + name;
      if (name.find('=') != std::string::npos) {
        files_.Error(file, "a variable's name cannot hold '='");
        continue;
      }
      auto text = ReadConfigFile(files_.Path(file));
      if (!text.ok()) {
        files_.Error(file, text.error().message());
        continue;
      }
      if (text->empty()) {
        report_.Warning(Origin{files_.Path(file), 0, 0},
                        "foster does not take a variable away yet; " + name + " is set to nothing");
        out.push_back(name + "=");
        continue;
      }
      std::string value = text->substr(0, text->find('\n'));
      if (value.size() >= kMaxLineBytes) {
        files_.Error(file, "the value has " + std::to_string(value.size()) + " bytes", "at most 1 MiB");
        continue;
      }
      while (!value.empty() && (value.back() == ' ' || value.back() == '\t' || value.back() == '\r'))
        value.pop_back();
      for (char& c : value)
        if (c == '\0') c = '\n';
      out.push_back(name + "=" + value);
    }
    return out;
  }

  void ReadBundle() {
    Bundle bundle{name_, files_.Names("contents.d"), Place()};
    bool is_old = !files_.Has("contents.d") && files_.Has("contents");
    if (is_old)
      OldList("contents", [&](const std::string& name, const Origin&) { bundle.members.push_back(name); });
    if (!is_old && !files_.Has("contents.d"))
      report_.Warning(Place(), "the bundle has no contents.d: it is empty");
    if (files_.Has("dependencies.d"))
      report_.Warning(Origin{files_.Path("dependencies.d"), 0, 0}, "a bundle has no dependencies of its own",
                      "give them to its members");
    fragment_.bundles.push_back(std::move(bundle));
  }

  // A path in a file of a workload directory, variables expanded. Empty when it is missing or faulty.
  std::string PathIn(const std::string& file) {
    auto line = files_.FirstLine(file);
    if (!line) return {};
    VariableError error;
    std::string path = ExpandVariables(*line, options_.variables, &error);
    if (!error.text.empty()) {
      files_.Error(Origin{files_.Path(file), 1, static_cast<std::uint32_t>(error.offset + 1)}, error.text,
                   "known: FOSTER_SERVICES, FOSTER_WORKLOADS, FOSTER_SEED, FOSTER_SOCKET");
      return {};
    }
    if (path.empty()) files_.Error(Origin{files_.Path(file), 1, 1}, "the file '" + file + "' is empty");
    if (!path.empty() && path[0] != '/') path = files_.Path(path);
    return path;
  }

  void ReadWorkloadType() {
    Workload workload;
    workload.name = name_;
    workload.origin = Place();
    auto format = files_.FirstLine("format");
    if (!format) {
      if (!files_.Has("format"))
        files_.Error("format", "no file 'format' in " + files_.directory(),
                     "write supervisord or process-compose into it");
    } else if (auto known = WorkloadFormatFromName(*format)) {
      workload.format = *known;
    } else {
      std::string hint = DidYouMean(*format, {"supervisord", "process-compose"});
      files_.Error(Origin{files_.Path("format"), 1, 1},
                   "invalid format " + Quote(*format) + ": must be supervisord or process-compose", hint);
    }
    workload.project = PathIn("project");
    workload.seed = PathIn("seed");
    if (!files_.Has("project"))
      files_.Error("project", "no file 'project' in " + files_.directory(),
                   "write the config file's path into it");
    if (!files_.Has("seed"))
      report_.Warning(Place(), "the workload has no seed: nothing runs when its project is broken",
                      "add a file 'seed'");
    workload.autostart = !files_.Has("down");
    workload.gates = Gates();
    if (!files_.fault().empty()) return Broken();
    fragment_.workloads.push_back(std::move(workload));
  }

  Report report_;  // of this directory alone, because it points into the texts of files_
  DirectoryFiles files_;
  const ReadOptions& options_;
  Fragment& fragment_;
  std::string name_;
};

}  // namespace

void ReadServiceDirectory(const std::string& directory, const ReadOptions& options, Fragment& fragment) {
  DirectoryReader(directory, options, fragment).Run();
}

}  // namespace foster
