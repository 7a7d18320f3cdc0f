// SPDX-License-Identifier: MIT
// A supervisord INI as a whole: include, [supervisord], servers, groups, then the programs.
#include <glob.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <filesystem>
#include <set>

#include "base/ascii.h"
#include "formats/read.h"
#include "formats/suggest.h"
#include "formats/supervisord_keys.h"
#include "formats/supervisord_program.h"

namespace foster {
namespace {

constexpr std::size_t kMostIncludedFiles = 256;

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

std::string Absolute(const std::string& path) {
  std::error_code error;
  auto absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

std::string DirectoryOf(const std::string& path) {
  return std::filesystem::path(Absolute(path)).parent_path().string();
}

class SupervisordReader {
 public:
  SupervisordReader(std::string_view workload, const std::string& path, std::string_view text,
                    const ReadOptions& options)
      : workload_(workload), source_(path, text), options_(options), report_(&fragment_.diagnostics) {
    report_.AddSource(&source_);
  }

  Fragment Run() {
    if (CheckText(source_, report_)) {
      ReadIni(source_, report_, document_);
      SetNames();
      Include();
      Main();
      for (const IniSection& section : document_.sections()) Server(section);
      Programs();
      for (const IniSection& section : document_.sections()) CheckSection(section);
    }
    fragment_.valid = !report_.has_errors();
    return std::move(fragment_);
  }

 private:
  SupervisordSection View(const IniSection& section) const {
    return SupervisordSection(section, document_.Find("DEFAULT"), names_, report_);
  }

  void SetNames() {
    for (const auto& [key, value] : options_.variables) names_.Set("ENV_" + key, value);
    for (const auto& [key, value] : options_.environment) names_.Set("ENV_" + key, value);
    names_.Set("here", DirectoryOf(source_.path()));
    names_.Set("host_node_name", options_.host_name);
  }

  void Include() {
    if (!document_.Find("include")) return;
    // A copy: what is included may open sections, and even change this one.
    const IniSection include = *document_.Find("include");
    SupervisordSection section(include, nullptr, names_, report_);
    if (!section.Find("files"))
      return report_.Error(include.origin, ".ini file has [include] section, but no files setting",
                           "add files=conf.d/*.conf");
    std::string patterns = section.Text("files");
    std::size_t at = 0;
    while ((at = patterns.find_first_not_of(" \t\n", at)) != std::string::npos) {
      std::size_t end = std::min(patterns.find_first_of(" \t\n", at), patterns.size());
      IncludePattern(patterns.substr(at, end - at), section.OriginOf("files"));
      at = end;
    }
  }

  void IncludePattern(const std::string& pattern, const Origin& origin) {
    std::string full = pattern[0] == '/' ? pattern : DirectoryOf(source_.path()) + "/" + pattern;
    glob_t found{};
    int failed = ::glob(full.c_str(), GLOB_NOESCAPE, nullptr, &found);
    std::vector<std::string> paths(found.gl_pathv, found.gl_pathv + (failed ? 0 : found.gl_pathc));
    ::globfree(&found);
    if (paths.empty()) report_.Warning(origin, "No file matches via include " + Quote(pattern));
    for (const std::string& path : paths) IncludeFile(path, origin);
  }

  void IncludeFile(const std::string& path, const Origin& origin) {
    if (included_.size() >= kMostIncludedFiles) return report_.Error(origin, "more than 256 included files");
    auto text = ReadConfigFile(path);
    if (!text.ok()) return report_.Error(origin, text.error().message());
    included_bytes_ += text->size();
    if (included_bytes_ > kMaxConfigBytes)
      return report_.Error(origin, "the included files are over 8 MiB in all");
    included_.push_back({std::move(*text), {}});
    included_.back().source.emplace_back(path, included_.back().text);
    const TextSource& source = included_.back().source.back();
    report_.AddSource(&source);
    if (CheckText(source, report_)) ReadIni(source, report_, document_);
    here_[path] = DirectoryOf(path);
  }

  void Main() {
    const IniSection* section = document_.Find("supervisord");
    if (!section)
      return report_.Error(source_.Whole(), ".ini file does not include supervisord section",
                           "add a line [supervisord]");
    SupervisordSection main = View(*section);
    fragment_.identifier = main.Text("identifier", "supervisor");
    context_.environment = main.Environment();
    for (const auto& [key, value] : context_.environment) names_.Set("ENV_" + key, value);
    static constexpr std::string_view kLevels[] = {"critical", "error", "warn",   "info",
                                                   "debug",    "trace", "blather"};
    std::string level = ToLower(main.Text("loglevel", "info"));
    if (std::find(std::begin(kLevels), std::end(kLevels), level) == std::end(kLevels))
      main.Wrong("loglevel", "bad logging level name " + Quote(level),
                 "allowed: critical, error, warn, info, debug, trace, blather");
    for (const char* key : {"nodaemon", "silent", "nocleanup"}) main.Bool(key, false);
    context_.strip_ansi = main.Bool("strip_ansi", false);
    for (const char* key : {"logfile_backups", "minfds", "minprocs"}) main.Integer(key, 0);
    main.Value<std::int64_t>("logfile_maxbytes", 0, ParseByteSize, "like 50MB, 1GB or 1024");
    main.Value<std::uint32_t>("umask", 022, ParseOctal, "like 022");
    for (const char* key : {"logfile", "pidfile", "user", "directory", "childlogdir"}) main.Text(key);
  }

  void Server(const IniSection& section) {
    bool is_unix = StartsWith(section.name, "unix_http_server"),
         is_inet = StartsWith(section.name, "inet_http_server");
    if (!is_unix && !is_inet) return;
    SupervisordSection server = View(section);
    Listener listener;
    listener.protocol = "xml-rpc";
    listener.origin = section.origin;
    bool good = is_unix ? UnixServer(server, &listener) : InetServer(server, &listener);
    listener.username = server.Text("username");
    listener.password = server.Text("password");
    if ((server.Find("username") == nullptr) != (server.Find("password") == nullptr)) {
      report_.Error(section.origin,
                    "Section [" + section.name +
                        "] contains incomplete authentication: If a username "
                        "or a password is specified, both the username and password must be specified");
      return;
    }
    if (good) fragment_.listeners.push_back(std::move(listener));
  }

  bool UnixServer(const SupervisordSection& server, Listener* listener) {
    if (!server.Find("file"))
      return report_.Error(server.section().origin,
                           "section [" + server.section().name + "] has no file value",
                           "add file=/run/supervisor.sock"),
             false;
    listener->path = server.Text("file");
    if (StartsWith(listener->path, "~/") && options_.environment.count("HOME"))
      listener->path = options_.environment.at("HOME") + listener->path.substr(1);
    listener->path = Absolute(listener->path);
    listener->mode = server.Value<std::uint32_t>("chmod", 0700, ParseOctal, "like 0700");
    listener->owner = server.Text("chown");
    return true;
  }

  bool InetServer(const SupervisordSection& server, Listener* listener) {
    if (!server.Find("port"))
      return report_.Error(server.section().origin,
                           "section [" + server.section().name + "] has no port value",
                           "add port=127.0.0.1:9001"),
             false;
    std::string text = server.Text("port");
    std::size_t colon = text.rfind(':');
    std::string port(Strip(colon == std::string::npos ? text : text.substr(colon + 1)));
    if (colon != std::string::npos) listener->host = ToLower(Strip(text.substr(0, colon)));
    if (listener->host == "*") listener->host.clear();
    unsigned number = 0;
    auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    bool good = error == std::errc() && end == port.data() + port.size() && number >= 1 && number <= 65535;
    if (!good) {
      server.Wrong("port",
                   port.empty() ? "no port number specified in " + Quote(text)
                                : "not a valid port number: " + Quote(port),
                   "write host:port, *:port or port, 1 to 65535");
      return false;
    }
    listener->port = static_cast<std::uint16_t>(number);
    return true;
  }

  // The first AF_UNIX server, else the first TCP one.
  std::string ServerUrl() const {
    for (const Listener& listener : fragment_.listeners)
      if (!listener.path.empty()) return "unix://" + listener.path;
    for (const Listener& listener : fragment_.listeners)
      return "http://" + (listener.host.empty() ? "localhost" : listener.host) + ":" +
             std::to_string(listener.port);
    return {};
  }

  static bool IsProgram(const IniSection& section) {
    return StartsWith(section.name, "program:") || StartsWith(section.name, "fcgi-program:");
  }
  static std::size_t PrefixOf(const IniSection& section) { return section.name.find(':') + 1; }

  void Programs() {
    context_.workload = workload_;
    context_.working_directory = options_.working_directory;
    if (auto home = options_.environment.find("HOME"); home != options_.environment.end())
      context_.home = home->second;
    context_.server_url = ServerUrl();
    context_.scale = options_.scale;
    std::set<std::string> grouped;
    for (const IniSection& section : document_.sections())
      if (StartsWith(section.name, "group:")) Group(section, grouped);
    for (const IniSection& section : document_.sections()) {
      if (!IsProgram(section)) continue;
      std::string name;
      if (!NameOfSection(section, PrefixOf(section), &name) || grouped.count(name)) continue;
      Program(section, name, {name, -1});
    }
  }

  bool NameOfSection(const IniSection& section, std::size_t prefix, std::string* name) {
    auto parsed = ParseName(std::string_view(section.name).substr(prefix));
    if (parsed.ok() && !parsed->empty()) return *name = *parsed, true;
    // supervisord takes an empty name; here nothing could address such a service.
    report_.Error(section.origin, parsed.ok() ? "the name is empty" : parsed.error().message());
    return false;
  }

  void Group(const IniSection& section, std::set<std::string>& grouped) {
    SupervisordGroup group;
    if (!NameOfSection(section, 6, &group.name)) return;
    SupervisordSection view = View(section);
    group.priority = view.Find("priority") ? std::max<std::int64_t>(0, view.Integer("priority", 999)) : -1;
    std::string programs = view.Text("programs");
    for (std::size_t at = 0; at <= programs.size();) {
      std::size_t comma = std::min(programs.find(',', at), programs.size());
      std::string name(Strip(std::string_view(programs).substr(at, comma - at)));
      at = comma + 1;
      if (name.empty()) continue;
      std::vector<const IniSection*> found = FindPrograms(name);
      if (found.size() > 1) {
        report_.Error(view.OriginOf("programs"), "[" + section.name + "] name " + name +
                                                     " is ambiguous (exists as program and fcgi-program)");
      } else if (found.empty()) {
        report_.Error(view.OriginOf("programs"),
                      "[" + section.name + "] names unknown program or fcgi-program " + name,
                      DidYouMean(name, ProgramNames()));
      }
      for (const IniSection* program : found) {
        grouped.insert(name);
        Program(*program, name, group);
      }
    }
  }

  // One of each kind at most: a section that stands twice is one.
  std::vector<const IniSection*> FindPrograms(const std::string& name) const {
    std::vector<const IniSection*> found;
    for (const IniSection& section : document_.sections()) {
      if (!IsProgram(section)) continue;
      bool is_it = Strip(std::string_view(section.name).substr(PrefixOf(section))) == name;
      if (is_it && (found.empty() || PrefixOf(*found[0]) != PrefixOf(section))) found.push_back(&section);
    }
    return found;
  }

  std::vector<std::string_view> ProgramNames() const {
    std::vector<std::string_view> names;
    for (const IniSection& section : document_.sections())
      if (IsProgram(section)) names.push_back(std::string_view(section.name).substr(PrefixOf(section)));
    return names;
  }

  void Program(const IniSection& section, const std::string& name, const SupervisordGroup& group) {
    PercentNames names(&names_);
    // With an [include], %(here)s of an included file is that file's own directory.
    if (auto here = here_.find(section.origin.file); here != here_.end()) names.Set("here", here->second);
    for (ServiceSpec& spec : ReadSupervisordProgram(context_, View(section).With(names), name, group)) {
      if (service_names_.insert(spec.name).second) {
        fragment_.services.push_back(std::move(spec));
      } else {
        report_.Warning(section.origin, Quote(spec.name) + " is defined twice; the first one is used");
      }
    }
  }

  void CheckSection(const IniSection& section) {
    const std::string& name = section.name;
    const KeyTable* table = nullptr;
    if (name == "supervisord")
      table = &SupervisordMainKeys();
    else if (name == "supervisorctl")
      table = &SupervisorctlKeys();
    else if (name == "include")
      table = &SupervisordIncludeKeys();
    else if (name == "DEFAULT")
      return;
    else if (StartsWith(name, "unix_http_server") || StartsWith(name, "inet_http_server"))
      table = &SupervisordServerKeys();
    else if (StartsWith(name, "program:"))
      table = &SupervisordProgramKeys();
    else if (StartsWith(name, "fcgi-program:"))
      table = &SupervisordFcgiKeys();
    else if (StartsWith(name, "group:"))
      table = &SupervisordGroupKeys();
    else if (StartsWith(name, "rpcinterface:"))
      return RpcInterface(section);
    else if (StartsWith(name, "ctlplugin:"))
      return;
    else if (StartsWith(name, "eventlistener:"))
      return report_.Warning(section.origin, "foster does not do [" + name + "] yet", "it makes no service");
    else
      return report_.Warning(
          section.origin, "unknown section [" + name + "]",
          DidYouMean(std::string_view(name).substr(0, name.find(':')), SupervisordSectionNames()));
    for (const IniEntry& entry : section.entries())
      CheckKey(*table, entry.key, "[" + name + "]", entry.origin, report_);
  }

  void RpcInterface(const IniSection& section) {
    const IniEntry* factory = section.Find("supervisor.rpcinterface_factory");
    if (!factory)
      return report_.Error(
          section.origin, "section [" + section.name + "] does not specify a supervisor.rpcinterface_factory",
          "add supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface");
    if (factory->value != "supervisor.rpcinterface:make_main_rpcinterface")
      report_.Warning(factory->At(0), "foster cannot load the Python factory " + Quote(factory->value));
  }

  struct Included {
    std::string text;
    std::deque<TextSource> source;  // one; made after `text` has its place
  };

  std::string workload_;
  TextSource source_;
  const ReadOptions& options_;
  Fragment fragment_;
  mutable Report report_;
  IniDocument document_;
  PercentNames names_;
  ProgramContext context_;
  std::deque<Included> included_;  // texts stay where they are: diagnostics look at them
  std::size_t included_bytes_ = 0;
  std::map<std::string, std::string> here_;
  std::set<std::string> service_names_;
};

}  // namespace

Fragment ReadSupervisord(std::string_view workload, const std::string& path, std::string_view text,
                         const ReadOptions& options) {
  return SupervisordReader(workload, path, text, options).Run();
}

}  // namespace foster
