// SPDX-License-Identifier: MIT
// The one program behind all names: by the name it was called with, else by its first word.
#include <cstring>

#include "apps/apps.h"
#include "sys/name_services.h"

namespace {

struct Role {
  const char* name;
  int (*main)(int, char**);
};

constexpr Role kByProgramName[] = {
    {"svc", foster::SvcMain},
    {"s6-svc", foster::S6SvcMain},
    {"with-contenv", foster::WithContenvMain},
};

constexpr Role kByFirstWord[] = {
    {"supervise", foster::SuperviseMain},
    {"load", foster::LoadMain},
    {"logd", foster::LogdMain},
    {"probe", foster::ProbeMain},
    {"serve", foster::ServeMain},
    {"s6-svc", foster::S6SvcMain},
    {"with-contenv", foster::WithContenvMain},
};

const char* BaseName(const char* path) {
  const char* slash = std::strrchr(path, '/');
  return slash ? slash + 1 : path;
}

}  // namespace

int main(int argc, char** argv) {
  foster::UseBuiltInNameServices();
  const char* name = argc > 0 ? BaseName(argv[0]) : "foster";
  for (const Role& role : kByProgramName)
    if (std::strcmp(name, role.name) == 0) return role.main(argc, argv);
  if (argc > 1) {
    for (const Role& role : kByFirstWord)
      if (std::strcmp(argv[1], role.name) == 0) return role.main(argc - 1, argv + 1);
    if (std::strcmp(argv[1], "svc") == 0) return foster::SvcMain(argc - 1, argv + 1);
  }
  return foster::SvcMain(argc, argv);
}
