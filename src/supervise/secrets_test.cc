// SPDX-License-Identifier: MIT
#include "supervise/secrets.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace foster {
namespace {

struct Directory {
  Directory() {
    char name[] = "/tmp/foster-secrets-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path = name;
  }
  ~Directory() { std::filesystem::remove_all(path); }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(path + "/" + name, std::ios::binary) << text;
    return path + "/" + name;
  }
  std::string path;
};

TEST_CASE("a secret is its file without one line end") {
  const Directory directory;
  const auto values = ReadSecrets({{"A", directory.Write("a", "hunter2\n")},
                                   {"", directory.Write("b", "two\n\n")},
                                   {"C", directory.Write("c", "")}});
  REQUIRE(values.ok());
  REQUIRE(values->size() == 3);
  CHECK((*values)[0].name == "A");
  CHECK((*values)[0].value == "hunter2");
  CHECK((*values)[1].value == "two\n");
  CHECK((*values)[2].value.empty());
}

TEST_CASE("what cannot be read is said, and no value with it") {
  const Directory directory;
  const std::string gone = directory.path + "/gone";
  CHECK(ReadSecrets({{"A", gone}}).error().message() ==
        "secret A: cannot open " + gone + ": No such file or directory");
  CHECK(ReadSecrets({{"", directory.path}}).error().message() ==
        "secret: " + directory.path + " is no regular file");
  const std::string fifo = directory.path + "/fifo";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK_FALSE(ReadSecrets({{"A", fifo}}).ok());  // and does not wait for a writer
  const auto large = ReadSecrets({{"A", directory.Write("large", std::string(kMostSecretBytes + 1, 'x'))}});
  REQUIRE_FALSE(large.ok());
  CHECK(large.error().message().find("more than 64 KiB") != std::string::npos);
  const auto nul = ReadSecrets({{"A", directory.Write("nul", std::string("tan\0go", 6))}});
  REQUIRE_FALSE(nul.ok());
  CHECK(nul.error().message().find("NUL") != std::string::npos);
  CHECK(nul.error().message().find("tan") == std::string::npos);
}

TEST_CASE("every file of the credentials is a value") {
  const Directory directory;
  directory.Write("b", "second\n");
  directory.Write("a", "first");
  directory.Write(".hidden", "no");
  REQUIRE(mkdir((directory.path + "/sub").c_str(), 0700) == 0);
  CHECK(ReadCredentials(directory.path) == std::vector<std::string>{"first", "second"});
  CHECK(ReadCredentials("/nowhere").empty());
}

TEST_CASE("old values stay hidden, the newest longest") {
  HiddenValues hidden;
  CHECK(hidden.Add("one"));
  CHECK_FALSE(hidden.Add("one"));
  CHECK_FALSE(hidden.Add(""));
  CHECK(hidden.Add("two"));
  CHECK_FALSE(hidden.Add("one"));  // no news, but the newest again
  CHECK(hidden.values() == std::vector<std::string>{"one", "two"});
  for (int i = 0; i < 1000; ++i) hidden.Add("value " + std::to_string(i));
  CHECK(hidden.values().size() == HiddenValues::kMost);
  CHECK(hidden.values().front() == "value 999");
  for (int i = 0; i < 10; ++i) hidden.Add(std::string(kMostSecretBytes, static_cast<char>('a' + i)));
  CHECK(hidden.values().size() == HiddenValues::kMostBytes / kMostSecretBytes);
}

}  // namespace
}  // namespace foster
