// SPDX-License-Identifier: MIT
// Requests from strangers, in two pieces: however they are cut, the reader ends, and paths and forms can be
// taken apart.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "gateway/http_reader.h"
#include "gateway/text_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  std::size_t cut = text.empty() ? 0 : data[0] % text.size();
  foster::HttpReader reader;
  foster::HttpRequest request;
  for (std::string_view piece : {text.substr(0, cut), text.substr(cut)}) {
    reader.Append(piece);
    while (reader.Next(&request) == foster::HttpReader::Progress::kRequest) {
      if (request.body.size() > foster::kMaxBodyBytes) std::abort();
      (void)foster::ParseForm(request.query);
      (void)foster::ParseForm(request.body);
      (void)foster::Base64Decode(request.Header("Authorization"));
    }
  }
  return 0;
}
