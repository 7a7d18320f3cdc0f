// SPDX-License-Identifier: MIT
#include "formats/logger_script.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

TEST_CASE("a logger of one plain line is told in s6-log's words") {
  CHECK(LoggerScript("#!/command/execlineb -P\nlogutil-service /var/log/web\n") ==
        "n20 s1000000 T /var/log/web");
  CHECK(LoggerScript("#!/bin/sh\n\n# keep\nexec s6-log -d3 -l4096 -t100 -- n5 t /var/log/a\n") ==
        "n5 t /var/log/a");
  CHECK(LoggerScript("#!/bin/sh\nexec s6-setuidgid nobody s6-log -d 3 -b -- n5 t /var/log/a\n") ==
        "n5 t /var/log/a");
  CHECK(LoggerScript("#!/bin/sh\nexec /usr/bin/s6-log -b -fatal +err T ./x\n") == "-fatal +err T ./x");
  CHECK(LoggerScript("s6-log 'n20' \"s1000000\" /a") == "'n20' \"s1000000\" /a");
}

TEST_CASE("what only its shell could tell is not guessed") {
  CHECK(LoggerScript("").empty());
  CHECK(LoggerScript("#!/bin/sh\nexec cat\n").empty());
  CHECK(LoggerScript("#!/bin/sh\nmkdir -p /var/log/a\nexec s6-log /var/log/a\n").empty());
  CHECK(LoggerScript("#!/bin/sh\nexec s6-log T \"$DIR\"\n").empty());
  CHECK(LoggerScript("#!/bin/execlineb -P\nforeground { a } s6-log T /b\n").empty());
  CHECK(LoggerScript("s6-log T /b > /dev/null\n").empty());
  CHECK(LoggerScript("s6-log\n").empty());
  CHECK(LoggerScript("s6-log x /a\n").empty());
  CHECK(LoggerScript("logutil-service\n").empty());
  CHECK(LoggerScript("logutil-service /a /b\n").empty());
}

}  // namespace
}  // namespace foster
