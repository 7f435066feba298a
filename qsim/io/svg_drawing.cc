#include "qsim/io/svg_drawing.h"

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "qsim/io/layout.h"

namespace qsim {
namespace {

// All lengths are whole pixels, so that no locale can write a number in another way.
constexpr int kWirePitch = 48;
constexpr int kBoxHeight = 36;
constexpr int kNarrowestColumn = 34;
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
constexpr int kWidestRow = 1200;
constexpr std::size_t kMostColumns = 24;

constexpr std::string_view kInk = "#1f2937";
constexpr std::string_view kWire = "#9ca3af";
constexpr std::string_view kPlusFill = "#2563eb";

using Column = std::vector<const PlacedOperation*>;
using Attributes = std::initializer_list<std::pair<std::string_view, std::string>>;

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
    case GateKind::kInitialize:
    case GateKind::kMeasure:
    case GateKind::kReset:
    case GateKind::kBarrier:
    case GateKind::kChannel:
      break;
  }
  return {"#fef3dc", "#b45309"};
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string open_tag(std::string_view name, const Attributes& attributes) {
  std::string out = "<" + std::string(name);
  for (const auto& [key, value] : attributes) {
    out += " " + std::string(key) + "=\"" + escaped(value) + "\"";
  }
  return out;
}

std::string element(std::string_view name, const Attributes& attributes) {
  return open_tag(name, attributes) + "/>\n";
}

std::string num(int value) { return std::to_string(value); }

std::string line(int x1, int y1, int x2, int y2, std::string_view colour, std::string width) {
  return element("line", {{"x1", num(x1)},
                          {"y1", num(y1)},
                          {"x2", num(x2)},
                          {"y2", num(y2)},
                          {"stroke", std::string(colour)},
                          {"stroke-width", std::move(width)}});
}

std::string circle(int x, int y, int radius, std::string_view fill, std::string_view stroke) {
  return element("circle", {{"cx", num(x)},
                            {"cy", num(y)},
                            {"r", num(radius)},
                            {"fill", std::string(fill)},
                            {"stroke", std::string(stroke)},
                            {"stroke-width", "1.6"}});
}

// `y` is the middle of the letters; a baseline lies about a third of the size below it.
std::string text(int x, int y, int size, std::string_view anchor, std::string_view content) {
  return open_tag("text", {{"x", num(x)},
                           {"y", num(y + (size * 9 + 12) / 25)},
                           {"font-size", num(size)},
                           {"text-anchor", std::string(anchor)},
                           {"fill", std::string(kInk)}}) +
         ">" + escaped(content) + "</text>\n";
}

// The fonts of browsers differ; 0.63 of the size is a wide average for letters and digits.
int text_width(std::string_view content, int size) {
  return (display_width(content) * size * 63 + 99) / 100;
}

int port_width(const PlacedOperation& op) { return op.has_ports() ? kPortWidth : 0; }

int width_of(const PlacedOperation& op, const Box& box) {
  const Label label = op.label(box);
  const int text =
      std::max(text_width(label.symbol, kSymbolSize), text_width(label.angles, kAngleSize));
  return std::max(kNarrowestColumn, text + 2 * kPadding + port_width(op));
}

int width_of(const PlacedOperation& op) {
  int widest = kNarrowestColumn;
  for (const Box& box : op.boxes) widest = std::max(widest, width_of(op, box));
  return widest;
}

int width_of(const Column& column) {
  int widest = kNarrowestColumn;
  for (const PlacedOperation* op : column) widest = std::max(widest, width_of(*op));
  return widest;
}

// Draws one operation around the vertical line `x`; wire q lies at `top` + q · kWirePitch.
class OperationPainter {
 public:
  OperationPainter(std::string& out, const PlacedOperation& op, int x, int top)
      : out_(out), op_(op), x_(x), top_(top) {}

  void paint() {
    if (op_.last > op_.first) out_ += line(x_, y(op_.first), x_, y(op_.last), kInk, "1.6");
    for (const Box& box : op_.boxes) paint_box(box);
    for (Qubit q = op_.first; q <= op_.last; ++q) paint_mark(op_.role(q), y(q));
  }

 private:
  [[nodiscard]] int y(Qubit q) const { return top_ + q * kWirePitch; }

  void paint_mark(Role role, int y) {
    switch (role) {
      case Role::kControlOne:
        out_ += circle(x_, y, kDotRadius, kInk, kInk);
        break;
      case Role::kControlZero:
        out_ += circle(x_, y, kDotRadius, "#ffffff", kInk);
        break;
      case Role::kPlus:
        out_ += circle(x_, y, kPlusRadius, kPlusFill, kPlusFill);
        out_ += line(x_ - kPlusRadius + 4, y, x_ + kPlusRadius - 4, y, "#ffffff", "2");
        out_ += line(x_, y - kPlusRadius + 4, x_, y + kPlusRadius - 4, "#ffffff", "2");
        break;
      case Role::kCross:
        out_ += line(x_ - kCrossRadius, y - kCrossRadius, x_ + kCrossRadius, y + kCrossRadius,
                     kPlusFill, "2.2");
        out_ += line(x_ - kCrossRadius, y + kCrossRadius, x_ + kCrossRadius, y - kCrossRadius,
                     kPlusFill, "2.2");
        break;
      case Role::kPass:
      case Role::kBox:
        break;
    }
  }

  void paint_box(const Box& box) {
    const Palette colours = palette(op_.kind);
    const int width = width_of(op_, box);
    const int left = x_ - width / 2;
    const Label label = op_.label(box);
    out_ += element("rect", {{"x", num(left)},
                             {"y", num(y(box.first) - kBoxHeight / 2)},
                             {"width", num(width)},
                             {"height", num(y(box.last) - y(box.first) + kBoxHeight)},
                             {"rx", "5"},
                             {"fill", std::string(colours.fill)},
                             {"stroke", std::string(colours.stroke)},
                             {"stroke-width", "1.4"}});
    paint_label(label, left + (width + port_width(op_)) / 2, (y(box.first) + y(box.last)) / 2);
    for (Qubit q = box.first; q <= box.last; ++q) {
      if (op_.port(q).empty()) continue;
      out_ += label.symbol.empty() ? text(x_, y(q), kSymbolSize, "middle", op_.port(q))
                                   : text(left + 6, y(q), kAngleSize, "start", op_.port(q));
    }
  }

  // The angles stand below the symbol.
  void paint_label(const Label& label, int x, int y) {
    if (label.symbol.empty()) return;
    const int raised = label.angles.empty() ? 0 : 7;
    out_ += text(x, y - raised, kSymbolSize, "middle", label.symbol);
    if (raised > 0) out_ += text(x, y + 8, kAngleSize, "middle", label.angles);
  }

  std::string& out_;
  const PlacedOperation& op_;
  int x_;
  int top_;
};

// One row of a folded circuit, and its width.
struct Row {
  std::string content;
  int width = 0;
};

// A dashed stub says that the circuit goes on in the next row.
std::string wires(int n_qubits, int begin, int end, int top, bool goes_on) {
  std::string out;
  for (Qubit q = 0; q < n_qubits; ++q) {
    const int y = top + q * kWirePitch;
    out += text(begin - 6, y, kSymbolSize - 1, "end", "q" + num(q));
    out += line(begin, y, end, y, kWire, "1.4");
    if (goes_on) {
      out += element("line", {{"x1", num(end)},
                              {"y1", num(y)},
                              {"x2", num(end + kMargin)},
                              {"y2", num(y)},
                              {"stroke", std::string(kWire)},
                              {"stroke-width", "1.4"},
                              {"stroke-dasharray", "3 3"}});
    }
  }
  return out;
}

Row draw_row(std::span<const Column> columns, std::span<const int> widths, int n_qubits, int begin,
             int top, bool goes_on) {
  int end = begin + kColumnGap;
  for (const int width : widths) end += width;
  Row out{.content = wires(n_qubits, begin, end, top, goes_on), .width = end + kMargin};
  int x = begin + kColumnGap;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    const int middle = x + (widths[k] - kColumnGap) / 2;
    for (const PlacedOperation* op : columns[k]) {
      OperationPainter(out.content, *op, middle, top).paint();
    }
    x += widths[k];
  }
  return out;
}

std::string document(int width, int height, const std::string& content) {
  const std::string w = num(width);
  const std::string h = num(height);
  return open_tag("svg",
                  {{"xmlns", "http://www.w3.org/2000/svg"},
                   {"width", w},
                   {"height", h},
                   {"viewBox", "0 0 " + w + " " + h},
                   {"role", "img"},
                   {"font-family", "'DejaVu Sans', 'Segoe UI', Helvetica, Arial, sans-serif"}}) +
         ">\n" +
         element("rect",
                 {{"x", "0"}, {"y", "0"}, {"width", w}, {"height", h}, {"fill", "#ffffff"}}) +
         content + "</svg>\n";
}

}  // namespace

std::string draw_svg(const Circuit& circuit) {
  const int n_qubits = circuit.n_qubits();
  const Layout layout = lay_out(circuit);
  const std::vector<Column> columns = layout.columns();
  std::vector<int> widths;  // each with the gap after it
  widths.reserve(columns.size());
  for (const Column& column : columns) widths.push_back(width_of(column) + kColumnGap);
  const int begin = kMargin + 6 + text_width("q" + num(n_qubits - 1), kSymbolSize - 1);
  const int row_height = (n_qubits - 1) * kWirePitch + kBoxHeight;
  std::vector<std::size_t> cuts = fold_columns(widths, kWidestRow - begin, kMostColumns);
  const std::size_t n_rows = cuts.size();
  cuts.push_back(columns.size());
  std::string content;
  int width = 0;
  int y = kMargin;
  for (std::size_t k = 0; k < n_rows; ++k) {
    const std::size_t count = cuts[k + 1] - cuts[k];
    const Row row = draw_row(std::span(columns).subspan(cuts[k], count),
                             std::span(widths).subspan(cuts[k], count), n_qubits, begin,
                             y + kBoxHeight / 2, k + 1 < n_rows);
    content += row.content;
    width = std::max(width, row.width);
    y += row_height + (k + 1 < n_rows ? kRowGap : kMargin);
  }
  return document(width, y, content);
}

}  // namespace qsim
