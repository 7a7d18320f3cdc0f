// SPDX-License-Identifier: MIT
#include "supervise/notes.h"

#include "sys/memfd.h"
#include "wire/json.h"

namespace foster {
namespace {

constexpr std::uint64_t kMaxNotes = 64u << 10;

std::string NotesName(const std::string& service) { return StoreNameOf("notes:", service); }

}  // namespace

std::string EncodeNotes(const ServiceNotes& notes) {
  Json degraded{Json::Array()};
  for (const std::string& each : notes.degraded) degraded.Push(each);
  Json object;
  object.Set("incarnation", static_cast<std::int64_t>(notes.incarnation))
      .Set("status_text", notes.status_text)
      .Set("degraded", degraded)
      .Set("spawn_problem", notes.spawn_problem);
  return object.Dump();
}

ServiceNotes DecodeNotes(std::string_view text) {
  ServiceNotes notes;
  auto object = ParseJson(text);
  if (!object.ok()) return notes;
  notes.incarnation = static_cast<std::uint64_t>((*object)["incarnation"].AsInt());
  notes.status_text = (*object)["status_text"].AsString();
  notes.spawn_problem = (*object)["spawn_problem"].AsString();
  for (const Json& each : (*object)["degraded"].AsArray()) notes.degraded.push_back(each.AsString());
  return notes;
}

const ServiceNotes* Notes::Of(const std::string& service, std::uint64_t incarnation) const {
  auto found = notes_.find(service);
  return found != notes_.end() && found->second.incarnation == incarnation ? &found->second : nullptr;
}

ServiceNotes& Notes::At(const std::string& service, std::uint64_t incarnation) {
  ServiceNotes& notes = notes_[service];
  if (notes.incarnation != incarnation) notes = {incarnation, "", {}, ""};
  return notes;
}

bool Notes::SetStatusText(const std::string& service, std::uint64_t incarnation, const std::string& text) {
  ServiceNotes& notes = At(service, incarnation);
  if (notes.status_text == text) return false;
  notes.status_text = text;
  Keep(service);
  return true;
}

void Notes::SetDegraded(const std::string& service, std::uint64_t incarnation,
                        std::vector<std::string> degraded) {
  ServiceNotes& notes = At(service, incarnation);
  if (notes.degraded == degraded) return;
  notes.degraded = std::move(degraded);
  Keep(service);
}

void Notes::SetSpawnProblem(const std::string& service, std::uint64_t incarnation, const std::string& text) {
  ServiceNotes& notes = At(service, incarnation);
  if (notes.spawn_problem == text) return;
  notes.spawn_problem = text;
  Keep(service);
}

void Notes::Keep(const std::string& service) {
  store_.Put(NotesName(service), [text = EncodeNotes(notes_[service])](InitChannel::Fds* fds) {
    auto memory = SealedMemfd("foster-notes", text);
    if (memory.ok()) fds->push_back(std::move(*memory));
    return memory.ok();
  });
}

void Notes::Remove(const std::string& service) {
  notes_.erase(service);
  if (store_.Has(NotesName(service))) store_.Drop(NotesName(service));
}

void Notes::Resume(const std::string& service) {
  if (!store_.Has(NotesName(service))) return;
  store_.Get(NotesName(service), [this, service](InitChannel::Fds fds) {
    if (fds.empty()) return;
    auto text = ReadWholeFd(fds[0].get(), kMaxNotes);
    if (!text.ok()) return;
    ServiceNotes former = DecodeNotes(*text);
    if (notes_[service].incarnation < former.incarnation) notes_[service] = std::move(former);
  });
}

}  // namespace foster
