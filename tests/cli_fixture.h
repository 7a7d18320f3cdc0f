// SPDX-License-Identifier: MIT
// What the transcripts of svc share: a run of svc against a scripted foster, with both streams in memory, and
// short ways to write replies. Not: assertions. Called by: src/cli/*transcript_test.cc.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "cli/run.h"
#include "cli/s6_svc.h"
#include "cli/verb.h"
#include "fake_foster.h"
#include "wire/plan_codec.h"
#include "wire/status_codec.h"

namespace foster::cli {

using Answer = FakeFoster::Answer;

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

// Two streams in memory.
class Streams {
 public:
  Streams()
      : out_(::open_memstream(&out_text_, &out_size_)), err_(::open_memstream(&err_text_, &err_size_)) {}
  ~Streams() {
    std::fclose(out_);
    std::fclose(err_);
    std::free(out_text_);
    std::free(err_text_);
  }
  Console Make() { return Console({out_, false}, {err_, false}, 0, false); }
  Ran Take(int code) {
    std::fflush(out_);
    std::fflush(err_);
    return {code, {out_text_, out_size_}, {err_text_, err_size_}};
  }

 private:
  char* out_text_ = nullptr;
  char* err_text_ = nullptr;
  std::size_t out_size_ = 0;
  std::size_t err_size_ = 0;
  std::FILE* out_;
  std::FILE* err_;
};

inline Ran Svc(FakeFoster& fake, std::vector<std::string> words) {
  words.insert(words.begin(), {"--socket", fake.path()});
  Streams streams;
  Console console = streams.Make();
  return streams.Take(RunSvc(words, console));
}

inline Ran S6Svc(FakeFoster& fake, const std::vector<std::string>& words) {
  ::setenv("FOSTER_SOCKET", fake.path().c_str(), 1);
  Streams streams;
  Console console = streams.Make();
  int code = RunS6Svc("s6-svc", words, console);
  ::unsetenv("FOSTER_SOCKET");
  return streams.Take(code);
}

inline ServiceStatus Service(const std::string& name, State state, int pid, const std::string& cause = "") {
  ServiceStatus s;
  s.name = name;
  std::size_t slash = name.find('/');
  if (slash != std::string::npos) s.workload = name.substr(0, slash);
  s.type = "longrun";
  s.state = state;
  s.goal = Goal::kUp;
  s.ready = state == State::kRunning;
  s.pid = pid;
  s.incarnation = 1;
  s.age_ms = 65'000;
  s.cause = cause;
  return s;
}

inline Json StatusReply(const std::vector<ServiceStatus>& services,
                        const std::vector<WorkloadStatus>& workloads = {}) {
  Json::Array list;
  for (const auto& s : services) list.push_back(ToJson(s));
  Json::Array names;
  for (const auto& w : workloads) names.push_back(ToJson(w));
  Json reply;
  reply.Set("sequence", 10).Set("services", std::move(list)).Set("workloads", std::move(names));
  return reply;
}

inline FakeFoster::Script Always(const Json& result) {
  return [result](const RpcRequest& request, int) { return Answer{{ResultLine(request.id, result)}}; };
}

inline FakeFoster::Script Failing(const RpcFailure& failure) {
  return [failure](const RpcRequest& request, int) { return Answer{{FailureLine(request.id, failure)}}; };
}

inline Json Results(const ServiceStatus& service, bool ok, const std::string& error = "",
                    const std::vector<LogRecord>& log = {}) {
  Json item;
  item.Set("name", service.name).Set("ok", ok);
  if (!error.empty()) item.Set("error", error);
  item.Set("service", ToJson(service));
  for (const auto& line : log) {
    Json::Array lines = item["log"].AsArray();
    lines.push_back(ToJson(line));
    Json::Object members = item.AsObject();
    if (members.back().first == "log") members.pop_back();
    item = Json(members);
    item.Set("log", std::move(lines));
  }
  return Json(Json::Object{{"results", Json::Array{item}}});
}

}  // namespace foster::cli
