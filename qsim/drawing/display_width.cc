#include "qsim/drawing/display_width.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "qsim/core/utf8.h"

namespace qsim {
namespace {

struct PointRange {
  char32_t first;
  char32_t last;
};

#include "qsim/drawing/display_widths.inc"

template <class Ranges>
bool contains(const Ranges& ranges, char32_t c) {
  const auto next = std::ranges::upper_bound(ranges, c, {}, &PointRange::first);
  return next != ranges.begin() && c <= std::prev(next)->last;
}

constexpr char32_t kJoiner = 0x200D;
constexpr char32_t kAsText = 0xFE0E;
constexpr char32_t kAsEmoji = 0xFE0F;
constexpr PointRange kRegional{0x1F1E6, 0x1F1FF};
constexpr PointRange kSkinTones{0x1F3FB, 0x1F3FF};

bool is_in(PointRange range, char32_t c) { return c >= range.first && c <= range.last; }

// Columns of a character that stands alone.
int width_of(char32_t c) {
  if (c < kNoColumn.front().first) return 1;  // Latin letters, most of what there is
  if (contains(kNoColumn, c)) return 0;
  return contains(kTwoColumns, c) ? 2 : 1;
}

// Reads a text from left to right.
class ClusterReader {
 public:
  explicit ClusterReader(std::u32string_view text) : text_(text) {}

  std::vector<Cluster> read() {
    while (at_ < text_.size()) take(text_[at_]);
    return std::move(out_);
  }

 private:
  void take(char32_t c) {
    if (c == kJoiner) {
      take_joiner();
    } else if (c == kAsEmoji && can_vary_) {
      if (contains(kWidenedBySelector, base_)) set_width(2);
      can_vary_ = false;
      join();
    } else if (c == kAsText && can_vary_) {
      if (base_width_ == 2 && contains(kNarrowedBySelector, base_))
        set_width(out_.back().width - 1);
      can_vary_ = false;
      join();
    } else if (is_in(kRegional, c) && n_regional_ % 2 == 1) {
      base_ = c;
      join();
    } else if (is_in(kSkinTones, c) && (contains(kPictographs, base_) || is_in(kRegional, base_))) {
      join();
    } else if (const int width = width_of(c); width > 0) {
      take_base(c, width);
    } else {
      take_mark(c);
    }
  }

  // What is behind a joiner takes no columns; in a conjunct, the joiner itself does nothing.
  void take_joiner() {
    join();
    if (after_virama_ || at_ == text_.size()) return;
    base_width_ = 0;
    join();
  }

  void take_base(char32_t c, int width) {
    if (after_virama_) {
      join();
      set_width(2);
    } else {
      out_.push_back({text_.substr(at_, 0), width});
      join();
    }
    base_ = c;
    base_width_ = width;
    can_vary_ = true;
    after_virama_ = false;
  }

  void take_mark(char32_t c) {
    join();
    after_virama_ = contains(kViramas, c);
    if (after_virama_ || !can_vary_ || !contains(kSpacingMarks, c)) return;
    set_width(2);
    can_vary_ = false;
  }

  // The next character belongs to the cluster before it.
  void join() {
    if (out_.empty()) out_.push_back({text_.substr(0, 0), 0});
    const std::size_t first = at_ - out_.back().text.size();
    n_regional_ = is_in(kRegional, text_[at_]) ? n_regional_ + 1 : 0;
    ++at_;
    out_.back().text = text_.substr(first, at_ - first);
  }

  void set_width(int width) { out_.back().width = width; }

  std::u32string_view text_;
  std::size_t at_ = 0;
  std::vector<Cluster> out_;
  char32_t base_ = 0;  // the last character that has a width
  int base_width_ = 0;
  bool can_vary_ = false;  // whether a selector or a mark may still change the width
  bool after_virama_ = false;
  int n_regional_ = 0;  // halves of flags right before
};

}  // namespace

std::vector<Cluster> clusters(std::u32string_view text) { return ClusterReader(text).read(); }

int display_width(std::string_view text) {
  const std::u32string points = decode_utf8(text);
  int width = 0;
  for (const Cluster& cluster : clusters(points)) width += cluster.width;
  return width;
}

}  // namespace qsim
