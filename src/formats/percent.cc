// SPDX-License-Identifier: MIT
#include "formats/percent.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace foster {

const PercentNames::Value* PercentNames::Find(const std::string& name) const {
  for (const PercentNames* names = this; names; names = names->parent_)
    if (auto found = names->own_.find(name); found != names->own_.end()) return &found->second;
  return nullptr;
}

std::vector<std::string_view> PercentNames::PublicNames() const {
  std::vector<std::string_view> out;
  for (const PercentNames* names = this; names; names = names->parent_)
    for (const auto& [name, value] : names->own_)
      if (name.rfind("ENV_", 0) != 0) out.push_back(name);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

namespace {

constexpr int kMaxWidth = 4096;  // a width is a person's number; more would only eat memory

// One conversion: flags, width, precision, letter.
struct Conversion {
  bool left = false, zero = false, plus = false, blank = false, alternate = false;
  int width = 0;
  int precision = -1;
  char letter = 0;
};

class Expander {
 public:
  Expander(std::string_view text, const PercentNames& names) : text_(text), names_(names) {}

  std::string Run(PercentError* error) {
    while (at_ < text_.size() && error_.kind == PercentError::Kind::kNone) {
      std::size_t percent = text_.find('%', at_);
      out_ += text_.substr(at_, percent == std::string_view::npos ? percent : percent - at_);
      if (percent == std::string_view::npos) break;
      start_ = percent;
      at_ = percent + 1;
      One();
      if (out_.size() > kMaxExpandedBytes) Fail("the result is longer than 1 MiB");
    }
    *error = error_;
    return error_.kind == PercentError::Kind::kNone ? std::move(out_) : std::string();
  }

 private:
  void One() {
    if (at_ >= text_.size()) return Fail("incomplete format");
    if (text_[at_] == '%') {
      out_ += '%';
      ++at_;
      return;
    }
    bool has_name = text_[at_] == '(';
    std::string name;
    if (has_name && !ReadName(&name)) return Fail("incomplete format key");
    Conversion conversion;
    if (!ReadConversion(&conversion)) return;
    if (conversion.letter == '%') {
      out_ += '%';
      return;
    }
    if (!has_name) return Fail("no (name) after '%'");
    const PercentNames::Value* value = names_.Find(name);
    if (!value) {
      error_ = {PercentError::Kind::kUnknownName, name, start_};
      return;
    }
    Render(*value, conversion);
  }

  // Parentheses nest, as Python's do.
  bool ReadName(std::string* name) {
    int depth = 0;
    for (std::size_t i = at_; i < text_.size(); ++i) {
      if (text_[i] == '(') ++depth;
      if (text_[i] == ')' && --depth == 0) {
        *name = text_.substr(at_ + 1, i - at_ - 1);
        at_ = i + 1;
        return true;
      }
    }
    return false;
  }

  int ReadNumber() {
    int number = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_)
      number = std::min(number * 10 + (text_[at_] - '0'), kMaxWidth + 1);
    return number;
  }

  bool ReadConversion(Conversion* conversion) {
    for (; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == '-')
        conversion->left = true;
      else if (c == '0')
        conversion->zero = true;
      else if (c == '+')
        conversion->plus = true;
      else if (c == ' ')
        conversion->blank = true;
      else if (c == '#')
        conversion->alternate = true;
      else
        break;
    }
    conversion->width = ReadNumber();
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      conversion->precision = ReadNumber();
    }
    while (at_ < text_.size() && (text_[at_] == 'h' || text_[at_] == 'l' || text_[at_] == 'L')) ++at_;
    if (conversion->width > kMaxWidth || conversion->precision > kMaxWidth)
      return Fail("the width is over 4096"), false;
    if (at_ >= text_.size()) return Fail("incomplete format"), false;
    conversion->letter = text_[at_];
    if (std::string_view("diouxXeEfFgGcrsa%").find(conversion->letter) == std::string_view::npos) {
      char hex[16];
      std::snprintf(hex, sizeof hex, "0x%x", static_cast<unsigned char>(text_[at_]));
      std::string shown(1, text_[at_]);
      Fail("unsupported format character '" + shown + "' (" + hex + ") at index " + std::to_string(at_));
      return false;
    }
    ++at_;
    return true;
  }

  void Render(const PercentNames::Value& value, const Conversion& conversion) {
    bool is_text = std::string_view("rsa").find(conversion.letter) != std::string_view::npos;
    const auto* number = std::get_if<std::int64_t>(&value);
    std::string shown;
    if (is_text) {
      shown = number ? std::to_string(*number) : std::get<std::string>(value);
      if (!number && conversion.letter != 's') shown = "'" + shown + "'";
      if (conversion.precision >= 0) shown = shown.substr(0, static_cast<std::size_t>(conversion.precision));
    } else if (!number) {
      return Fail(std::string("%") + conversion.letter + " format: a number is required, not str");
    } else {
      shown = RenderNumber(*number, conversion);
    }
    auto width = static_cast<std::size_t>(conversion.width);
    if (shown.size() < width) shown.insert(conversion.left ? shown.size() : 0, width - shown.size(), ' ');
    out_ += shown;
  }

  // C's printf and Python agree on numbers for every letter that is left here.
  static std::string RenderNumber(std::int64_t number, const Conversion& conversion) {
    std::string format = "%";
    if (conversion.left) format += '-';
    if (conversion.zero) format += '0';
    if (conversion.plus) format += '+';
    if (conversion.blank) format += ' ';
    if (conversion.alternate) format += '#';
    if (conversion.width > 0) format += std::to_string(conversion.width);
    if (conversion.precision >= 0) format += "." + std::to_string(conversion.precision);
    bool is_real = std::string_view("eEfFgG").find(conversion.letter) != std::string_view::npos;
    std::string out(2 * kMaxWidth + 512, '\0');
    int length;
    if (conversion.letter == 'c') {
      return std::string(1, static_cast<char>(number));
    } else if (is_real) {
      format += conversion.letter;
      length = std::snprintf(out.data(), out.size(), format.c_str(), static_cast<double>(number));
    } else {
      format += "ll";
      format += conversion.letter == 'u' ? 'd' : conversion.letter;
      length = std::snprintf(out.data(), out.size(), format.c_str(), static_cast<long long>(number));
    }
    out.resize(length < 0 ? 0 : std::min(out.size(), static_cast<std::size_t>(length)));
    return out;
  }

  void Fail(std::string text) {
    if (error_.kind == PercentError::Kind::kNone)
      error_ = {PercentError::Kind::kBadFormat, std::move(text), start_};
  }

  std::string_view text_;
  const PercentNames& names_;
  std::size_t at_ = 0, start_ = 0;
  std::string out_;
  PercentError error_;
};

}  // namespace

std::string ExpandPercent(std::string_view text, const PercentNames& names, PercentError* error) {
  return Expander(text, names).Run(error);
}

}  // namespace foster
