// SPDX-License-Identifier: MIT
#include "formats/shlex.h"

namespace foster {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Python's wordchars in POSIX mode with supervisord's additions. Bytes of multi-byte characters are taken as
// letters.
bool IsWordCharacter(char c) {
  auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x80) return true;
  if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) return true;
  return std::string_view("_/.+-():").find(c) != std::string_view::npos;
}

enum class TokenRule { kSplitOnBlanks, kWordCharacters };

// One pass of Python's shlex state machine (POSIX): a word grows over quoted and plain parts that touch.
class Tokeniser {
 public:
  Tokeniser(std::string_view text, TokenRule rule) : text_(text), rule_(rule) {}

  std::vector<std::string> Run(WordError* error) {
    while (at_ < text_.size() && error_.text.empty()) Next();
    Finish();
    if (error) *error = error_;
    return std::move(tokens_);
  }

 private:
  void Next() {
    char c = text_[at_];
    if (IsBlank(c)) {
      Finish();
      ++at_;
    } else if (c == '#' && rule_ == TokenRule::kWordCharacters) {
      // Inside a word too: Python reads the comment there and ends the word.
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      Finish();
    } else if (c == '\'' || c == '"') {
      Quoted(c);
    } else if (c == '\\') {
      Escaped();
    } else if (rule_ == TokenRule::kSplitOnBlanks || IsWordCharacter(c)) {
      Append(c);
    } else {
      Finish();
      tokens_.emplace_back(1, c);
      ++at_;
    }
  }

  void Append(char c) {
    word_ += c;
    in_word_ = true;
    ++at_;
  }

  void Escaped() {
    if (at_ + 1 >= text_.size()) return Fail("No escaped character", at_);
    ++at_;
    Append(text_[at_]);
  }

  void Quoted(char quote) {
    std::size_t start = at_++;
    in_word_ = true;
    while (at_ < text_.size() && text_[at_] != quote) {
      bool escape = quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() &&
                    (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\');
      if (escape) ++at_;
      word_ += text_[at_++];
    }
    if (at_ >= text_.size()) return Fail("No closing quotation", start);
    ++at_;
  }

  void Finish() {
    if (in_word_) tokens_.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }

  void Fail(const char* text, std::size_t offset) {
    error_ = {text, offset};
    in_word_ = false;
    word_.clear();
  }

  std::string_view text_;
  TokenRule rule_;
  std::size_t at_ = 0;
  std::string word_;
  bool in_word_ = false;
  std::vector<std::string> tokens_;
  WordError error_;
};

}  // namespace

std::vector<std::string> SplitCommand(std::string_view text, WordError* error) {
  return Tokeniser(text, TokenRule::kSplitOnBlanks).Run(error);
}

std::vector<KeyValue> SplitEnvironment(std::string_view text, WordError* error) {
  std::vector<std::string> tokens = Tokeniser(text, TokenRule::kWordCharacters).Run(error);
  std::vector<KeyValue> pairs;
  if (!error->text.empty()) return pairs;
  for (std::size_t i = 0; i < tokens.size(); i += 4) {
    if (i + 2 >= tokens.size() || tokens[i + 1] != "=") {
      *error = {"Unexpected end of key/value pairs", 0};
      return {};
    }
    pairs.push_back({tokens[i], tokens[i + 2]});
  }
  return pairs;
}

namespace {

// The character that an execline escape inside quotes stands for.
char Unescape(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    default:
      return c;
  }
}

}  // namespace

std::vector<std::string> SplitExecline(std::string_view text, WordError* error) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false, in_quotes = false;
  std::size_t quote_start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    bool has_next = i + 1 < text.size();
    if (in_quotes) {
      if (c == '"') {
        in_quotes = false;
      } else if (c == '\\' && has_next) {
        ++i;
        if (text[i] != '\n') word += Unescape(text[i]);
      } else {
        word += c;
      }
    } else if (IsBlank(c)) {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else if (c == '"') {
      in_quotes = in_word = true;
      quote_start = i;
    } else if (c == '#' && !in_word) {
      while (i < text.size() && text[i] != '\n') ++i;
    } else if ((c == '{' || c == '}') && !in_word && (!has_next || IsBlank(text[i + 1]))) {
      *error = {"foster does not run execline blocks '{ }' yet", i};
      return {};
    } else if (c == '\\' && has_next) {
      ++i;
      if (text[i] != '\n') word += text[i];
      in_word = in_word || text[i] != '\n';
    } else {
      word += c;
      in_word = true;
    }
  }
  if (in_quotes) {
    *error = {"no closing quotation", quote_start};
    return {};
  }
  if (in_word) words.push_back(std::move(word));
  return words;
}

}  // namespace foster
