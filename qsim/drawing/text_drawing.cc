#include "qsim/drawing/text_drawing.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/utf8.h"
#include "qsim/drawing/display_width.h"
#include "qsim/drawing/layout.h"

namespace qsim {
namespace {

constexpr int kGap = 1;         // between columns
constexpr int kRowsOfWire = 3;  // above the wire, the wire, below the wire
constexpr int kNarrowestColumn = 3;
constexpr std::int64_t kMostCells = 50'000'000;  // some 100 MB of text

using Column = std::vector<const PlacedOperation*>;

std::string label_of(const PlacedOperation& op, const Frame& frame) {
  const Label label = op.label(frame);
  return label.angles.empty() ? label.symbol : label.symbol + "(" + label.angles + ")";
}

int port_width(const PlacedOperation& op) {
  int widest = 0;
  for (const Mark& mark : op.marks) widest = std::max(widest, display_width(mark.port));
  return widest;
}

// Where the label begins, after the port and a gap.
int label_offset(const PlacedOperation& op) { return op.has_ports() ? port_width(op) + 1 : 0; }

// Blanks beside a label. There are as many measurements as qubits, each in a column of its own.
int padding(const PlacedOperation& op) { return op.kind == GateKind::kMeasure ? 0 : 1; }

int width_of(const PlacedOperation& op, const Frame& frame) {
  const int label = display_width(label_of(op, frame));
  const int inside = label == 0 ? port_width(op) : label_offset(op) + label;
  return inside + 2 * padding(op) + 2;  // "┤ H ├"
}

int width_of(const ClassicalMark& mark) {
  return display_width(mark.text) + (mark.is_condition ? 4 : 0);
}

int width_of(const PlacedOperation& op) {
  int widest = op.kind == GateKind::kBarrier ? 1 : kNarrowestColumn;
  widest = std::max(widest, display_width(op.caption));
  for (const Frame& frame : op.frames) widest = std::max(widest, width_of(op, frame));
  for (const ClassicalMark& mark : op.classical) widest = std::max(widest, width_of(mark));
  return widest;
}

int width_of(const Column& column) {
  int widest = 1;
  for (const PlacedOperation* op : column) widest = std::max(widest, width_of(*op));
  return widest;
}

char32_t glyph(Role role) {
  switch (role) {
    case Role::kPlus:
      return U'⊕';
    case Role::kCross:
      return U'×';
    case Role::kControlOne:
      return U'●';
    case Role::kControlZero:
      return U'○';
    case Role::kBarrier:
      return U'░';
    case Role::kBox:
      break;
  }
  return U'┼';
}

int row_of_wire(int wire) { return kRowsOfWire * wire + 1; }

// The cells of one block of columns, three rows a wire: characters, and what stands for others.
class Canvas {
 public:
  // The right half of a character that takes two columns.
  static constexpr char32_t kCovered = 0x110000;

  Canvas(std::span<const Wire> wires, int width) : width_(width) {
    const auto row = [width](char32_t c) {
      return std::u32string(static_cast<std::size_t>(width), c);
    };
    for (const Wire& wire : wires) {
      rows_.push_back(row(U' '));
      rows_.push_back(row(wire.is_classical ? U'═' : U'─'));
      rows_.push_back(row(U' '));
    }
  }

  char32_t& at(int row, int column) {
    return rows_[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
  }
  void write(int row, int column, std::u32string_view text) {
    for (const Cluster& cluster : clusters(text)) {
      if (cluster.width == 0) {
        if (column > 0) combine(row, column - 1, cluster.text);
        continue;
      }
      at(row, column) = cluster.text.front();
      if (cluster.text.size() > 1) combine(row, column, cluster.text.substr(1));
      for (int k = 1; k < cluster.width; ++k) at(row, column + k) = kCovered;
      column += cluster.width;
    }
  }

  [[nodiscard]] std::string text(std::u32string_view row) const {
    std::u32string out;
    for (const char32_t c : row) {
      if (c > kCovered) {
        out += combined_[c - kCovered - 1];
      } else if (c != kCovered) {
        out += c;
      }
    }
    return encode_utf8(out);
  }

  // The end of every wire, where the circuit goes on in another block.
  void mark_wires(int column, char32_t mark) {
    for (int row = 1; row < static_cast<int>(rows_.size()); row += kRowsOfWire) {
      at(row, column) = mark;
    }
  }
  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] std::span<const std::u32string> rows() const { return rows_; }

 private:
  // Puts what has no width upon what is there; both are one cell.
  void combine(int row, int column, std::u32string_view marks) {
    if (at(row, column) == kCovered) --column;
    char32_t& cell = at(row, column);
    std::u32string whole =
        cell > kCovered ? combined_[cell - kCovered - 1] : std::u32string(1, cell);
    combined_.push_back(whole.append(marks));
    cell = kCovered + static_cast<char32_t>(combined_.size());
  }

  int width_;
  std::vector<std::u32string> rows_;
  std::vector<std::u32string> combined_;  // cell kCovered + 1 + k is the k-th
};

// Draws one operation into the columns [x, x + width) of a canvas.
class OperationPainter {
 public:
  OperationPainter(Canvas& canvas, const PlacedOperation& op, int x, int width)
      : canvas_(canvas), op_(op), centre_(x + width / 2) {}

  void paint() {
    if (op_.kind != GateKind::kBarrier) paint_line();
    for (const Mark& mark : op_.marks) paint_mark(mark);
    for (const Frame& frame : op_.frames) paint_frame(frame);
    paint_caption();
    if (op_.classical.empty()) return;
    paint_classical_line();
    for (const ClassicalMark& mark : op_.classical) paint_classical(mark);
  }

 private:
  // The columns that a frame takes.
  struct Extent {
    int left;
    int width;
  };

  [[nodiscard]] Extent extent(const Frame& frame) const {
    const int width = width_of(op_, frame);
    return {.left = centre_ - width / 2, .width = width};
  }

  // From the first qubit to the last.
  void paint_line() {
    const int end = row_of_wire(op_.last);
    for (int row = row_of_wire(op_.first) + 1; row < end; ++row) canvas_.at(row, centre_) = U'│';
    for (Qubit q = op_.first; q <= op_.last; ++q) {
      if (op_.is_drawn_across(q)) canvas_.at(row_of_wire(q), centre_) = U'┼';
    }
  }

  void paint_mark(const Mark& mark) {
    if (mark.role == Role::kBox) return;
    const int row = row_of_wire(mark.qubit);
    canvas_.at(row, centre_) = glyph(mark.role);
    if (mark.role != Role::kBarrier) return;
    canvas_.at(row - 1, centre_) = glyph(mark.role);
    canvas_.at(row + 1, centre_) = glyph(mark.role);
  }

  // Between the first two qubits, on the line.
  void paint_caption() {
    const int left = centre_ - display_width(op_.caption) / 2;
    canvas_.write(row_of_wire(op_.first) + 1, left, decode_utf8(op_.caption));
  }

  // From the last qubit to the last register.
  void paint_classical_line() {
    for (int row = row_of_wire(op_.last) + 1; row < row_of_wire(op_.reach); ++row) {
      char32_t& cell = canvas_.at(row, centre_);
      cell = cell == U'─' ? (row % kRowsOfWire == 1 ? U'╫' : U'╥') : cell == U'═' ? U'╬' : U'║';
    }
  }

  void paint_classical(const ClassicalMark& mark) {
    const int row = row_of_wire(mark.wire);
    const std::u32string text = decode_utf8(mark.text);
    const int width = width_of(mark);
    const Extent e{.left = centre_ - width / 2, .width = width};
    if (!mark.is_condition) {
      canvas_.at(row, centre_) = mark.wire < op_.reach ? U'╬' : U'╩';
      canvas_.write(row + 1, e.left, text);
      return;
    }
    horizontal(row - 1, e, U'┌', U'┐');
    canvas_.at(row - 1, centre_) = U'╨';
    canvas_.write(row, e.left, U"╡ ");
    canvas_.write(row, e.left + 2, text);
    canvas_.write(row, e.left + e.width - 2, U" ╞");
    horizontal(row + 1, e, U'└', U'┘');
    if (mark.wire < op_.reach) canvas_.at(row + 1, centre_) = U'╥';
  }

  void paint_frame(const Frame& frame) {
    const Extent e = extent(frame);
    const int top = row_of_wire(frame.first) - 1;
    const int bottom = row_of_wire(frame.last) + 1;
    horizontal(top, e, U'┌', U'┐');
    for (int row = top + 1; row < bottom; ++row) sides(row, e, row % kRowsOfWire == 1);
    horizontal(bottom, e, U'└', U'┘');
    if (frame.first > op_.first) canvas_.at(top, centre_) = U'┴';
    if (frame.last < op_.last) canvas_.at(bottom, centre_) = U'┬';
    const int inside = e.left + 1 + padding(op_);
    for (const Mark& mark : op_.marks) {
      const bool is_inside = mark.qubit >= frame.first && mark.qubit <= frame.last;
      if (is_inside) canvas_.write(row_of_wire(mark.qubit), inside, decode_utf8(mark.port));
    }
    // The middle of the frame: a wire, or the row below one where the number of wires is even.
    const int middle = row_of_wire((frame.first + frame.last) / 2) + (frame.last - frame.first) % 2;
    canvas_.write(middle, inside + label_offset(op_), decode_utf8(label_of(op_, frame)));
  }

  void horizontal(int row, Extent e, char32_t begin, char32_t end) {
    canvas_.write(row, e.left, std::u32string(static_cast<std::size_t>(e.width), U'─'));
    canvas_.at(row, e.left) = begin;
    canvas_.at(row, e.left + e.width - 1) = end;
  }

  void sides(int row, Extent e, bool wire) {
    canvas_.write(row, e.left, std::u32string(static_cast<std::size_t>(e.width), U' '));
    canvas_.at(row, e.left) = wire ? U'┤' : U'│';
    canvas_.at(row, e.left + e.width - 1) = wire ? U'├' : U'│';
  }

  Canvas& canvas_;
  const PlacedOperation& op_;
  int centre_;
};

bool overlap(const std::u32string& above, const std::u32string& below) {
  for (std::size_t k = 0; k < above.size(); ++k) {
    const bool both = above[k] != U' ' && below[k] != U' ';
    const bool goes_on =
        above[k] == below[k] && (above[k] == U'│' || above[k] == U'║' || above[k] == U'░');
    if (both && !goes_on) return true;
  }
  return false;
}

std::u32string merged(std::u32string above, const std::u32string& below) {
  for (std::size_t k = 0; k < above.size(); ++k) {
    if (above[k] == U' ') above[k] = below[k];
  }
  return above;
}

bool is_blank(const std::u32string& row) {
  return row.find_first_not_of(U' ') == std::u32string::npos;
}

// "  q1: " for each wire, all equally wide.
std::vector<std::string> wire_names(std::span<const Wire> wires) {
  std::size_t widest = 0;
  for (const Wire& wire : wires) widest = std::max(widest, wire.name.size());
  std::vector<std::string> out;
  out.reserve(wires.size());
  for (const Wire& wire : wires) {
    out.push_back(std::string(widest - wire.name.size(), ' ') + wire.name + ": ");
  }
  return out;
}

void append_line(std::string& out, const std::string& name, std::string row) {
  count_work(row.size() / 8);
  std::string line = name + std::move(row);
  line.erase(line.find_last_not_of(' ') + 1);
  if (!out.empty()) out += '\n';
  out += line;
}

// The row below a wire and the row above the next become one where nothing collides.
std::string text_of(const Canvas& canvas, std::span<const std::string> names) {
  const auto rows = canvas.rows();
  const std::string no_name(names.front().size(), ' ');
  std::string out;
  const auto append = [&](const std::string& name, const std::u32string& row) {
    append_line(out, name, canvas.text(row));
  };
  if (!is_blank(rows.front())) append(no_name, rows.front());
  for (std::size_t wire = 0; wire < names.size(); ++wire) {
    const std::size_t row = kRowsOfWire * wire + 1;
    append(names[wire], rows[row]);
    const std::u32string& below = rows[row + 1];
    if (wire + 1 == names.size()) {
      if (!is_blank(below)) append(no_name, below);
    } else if (overlap(below, rows[row + 2])) {
      append(no_name, below);
      append(no_name, rows[row + 2]);
    } else {
      append(no_name, merged(below, rows[row + 2]));
    }
  }
  return out;
}

class TextDrawing {
 public:
  TextDrawing(const Circuit& circuit, int expand)
      : layout_(lay_out(circuit, expand)),
        columns_(layout_.columns()),
        names_(wire_names(layout_.wires)) {
    std::int64_t total = 0;
    for (const Column& column : columns_) {
      count_work(4);
      widths_.push_back(width_of(column) + kGap);
      total += widths_.back();
    }
    const auto rows = static_cast<std::int64_t>(layout_.wires.size()) * kRowsOfWire;
    require(rows * total <= kMostCells, "a drawing of ", circuit.n_qubits(), " qubits and ",
            columns_.size(), " columns takes ", rows, " × ", total, " characters; the limit is ",
            kMostCells);
  }

  [[nodiscard]] std::string text(int width) const {
    constexpr int kEndless = std::numeric_limits<int>::max();
    const int margin = display_width(names_.front()) + kGap;
    std::vector<std::size_t> cuts =
        fold_columns(widths_, width == 0 ? kEndless : width - margin, columns_.size());
    cuts.push_back(columns_.size());
    std::string out;
    for (std::size_t k = 0; k + 1 < cuts.size(); ++k) {
      if (k > 0) out += "\n\n";
      out += block(cuts[k], cuts[k + 1]);
    }
    return out;
  }

 private:
  [[nodiscard]] std::string block(std::size_t begin, std::size_t end) const {
    Canvas canvas(layout_.wires,
                  std::accumulate(widths_.begin() + static_cast<std::ptrdiff_t>(begin),
                                  widths_.begin() + static_cast<std::ptrdiff_t>(end), kGap));
    int x = kGap;
    for (std::size_t k = begin; k < end; ++k) {
      for (const PlacedOperation* op : columns_[k]) {
        count_work(20);
        OperationPainter(canvas, *op, x, widths_[k] - kGap).paint();
      }
      x += widths_[k];
    }
    if (begin > 0) canvas.mark_wires(0, U'«');
    if (end < columns_.size()) canvas.mark_wires(canvas.width() - 1, U'»');
    return text_of(canvas, names_);
  }

  Layout layout_;
  std::vector<Column> columns_;
  std::vector<std::string> names_;
  std::vector<int> widths_;  // each with the gap after it
};

}  // namespace

std::ostream& operator<<(std::ostream& out, const Circuit& circuit) {
  return out << draw_text(circuit);
}

std::string draw_text(const Circuit& circuit, int width, int expand) {
  require(width >= 0, "a drawing cannot be ", width, " columns wide");
  return TextDrawing(circuit, expand).text(width);
}

}  // namespace qsim
