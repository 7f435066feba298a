#include "qsim/json/text.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "qsim/core/count_work.h"
#include "qsim/core/interrupt.h"
#include "qsim/json/reader.h"

namespace qsim {
namespace {

using json::Json;

// Every level of an expression is an object and an array; a program adds a few around them.
constexpr int kDeepestText = 2 * kDeepestExpression + 12;

// True where Json::dump() does not recurse further than one level.
bool is_shallow(const Json& value) {
  return std::none_of(value.begin(), value.end(),
                      [](const Json& child) { return child.is_structured(); });
}

// What Json::dump() writes, with a stack on the heap: its recursion takes about a kilobyte a level,
// and deep expressions would overflow the small stacks of threads.
class TextWriter {
 public:
  std::string write(const Json& root) {
    begin(root);
    while (!open_.empty()) {
      count_work();
      Level& level = open_.back();
      const bool is_object = level.value->is_object();
      if (level.next == level.value->end()) {
        out_ += is_object ? '}' : ']';
        open_.pop_back();
        continue;
      }
      if (level.next != level.value->begin()) out_ += ',';
      if (is_object) out_ += Json(level.next.key()).dump() + ':';
      begin(*level.next++);  // `level` is no longer valid
    }
    return std::move(out_);
  }

 private:
  struct Level {
    const Json* value = nullptr;
    Json::const_iterator next = {};
  };

  void begin(const Json& value) {
    if (value.is_structured()) count_work(value.size());
    if (!value.is_structured() || is_shallow(value)) {
      out_ += value.dump();
      return;
    }
    out_ += value.is_object() ? '{' : '[';
    open_.push_back({&value, value.begin()});
  }

  std::string out_;
  std::vector<Level> open_;
};

constexpr std::size_t kBytesBetweenPolls = std::size_t{1} << 14;

// The characters of a text for the parser, which has no loop of ours.
struct Interruptible {
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  const char* at = nullptr;

  reference operator*() const { return *at; }
  Interruptible& operator++() {
    ++at;
    if (reinterpret_cast<std::uintptr_t>(at) % kBytesBetweenPolls == 0) poll_interrupt();
    return *this;
  }
  Interruptible operator++(int) {
    const Interruptible before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Interruptible&) const = default;
};

// Before the parser, which would build whatever is there. (Its own callback tells the depth too,
// and takes quadratic time over long arrays.)
void require_shallow(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t k = 0; k < text.size(); ++k) {
    if (k % kBytesBetweenPolls == 0) poll_interrupt();
    const char c = text[k];
    if (in_string) {
      if (c == '\\') ++k;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      require(++depth <= kDeepestText, "JSON: nested more than ", kDeepestText, " deep");
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
}

}  // namespace

Json parse_json(std::string_view text) {
  require_shallow(text);
  try {
    return Json::parse(Interruptible{text.data()}, Interruptible{text.data() + text.size()});
  } catch (const Json::exception& error) {
    fail("JSON: ", json::excerpt(reason(error)));
  }
}

std::string_view reason(const std::exception& error) {
  const std::string_view text = error.what();  // "[json.exception.parse_error.101] parse error …"
  const std::size_t end = text.find("] ");
  return text.starts_with("[json.exception") && end != text.npos ? text.substr(end + 2) : text;
}

std::string json_text(const Json& value) {
  try {
    return TextWriter().write(value);
  } catch (const Json::exception& error) {  // a label or name that is not UTF-8
    fail("JSON: ", json::excerpt(reason(error)));
  }
}

}  // namespace qsim
