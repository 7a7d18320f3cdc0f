// SPDX-License-Identifier: MIT
// FosterNode: one value of foster's own dialect with the name that leads to it ("restart.delay"), and
// FosterKey: one row of a table that is both the list of known keys and their reader. Not: the keys
// themselves (foster_yaml*.cc). Called by: foster_yaml*.cc. Invariant: a wrong value is one error at its
// place, with what is allowed, and leaves what it would have filled untouched.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/yaml_tree.h"
#include "foster/time.h"

namespace foster {

// What differs between the places where the dialect may stand.
struct FosterDialect {
  std::vector<std::string> shell{"/bin/sh", "-c"};  // for commands written as one text
  bool is_directory = true;                         // foster.yaml of a service directory; else x-foster
  // The services that a name in depends_on means here: of a replicated one, all.
  std::function<std::vector<std::string>(const std::string&)> names_of;
  // What ${...} in paths of logs and secrets stands for; null = nothing, the whole file was interpolated.
  const std::map<std::string, std::string>* variables = nullptr;
};

class FosterNode {
 public:
  FosterNode(const YamlNode& node, std::string path, const FosterDialect& dialect, Report& report)
      : node_(&node), path_(std::move(path)), dialect_(&dialect), report_(&report) {}

  const YamlNode& yaml() const { return *node_; }
  const std::string& path() const { return path_; }
  const FosterDialect& dialect() const { return *dialect_; }
  const Origin& origin() const { return node_->origin; }
  std::size_t error_count() const { return report_->error_count(); }
  // The value of `key` below this one.
  FosterNode Below(const std::string& key, const YamlNode& value) const;
  // An item of a list: "sockets[1]".
  FosterNode At(std::size_t index) const;

  void Error(const std::string& text, const std::string& hint = {}) const;
  // As Error, at a byte of the text, as far as the file shows it as it is.
  void ErrorAt(std::size_t offset, const std::string& text, const std::string& hint) const;
  // What a rule says of the key `below` this one (or of this one: ""), at that key where there is one.
  void Fault(const std::string& below, const std::string& text, const std::string& hint) const;
  // "PATH: has to be WANTED, not X".
  void WrongKind(const std::string& wanted, const std::string& hint = {}) const;
  void UnknownKey(const YamlNode::Pair& pair, const std::vector<std::string_view>& known) const;

  // Each fills `out` and says true, or reports and says false.
  bool Text(std::string* out) const;      // any scalar but null
  bool Expanded(std::string* out) const;  // text with its ${...} filled in
  bool Bool(bool* out) const;
  bool Path(std::string* out) const;  // absolute, no NUL
  bool Duration(Millis* out, Millis least = Millis{0}, bool may_be_never = true) const;
  bool Signal(int* out) const;
  bool TextList(std::vector<std::string>* out) const;
  bool Map() const;   // that it is one
  bool List() const;  // that it is one

  template <class T>
  bool Number(T* out, std::int64_t least, std::int64_t most) const {
    std::int64_t value = 0;
    if (!WholeNumber(&value, least, most)) return false;
    *out = static_cast<T>(value);
    return true;
  }
  // A scalar by `parse`; `hint` says what is allowed.
  template <class T>
  bool Value(T* out, const std::function<Result<T>(std::string_view)>& parse, const char* hint) const {
    std::string text;
    if (!Text(&text)) return false;
    Result<T> value = parse(text);
    if (!value.ok()) return Error(value.error().message(), hint), false;
    *out = std::move(*value);
    return true;
  }
  // One of an enum's words, `last` being its last value.
  template <class T>
  bool Word(T* out, T last) const {
    std::string text;
    std::vector<std::string_view> known;
    if (!Text(&text)) return false;
    for (unsigned i = 0; i <= static_cast<unsigned>(last); ++i) {
      known.push_back(NameOf(static_cast<T>(i)));
      if (known.back() == text) return *out = static_cast<T>(i), true;
    }
    return UnknownWord(text, known), false;
  }

 private:
  bool WholeNumber(std::int64_t* out, std::int64_t least, std::int64_t most) const;
  void UnknownWord(const std::string& text, const std::vector<std::string_view>& known) const;

  const YamlNode* node_;
  std::string path_;
  const FosterDialect* dialect_;
  Report* report_;
};

template <class T>
struct FosterKey {
  std::string_view name;
  void (*read)(const FosterNode& value, T& out);
};

// Reads one key of `map` by its row; a key without a row is an error.
template <class T>
void ReadKey(const FosterNode& map, const YamlNode::Pair& pair, const std::vector<FosterKey<T>>& table,
             T& out) {
  for (const FosterKey<T>& row : table)
    if (row.name == pair.key) return row.read(map.Below(pair.key, *pair.value), out);
  std::vector<std::string_view> known;
  for (const FosterKey<T>& row : table) known.push_back(row.name);
  map.UnknownKey(pair, known);
}

// Reads a map, its keys in the order of the file.
template <class T>
void ReadKeys(const FosterNode& map, const std::vector<FosterKey<T>>& table, T& out) {
  if (!map.Map()) return;
  for (const YamlNode::Pair& pair : map.yaml().pairs) ReadKey(map, pair, table, out);
}

}  // namespace foster
