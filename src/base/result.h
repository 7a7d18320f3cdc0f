// SPDX-License-Identifier: MIT
// Result<T>: a value or an Error, never both. What every fallible function below apps/ returns.
// Not: an exception carrier (libraries that throw are caught in the one .cc that includes them).
// Called by: every floor but init. Invariant: value() only after ok().
// Text: "cannot X: Y", lower case, no full stop; WithContext() puts the outer act in front.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace foster {

// Why something could not be done. `code` is an errno where one is known, else 0.
class Error {
 public:
  explicit Error(std::string message, int code = 0) : message_(std::move(message)), code_(code) {}

  // "cannot X: strerror(code)".
  static Error FromErrno(const std::string& what, int code = errno) {
    return Error(what + ": " + std::strerror(code), code);
  }

  const std::string& message() const { return message_; }
  int code() const { return code_; }
  Error WithContext(const std::string& context) const { return Error(context + ": " + message_, code_); }

 private:
  std::string message_;
  int code_;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : data_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit on purpose
  Result(Error error) : data_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit on purpose

  bool ok() const { return data_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & { return std::get<0>(data_); }
  const T& value() const& { return std::get<0>(data_); }
  T&& value() && { return std::get<0>(std::move(data_)); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const { return std::get<1>(data_); }

 private:
  std::variant<T, Error> data_;
};

// Result<void>: done, or why not. `return Ok();`
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}  // NOLINT: implicit on purpose
  bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }
  const Error& error() const { return error_; }

 private:
  Error error_{""};
  bool ok_ = true;
};

inline Result<void> Ok() { return {}; }

}  // namespace foster

// FOSTER_TRY(expr): leave the function with the error of `expr`, if it has one.
#define FOSTER_TRY(expr)                                                                            \
  do {                                                                                              \
    if (auto foster_try_result = (expr); !foster_try_result.ok()) return foster_try_result.error(); \
  } while (false)

#define FOSTER_CONCAT_(a, b) a##b
#define FOSTER_CONCAT(a, b) FOSTER_CONCAT_(a, b)

// FOSTER_ASSIGN(auto x, expr): x = value of `expr`, or leave with its error.
#define FOSTER_ASSIGN(declaration, expr)                                                                     \
  auto FOSTER_CONCAT(foster_result_, __LINE__) = (expr);                                                     \
  if (!FOSTER_CONCAT(foster_result_, __LINE__).ok()) return FOSTER_CONCAT(foster_result_, __LINE__).error(); \
  declaration = std::move(FOSTER_CONCAT(foster_result_, __LINE__)).value()
