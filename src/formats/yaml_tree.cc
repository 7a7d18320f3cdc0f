// SPDX-License-Identifier: MIT
// The tree is built from yaml-cpp's events, not from its nodes: so the depth is known before the parser
// recurses, the places are exact, duplicate keys are seen and an alias costs nothing.
#include "formats/yaml_tree.h"

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <map>
#include <streambuf>
#include <unordered_map>

namespace foster {

bool YamlNode::is_null() const {
  return is_scalar() && is_plain &&
         (scalar.empty() || scalar == "~" || scalar == "null" || scalar == "Null" || scalar == "NULL");
}

const YamlNode* YamlNode::Find(std::string_view key) const {
  for (const Pair& pair : pairs)
    if (pair.key == key) return pair.value.get();
  return nullptr;
}

std::string KindName(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
    case YamlNode::Kind::kScalar:
      return node.is_null() ? "nothing" : Quote(node.scalar);
  }
  return "";
}

namespace {

// Leaves the parser from inside a callback; caught in ParseYaml, seen by nobody else.
struct Refused {
  Origin origin;
  std::string text, hint;
};

std::size_t OffsetOf(const YAML::Mark& mark) { return mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos); }

using Builder = std::shared_ptr<YamlNode>;

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, const std::function<Origin(std::size_t)>& origin_of, Report& report)
      : text_(text), origin_of_(origin_of), report_(report) {}

  std::size_t start() const { return start_; }

  YamlNode::Pointer root() const { return root_; }

  void OnDocumentStart(const YAML::Mark& mark) override { start_ = OffsetOf(mark); }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Scalar(mark, "", true, anchor); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    CheckQuotes(mark);
    Scalar(mark, value, tag != "!" && tag != "tag:yaml.org,2002:str", anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused{At(mark), "an alias inside what it names", "take the '*' out"};
    Add(found->second, At(mark));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, YamlNode::Kind::kSequence, anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(mark, YamlNode::Kind::kMap, anchor);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Frame {
    Builder node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    std::string key;
    bool key_is_merge = false;
    Origin key_origin;
    std::unordered_map<std::string, Origin> seen;
    std::vector<YamlNode::Pointer> merges;
  };

  Origin At(const YAML::Mark& mark) const { return origin_of_(OffsetOf(mark)); }

  // yaml-cpp takes the end of the file for a closing quote; a file like that is broken.
  void CheckQuotes(const YAML::Mark& mark) const {
    std::size_t at = OffsetOf(mark);
    while (at < text_.size() && (text_[at] == '&' || text_[at] == '!'))  // an anchor or a tag comes before
      at = std::min(text_.find_first_not_of(" \t\r\n", text_.find_first_of(" \t\r\n", at)), text_.size());
    if (at >= text_.size() || (text_[at] != '"' && text_[at] != '\'')) return;
    char quote = text_[at];
    for (std::size_t i = at + 1; i < text_.size(); ++i) {
      if (quote == '"' && text_[i] == '\\') {
        ++i;
      } else if (text_[i] == quote) {
        bool is_doubled = quote == '\'' && i + 1 < text_.size() && text_[i + 1] == quote;
        if (!is_doubled) return;
        ++i;
      }
    }
    throw Refused{origin_of_(at), "this is not YAML: no closing quotation", ""};
  }

  Builder New(const YAML::Mark& mark, YamlNode::Kind kind) const {
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->origin = At(mark);
    return node;
  }

  void Scalar(const YAML::Mark& mark, const std::string& value, bool is_plain, YAML::anchor_t anchor) {
    Builder node = New(mark, YamlNode::Kind::kScalar);
    node->scalar = value;
    node->is_plain = is_plain;
    if (anchor) anchors_[anchor] = node;
    Add(node, node->origin);
  }

  void Open(const YAML::Mark& mark, YamlNode::Kind kind, YAML::anchor_t anchor) {
    if (stack_.size() >= kMaxYamlDepth) throw Refused{At(mark), "nested deeper than 64 levels", ""};
    Frame frame;
    frame.node = New(mark, kind);
    frame.anchor = anchor;
    stack_.push_back(std::move(frame));
  }

  void Close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    Merge(frame);
    if (frame.anchor) anchors_[frame.anchor] = frame.node;
    Add(frame.node, frame.node->origin);
  }

  // A finished node goes to its parent: as an item, a key or a value.
  void Add(const YamlNode::Pointer& node, const Origin& origin) {
    if (stack_.empty()) {
      root_ = node;
      return;
    }
    Frame& parent = stack_.back();
    if (parent.node->is_sequence()) {
      Weigh(*parent.node, *node, origin);
      parent.node->items.push_back(node);
    } else if (!parent.has_key) {
      Key(parent, *node, origin);
    } else {
      Weigh(*parent.node, *node, origin);
      if (parent.key_is_merge) {
        parent.merges.push_back(node);
      } else {
        parent.node->pairs.push_back({std::move(parent.key), parent.key_origin, node});
      }
      parent.has_key = false;
    }
  }

  void Key(Frame& parent, const YamlNode& node, const Origin& origin) {
    if (!node.is_scalar()) throw Refused{origin, "a key has to be a word, not " + KindName(node), ""};
    parent.has_key = true;
    parent.key = node.scalar;
    parent.key_origin = origin;
    parent.key_is_merge = node.is_plain && node.scalar == "<<";
    if (parent.key_is_merge) return;
    auto [first, is_new] = parent.seen.emplace(node.scalar, origin);
    if (is_new) return;
    report_.Error(origin,
                  "mapping key " + Quote(node.scalar) + " already defined at line " +
                      std::to_string(first->second.line),
                  "take one of the two out");
  }

  void Weigh(YamlNode& parent, const YamlNode& child, const Origin& origin) const {
    parent.weight += child.weight;
    if (parent.weight > kMaxYamlNodes)
      throw Refused{origin, "more than a million values once every alias is written out", ""};
  }

  // What the map says itself wins over what it merges, an earlier source over a later one.
  void Merge(Frame& frame) {
    for (const YamlNode::Pointer& merge : frame.merges) {
      if (merge->is_map()) {
        MergeOne(frame, *merge);
      } else if (merge->is_sequence()) {
        for (const YamlNode::Pointer& item : merge->items) {
          if (!item->is_map()) throw Refused{item->origin, "'<<' needs a map or a list of maps", ""};
          MergeOne(frame, *item);
        }
      } else {
        throw Refused{merge->origin, "'<<' needs a map or a list of maps", ""};
      }
    }
  }

  void MergeOne(Frame& frame, const YamlNode& from) {
    for (const YamlNode::Pair& pair : from.pairs)
      if (frame.seen.emplace(pair.key, pair.origin).second) frame.node->pairs.push_back(pair);
  }

  std::string_view text_;
  const std::function<Origin(std::size_t)>& origin_of_;
  Report& report_;
  std::size_t start_ = 0;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, YamlNode::Pointer> anchors_;
  YamlNode::Pointer root_;
};

// A string_view as a stream, without a copy.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // only read: streambuf's interface has no const
    setg(begin, begin, begin + text.size());
  }
};

// Whether a line of text[from, to] begins with "---" or "...".
bool HasDocumentMark(std::string_view text, std::size_t from, std::size_t to) {
  std::size_t line = from == 0 ? 0 : text.rfind('\n', from - 1) + 1;
  while (line <= to && line < text.size()) {
    std::string_view three = text.substr(line, 3);
    if (three == "---" || three == "...") return true;
    std::size_t end = text.find('\n', line);
    if (end == std::string_view::npos) break;
    line = end + 1;
  }
  return false;
}

// yaml-cpp ends the document at text that does not belong to it and would go on with a second one. Only a
// second one that is announced by a mark is none of our business.
void CheckRest(YAML::Parser& parser, std::string_view text, std::size_t first_start,
               const std::function<Origin(std::size_t)>& origin_of, Report& report) {
  std::vector<Diagnostic> unseen;
  Report none(&unseen);
  TreeBuilder rest(text, origin_of, none);
  std::size_t at = 0;
  try {
    if (!parser.HandleNextDocument(rest)) return;
    at = rest.start();
  } catch (const Refused&) {
    at = rest.start();
  } catch (const YAML::Exception& exception) {
    at = std::max(rest.start(), OffsetOf(exception.mark));
  }
  if (!HasDocumentMark(text, first_start + 1, at))
    report.Error(origin_of(at), "this is not YAML: this text does not belong to what is above it",
                 "look at the indentation and for a missing ':'");
}

}  // namespace

YamlNode::Pointer ParseYaml(std::string_view text, const std::function<Origin(std::size_t)>& origin_of,
                            Report& report) {
  ViewBuffer buffer(text);
  std::istream stream(&buffer);
  TreeBuilder builder(text, origin_of, report);
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return std::make_shared<YamlNode>();  // an empty file is null
    CheckRest(parser, text, builder.start(), origin_of, report);
    return builder.root() ? builder.root() : std::make_shared<YamlNode>();
  } catch (const Refused& refused) {
    report.Error(refused.origin, refused.text, refused.hint);
  } catch (const YAML::Exception& exception) {
    report.Error(origin_of(OffsetOf(exception.mark)), "this is not YAML: " + exception.msg, "");
  } catch (const std::bad_alloc&) {
    report.Error(origin_of(0), "cannot read it as YAML: out of memory");
  } catch (const std::exception& exception) {
    report.Error(origin_of(0), std::string("this is not YAML: ") + exception.what());
  }
  return nullptr;
}

}  // namespace foster
