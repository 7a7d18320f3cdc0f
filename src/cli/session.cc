// SPDX-License-Identifier: MIT
#include "cli/session.h"

#include "formats/diagnostic_printer.h"
#include "wire/plan_codec.h"

namespace foster::cli {
namespace {

constexpr Millis kPatience{2'000};
constexpr Millis kPatienceAgain{10'000};  // supervise died under a question: init starts it again

std::vector<Diagnostic> DiagnosticsOf(const Json& array) {
  std::vector<Diagnostic> diagnostics;
  for (const auto& item : array.AsArray())
    if (auto diagnostic = DiagnosticFromJson(item)) diagnostics.push_back(std::move(*diagnostic));
  return diagnostics;
}

int Seriousness(int code) {
  if (code == kExitOk) return 0;
  if (code == kExitTimeout) return 1;
  return code == kExitFailed ? 2 : 3;
}

}  // namespace

int ExitCodeOf(int error_code) {
  switch (error_code) {
    case -1:
      return kExitUnreachable;
    case -2:
    case kRpcTimeout:
      return kExitTimeout;
    case kRpcNoSuchService:
      return kExitNoService;
    case kRpcNotAllowed:
      return kExitNotAllowed;
    case kRpcRefused:
      return kExitRefused;
    case kRpcInvalidParams:
    case kRpcMethodNotFound:
      return kExitUsage;
    default:
      return kExitFailed;
  }
}

int Worse(int a, int b) { return Seriousness(b) > Seriousness(a) ? b : a; }

bool Session::Connect(Millis patience) {
  Result<Client> client = Client::Connect(socket_, patience);
  if (client) {
    client_.emplace(std::move(*client));
    return true;
  }
  Fail(client.error(), {});
  return false;
}

std::optional<Json> Session::Ask(std::string_view method, const Json& params, Millis timeout, Repeat repeat) {
  if (!client_ && !Connect(kPatience)) return std::nullopt;
  Result<Json> reply = client_->Call(method, params, timeout);
  if (!reply && reply.error().code() == -1 && repeat == Repeat::kMayRepeat) {
    if (!Connect(kPatienceAgain)) return std::nullopt;
    reply = client_->Call(method, params, timeout);
  }
  if (reply) return std::move(*reply);
  Fail(reply.error(), client_->last_failure());
  if (reply.error().code() == -1) client_.reset();
  return std::nullopt;
}

void Session::Fail(const Error& error, const RpcFailure& failure) {
  exit_code_ = ExitCodeOf(error.code());
  if (as_json_) {
    Json details;
    details.Set("code", error.code()).Set("message", error.message());
    if (failure.data.is_object()) details.Set("data", failure.data);
    PrintJson(Json(Json::Object{{"error", details}}), console_);
  }
  console_.Complain(error.message());
  auto diagnostics = DiagnosticsOf(failure.data["diagnostics"]);
  if (!as_json_ && !diagnostics.empty()) {
    console_.Err(PrintDiagnostics(diagnostics, console_.err_colour() ? PrintColour::kYes : PrintColour::kNo));
  }
}

Json NamesOf(const std::vector<std::string>& words) {
  Json::Array names;
  for (const auto& word : words) names.emplace_back(word);
  return Json(Json::Object{{"names", std::move(names)}});
}

void PrintJson(const Json& json, Console& console) {
  console.Out(json.Dump(console.out_is_terminal() ? 2 : -1) + "\n");
}

}  // namespace foster::cli
