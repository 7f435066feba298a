#include "qsim/drawing/scene.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/drawing/display_width.h"
#include "qsim/drawing/layout.h"

namespace qsim {
namespace {

constexpr int kWirePitch = 48;
constexpr int kBoxHeight = 36;
constexpr int kConditionHeight = 24;
constexpr int kNarrowestColumn = 34;
constexpr int kBarrierWidth = 12;
constexpr int kColumnGap = 12;
constexpr int kMargin = 16;
constexpr int kRowGap = 44;  // between the rows of a folded circuit
constexpr int kPortWidth = 16;
constexpr int kPadding = 9;  // left and right of a label
constexpr int kSymbolSize = 15;
constexpr int kAngleSize = 11;
constexpr int kDotRadius = 5;
constexpr int kPlusRadius = 11;
constexpr int kCrossRadius = 6;
constexpr int kMeterRadius = 10;
constexpr int kCaptionHeight = 20;
constexpr int kWidestRow = 1200;
constexpr std::size_t kMostColumns = 24;
constexpr std::int64_t kMostShapes = 2'000'000;

constexpr std::string_view kInk = "#1f2937";
constexpr std::string_view kWire = "#9ca3af";
constexpr std::string_view kWhite = "#ffffff";
constexpr std::string_view kPlusFill = "#2563eb";
constexpr std::string_view kBarrierFill = "#d8dde4";

using Column = std::vector<const PlacedOperation*>;

struct Palette {
  std::string_view fill;
  std::string_view stroke;
};

Palette palette(GateKind kind) {
  switch (kind) {
    case GateKind::kFixed:
      return {"#e8f0fe", "#2563eb"};
    case GateKind::kRotation:
    case GateKind::kPauli:
      return {"#e7f6ee", "#15803d"};
    case GateKind::kUnitary:
    case GateKind::kEvolution:
      return {"#f3ecfd", "#7c3aed"};
    case GateKind::kMeasure:
    case GateKind::kReset:
      return {"#eef0f3", "#4b5563"};
    case GateKind::kChannel:
      return {"#fde8e8", "#b91c1c"};
    case GateKind::kInitialize:
    case GateKind::kBarrier:
      break;
  }
  return {"#fef3dc", "#b45309"};
}

// The fonts of browsers differ; 0.63 of the size is a wide average for letters and digits.
int text_width(std::string_view content, int size) {
  return (display_width(content) * size * 63 + 99) / 100;
}

int port_width(const PlacedOperation& op) {
  if (!op.has_ports()) return 0;
  int widest = kPortWidth;
  for (const Mark& mark : op.marks) {
    widest = std::max(widest, text_width(mark.port, kAngleSize) + kPadding);
  }
  return widest;
}

int width_of(const PlacedOperation& op, const Frame& frame) {
  const Label label = op.label(frame);
  const int text =
      std::max(text_width(label.symbol, kSymbolSize), text_width(label.angles, kAngleSize));
  return std::max(kNarrowestColumn, text + 2 * kPadding + port_width(op));
}

int caption_width(const PlacedOperation& op) {
  return text_width(op.caption, kAngleSize) + kPadding;
}

int width_of(const ClassicalMark& mark) { return text_width(mark.text, kAngleSize) + kPadding; }

int width_of(const PlacedOperation& op) {
  int widest = op.kind == GateKind::kBarrier ? kBarrierWidth : kNarrowestColumn;
  for (const Frame& frame : op.frames) widest = std::max(widest, width_of(op, frame));
  if (!op.caption.empty()) widest = std::max(widest, caption_width(op));
  for (const ClassicalMark& mark : op.classical) widest = std::max(widest, width_of(mark));
  return widest;
}

int width_of(const Column& column) {
  int widest = kBarrierWidth;
  for (const PlacedOperation* op : column) widest = std::max(widest, width_of(*op));
  return widest;
}

// Adds shapes to a group.
class Pen {
 public:
  explicit Pen(std::vector<SceneShape>& shapes) : shapes_(shapes) {}

  SceneShape& line(int x, int y, int x2, int y2, std::string_view colour, int tenths) {
    return add({.kind = SceneShape::Kind::kLine,
                .x = x,
                .y = y,
                .x2 = x2,
                .y2 = y2,
                .stroke_width = tenths,
                .stroke = std::string(colour)});
  }
  // Two lines side by side, the classical kind of wire.
  void double_line(int x, int y, int x2, int y2, std::string_view colour) {
    constexpr int kApart = 2;
    const int across = x == x2 ? kApart : 0;
    const int up = y == y2 ? kApart : 0;
    line(x - across, y - up, x2 - across, y2 - up, colour, 12);
    line(x + across, y + up, x2 + across, y2 + up, colour, 12);
  }
  void circle(int x, int y, int radius, std::string_view fill, std::string_view stroke) {
    add({.kind = SceneShape::Kind::kCircle,
         .x = x,
         .y = y,
         .size = radius,
         .stroke_width = 16,
         .fill = std::string(fill),
         .stroke = std::string(stroke)});
  }
  void arc(int x, int y, int radius, std::string_view colour) {
    add({.kind = SceneShape::Kind::kArc,
         .x = x,
         .y = y,
         .size = radius,
         .stroke_width = 16,
         .stroke = std::string(colour)});
  }
  void rectangle(int x, int y, int x2, int y2, Palette colours) {
    add({.kind = SceneShape::Kind::kRect,
         .x = x,
         .y = y,
         .x2 = x2,
         .y2 = y2,
         .size = 5,
         .stroke_width = 14,
         .fill = std::string(colours.fill),
         .stroke = std::string(colours.stroke)});
  }
  void text(int x, int y, int size, SceneShape::Anchor anchor, std::string_view content) {
    if (content.empty()) return;
    add({.kind = SceneShape::Kind::kText,
         .x = x,
         .y = y,
         .size = size,
         .anchor = anchor,
         .fill = std::string(kInk),
         .text = std::string(content)});
  }

 private:
  SceneShape& add(SceneShape shape) { return shapes_.emplace_back(std::move(shape)); }

  std::vector<SceneShape>& shapes_;
};

// Draws one operation around the vertical line `x`; wire k lies at `top` + k · kWirePitch.
class OperationPainter {
 public:
  OperationPainter(Pen pen, const PlacedOperation& op, int x, int top)
      : pen_(pen), op_(op), x_(x), top_(top) {}

  void paint() {
    if (!op_.classical.empty()) pen_.double_line(x_, y(op_.last), x_, y(op_.reach), kInk);
    const bool has_line = op_.last > op_.first && op_.kind != GateKind::kBarrier;
    if (has_line) pen_.line(x_, y(op_.first), x_, y(op_.last), kInk, 16);
    for (const Frame& frame : op_.frames) paint_frame(frame);
    for (const Mark& mark : op_.marks) paint_mark(mark.role, y(mark.qubit));
    if (!op_.caption.empty()) paint_caption();
    for (const ClassicalMark& mark : op_.classical) paint_classical(mark);
  }

 private:
  [[nodiscard]] int y(int wire) const { return top_ + wire * kWirePitch; }

  void paint_mark(Role role, int y) {
    switch (role) {
      case Role::kControlOne:
        pen_.circle(x_, y, kDotRadius, kInk, kInk);
        break;
      case Role::kControlZero:
        pen_.circle(x_, y, kDotRadius, kWhite, kInk);
        break;
      case Role::kPlus: {
        constexpr int kArm = kPlusRadius - 4;
        pen_.circle(x_, y, kPlusRadius, kPlusFill, kPlusFill);
        pen_.line(x_ - kArm, y, x_ + kArm, y, kWhite, 20);
        pen_.line(x_, y - kArm, x_, y + kArm, kWhite, 20);
        break;
      }
      case Role::kCross:
        pen_.line(x_ - kCrossRadius, y - kCrossRadius, x_ + kCrossRadius, y + kCrossRadius,
                  kPlusFill, 22);
        pen_.line(x_ - kCrossRadius, y + kCrossRadius, x_ + kCrossRadius, y - kCrossRadius,
                  kPlusFill, 22);
        break;
      case Role::kBarrier: {
        constexpr int kHalf = kWirePitch / 2;
        pen_.line(x_, y - kHalf, x_, y + kHalf, kBarrierFill, 10 * kBarrierWidth - 40);
        pen_.line(x_, y - kHalf, x_, y + kHalf, kInk, 12).dashed = true;
        break;
      }
      case Role::kBox:
        break;
    }
  }

  void paint_frame(const Frame& frame) {
    constexpr int kHalf = kBoxHeight / 2;
    const int width = width_of(op_, frame);
    const int left = x_ - width / 2;
    const Label label = op_.label(frame);
    pen_.rectangle(left, y(frame.first) - kHalf, left + width, y(frame.last) + kHalf,
                   palette(op_.kind));
    if (op_.kind == GateKind::kMeasure) return paint_meter(y(frame.first));
    paint_label(label, left + (width + port_width(op_)) / 2, (y(frame.first) + y(frame.last)) / 2);
    for (const Mark& mark : op_.marks) {
      if (mark.qubit < frame.first || mark.qubit > frame.last) continue;
      if (label.symbol.empty()) {
        pen_.text(x_, y(mark.qubit), kSymbolSize, SceneShape::Anchor::kMiddle, mark.port);
      } else {
        pen_.text(left + 6, y(mark.qubit), kAngleSize, SceneShape::Anchor::kStart, mark.port);
      }
    }
  }

  void paint_meter(int y) {
    const int low = y + kMeterRadius / 2;
    pen_.arc(x_, low, kMeterRadius, kInk);
    pen_.line(x_, low, x_ + kMeterRadius - 2, y - kMeterRadius, kInk, 16);
  }

  // Between the first two wires, on the line.
  void paint_caption() {
    const int middle = y(op_.first) + kWirePitch / 2;
    const int left = x_ - caption_width(op_) / 2;
    pen_.rectangle(left, middle - kCaptionHeight / 2, left + caption_width(op_),
                   middle + kCaptionHeight / 2, palette(op_.kind));
    pen_.text(x_, middle, kAngleSize, SceneShape::Anchor::kMiddle, op_.caption);
  }

  // The angles stand below the symbol.
  void paint_label(const Label& label, int x, int y) {
    const int raised = label.angles.empty() ? 0 : 7;
    pen_.text(x, y - raised, kSymbolSize, SceneShape::Anchor::kMiddle, label.symbol);
    pen_.text(x, y + 8, kAngleSize, SceneShape::Anchor::kMiddle, label.angles);
  }

  void paint_classical(const ClassicalMark& mark) {
    const int middle = y(mark.wire);
    if (!mark.is_condition) {
      pen_.circle(x_, middle, kDotRadius - 1, kInk, kInk);
      pen_.text(x_ + 6, middle + 13, kAngleSize, SceneShape::Anchor::kStart, mark.text);
      return;
    }
    const int half = std::max(width_of(mark), kConditionHeight) / 2;
    pen_.rectangle(x_ - half, middle - kConditionHeight / 2, x_ + half,
                   middle + kConditionHeight / 2, {"#eef0f3", kInk});
    pen_.text(x_, middle, kAngleSize, SceneShape::Anchor::kMiddle, mark.text);
  }

  Pen pen_;
  const PlacedOperation& op_;
  int x_;
  int top_;
};

class ScenePainter {
 public:
  ScenePainter(const Circuit& circuit, int expand)
      : layout_(lay_out(circuit, expand)), columns_(layout_.columns()) {
    for (const Column& column : columns_) {
      count_work(4);
      widths_.push_back(width_of(column) + kColumnGap);
    }
    int widest = 0;
    for (const Wire& wire : layout_.wires) {
      widest = std::max(widest, text_width(wire.name, kNameSize));
    }
    begin_ = kMargin + 6 + widest;
  }

  Scene scene() {
    const int n_wires = static_cast<int>(layout_.wires.size());
    const int row_height = (n_wires - 1) * kWirePitch + kBoxHeight;
    std::vector<std::size_t> cuts = fold_columns(widths_, kWidestRow - begin_, kMostColumns);
    require_room(cuts.size());
    cuts.push_back(columns_.size());
    int y = kMargin;
    for (std::size_t k = 0; k + 1 < cuts.size(); ++k) {
      draw_row(cuts[k], cuts[k + 1], y + kBoxHeight / 2);
      y += row_height + (k + 2 < cuts.size() ? kRowGap : kMargin);
    }
    out_.height = y;
    return std::move(out_);
  }

 private:
  static constexpr int kNameSize = kSymbolSize - 1;

  void require_room(std::size_t n_rows) const {
    std::int64_t shapes = static_cast<std::int64_t>(n_rows * layout_.wires.size()) * 3;
    for (const PlacedOperation& op : layout_.operations) {
      shapes += 4 + 3 * static_cast<std::int64_t>(op.marks.size());
    }
    require(shapes <= kMostShapes, "a drawing of ", layout_.wires.size(), " wires and ",
            layout_.operations.size(), " operations takes some ", shapes, " shapes; the limit is ",
            kMostShapes);
  }

  void draw_row(std::size_t from, std::size_t to, int top) {
    int end = begin_ + kColumnGap;
    for (std::size_t k = from; k < to; ++k) end += widths_[k];
    draw_wires(end, top, to < columns_.size());
    out_.width = std::max(out_.width, end + kMargin);
    int x = begin_ + kColumnGap;
    for (std::size_t k = from; k < to; ++k) {
      const int middle = x + (widths_[k] - kColumnGap) / 2;
      for (const PlacedOperation* op : columns_[k]) {
        count_work(20);
        Group& group = out_.groups.emplace_back(Group{.title = op->title, .shapes = {}});
        OperationPainter(Pen(group.shapes), *op, middle, top).paint();
      }
      x += widths_[k];
    }
  }

  // A dashed stub says that the circuit goes on in the next row.
  void draw_wires(int end, int top, bool goes_on) {
    Pen pen(out_.groups.emplace_back().shapes);
    for (std::size_t k = 0; k < layout_.wires.size(); ++k) {
      const Wire& wire = layout_.wires[k];
      const int y = top + static_cast<int>(k) * kWirePitch;
      pen.text(begin_ - 6, y, kNameSize, SceneShape::Anchor::kEnd, wire.name);
      if (wire.is_classical) {
        pen.double_line(begin_, y, end, y, kWire);
      } else {
        pen.line(begin_, y, end, y, kWire, 14);
      }
      if (goes_on) pen.line(end, y, end + kMargin, y, kWire, 14).dashed = true;
    }
  }

  Layout layout_;
  std::vector<Column> columns_;
  std::vector<int> widths_;  // each with the gap after it
  int begin_ = 0;            // of the wires
  Scene out_;
};

}  // namespace

Scene scene_of(const Circuit& circuit, int expand) { return ScenePainter(circuit, expand).scene(); }

}  // namespace qsim
