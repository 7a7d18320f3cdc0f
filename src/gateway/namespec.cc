// SPDX-License-Identifier: MIT
#include "gateway/namespec.h"

namespace foster {

Namespec ParseNamespec(std::string_view text) {
  std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return {std::string(text), std::string(text)};
  std::string process(text.substr(colon + 1));
  return {std::string(text.substr(0, colon)), process == "*" ? "" : process};
}

Namespec NamespecOf(const ServiceStatus& service) {
  std::string bare = service.name.substr(service.name.find('/') + 1);
  std::size_t colon = bare.find(':');
  if (colon != std::string::npos) return {bare.substr(0, colon), bare.substr(colon + 1)};
  return {service.group.empty() ? bare : service.group, bare};
}

std::string ShownName(const Namespec& name) {
  return name.group == name.process ? name.process : name.group + ":" + name.process;
}

std::vector<const ServiceStatus*> FindAll(const std::vector<ServiceStatus>& services, const Namespec& name) {
  std::vector<const ServiceStatus*> found;
  for (const auto& service : services) {
    Namespec own = NamespecOf(service);
    if (own.group == name.group && (name.process.empty() || own.process == name.process))
      found.push_back(&service);
  }
  return found;
}

const ServiceStatus* FindOne(const std::vector<ServiceStatus>& services, const Namespec& name) {
  if (name.process.empty()) return nullptr;
  auto found = FindAll(services, name);
  return found.empty() ? nullptr : found.front();
}

}  // namespace foster
