// SPDX-License-Identifier: MIT
// Names of closed enums, complete by construction: a table whose length is checked against the enum's last
// value. Not: reflection. Called by: model, core, wire. Invariant: names are lower case and are what users
// see.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace foster {

// EnumNames<E, E::kLast>{{"one", "two"}}: NameOf and FromName by position.
template <class E, E kLast>
struct EnumNames {
  static constexpr std::size_t kCount = static_cast<std::size_t>(kLast) + 1;
  std::array<std::string_view, kCount> names;

  constexpr std::string_view NameOf(E value) const {
    auto i = static_cast<std::size_t>(value);
    return i < kCount ? names[i] : std::string_view("?");
  }
  constexpr std::optional<E> FromName(std::string_view name) const {
    for (std::size_t i = 0; i < kCount; ++i)
      if (names[i] == name) return static_cast<E>(i);
    return std::nullopt;
  }
};

}  // namespace foster
