#include "qsim/io/text_drawing.h"

#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include "qsim/core/error.h"
#include "qsim/io/layout.h"

namespace qsim {
namespace {

constexpr int kGap = 1;          // between columns
constexpr int kRowsOfQubit = 3;  // above the wire, the wire, below the wire
constexpr int kNarrowestColumn = 3;

using Column = std::vector<const PlacedOperation*>;

std::string label_of(const PlacedOperation& op, const Box& box) {
  const Label label = op.label(box);
  return label.angles.empty() ? label.symbol : label.symbol + "(" + label.angles + ")";
}

int port_width(const PlacedOperation& op) {
  int widest = 0;
  for (const std::string& port : op.ports) widest = std::max(widest, display_width(port));
  return widest;
}

// Where the label begins, after the port and a gap.
int label_offset(const PlacedOperation& op) { return op.has_ports() ? port_width(op) + 1 : 0; }

int width_of(const PlacedOperation& op, const Box& box) {
  const int label = display_width(label_of(op, box));
  return (label == 0 ? port_width(op) : label_offset(op) + label) + 4;  // "┤ H ├"
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
    case Role::kPass:
    case Role::kBox:
      break;
  }
  return U'┼';
}

int row_of_wire(Qubit q) { return kRowsOfQubit * q + 1; }

// The characters of one block of columns, three rows a qubit.
class Canvas {
 public:
  Canvas(int n_qubits, int width) : width_(width) {
    for (int row = 0; row < kRowsOfQubit * n_qubits; ++row) {
      rows_.emplace_back(static_cast<std::size_t>(width), row % kRowsOfQubit == 1 ? U'─' : U' ');
    }
  }

  char32_t& at(int row, int column) {
    return rows_[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
  }
  void write(int row, int column, std::u32string_view text) {
    std::copy(text.begin(), text.end(), rows_[static_cast<std::size_t>(row)].begin() + column);
  }

  // The end of every wire, where the circuit goes on in another block.
  void mark_wires(int column, char32_t mark) {
    for (int row = 1; row < static_cast<int>(rows_.size()); row += kRowsOfQubit) {
      at(row, column) = mark;
    }
  }
  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] std::span<const std::u32string> rows() const { return rows_; }

 private:
  int width_;
  std::vector<std::u32string> rows_;
};

// Draws one operation into the columns [x, x + width) of a canvas.
class OperationPainter {
 public:
  OperationPainter(Canvas& canvas, const PlacedOperation& op, int x, int width)
      : canvas_(canvas), op_(op), centre_(x + width / 2) {}

  void paint() {
    const int top = row_of_wire(op_.first);
    for (int row = top + 1; row < row_of_wire(op_.last); ++row) canvas_.at(row, centre_) = U'│';
    for (Qubit q = op_.first; q <= op_.last; ++q) {
      if (op_.role(q) != Role::kBox) canvas_.at(row_of_wire(q), centre_) = glyph(op_.role(q));
    }
    for (const Box& box : op_.boxes) paint_box(box);
  }

 private:
  // The columns that a box takes.
  struct Extent {
    int left;
    int width;
  };

  [[nodiscard]] Extent extent(const Box& box) const {
    const int width = width_of(op_, box);
    return {.left = centre_ - width / 2, .width = width};
  }

  void paint_box(const Box& box) {
    const Extent e = extent(box);
    const int top = row_of_wire(box.first) - 1;
    const int bottom = row_of_wire(box.last) + 1;
    horizontal(top, e, U'┌', U'┐');
    for (int row = top + 1; row < bottom; ++row) sides(row, e, row % kRowsOfQubit == 1);
    horizontal(bottom, e, U'└', U'┘');
    if (box.first > op_.first) canvas_.at(top, centre_) = U'┴';
    if (box.last < op_.last) canvas_.at(bottom, centre_) = U'┬';
    for (Qubit q = box.first; q <= box.last; ++q) {
      canvas_.write(row_of_wire(q), e.left + 2, decode_utf8(op_.port(q)));
    }
    // The middle of the box: a wire, or the row below one where the number of wires is even.
    const int middle = row_of_wire((box.first + box.last) / 2) + (box.last - box.first) % 2;
    canvas_.write(middle, e.left + 2 + label_offset(op_), decode_utf8(label_of(op_, box)));
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
    if (both && !(above[k] == U'│' && below[k] == U'│')) return true;
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

std::string right_aligned(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string wire_name(Qubit q, int n_qubits) {
  const std::size_t width = std::to_string(n_qubits - 1).size() + 3;  // "q11: "
  return right_aligned("q" + std::to_string(q) + ": ", width);
}

void append_line(std::string& out, const std::string& name, const std::u32string& row) {
  std::string line = name + encode_utf8(row);
  line.erase(line.find_last_not_of(' ') + 1);
  if (!out.empty()) out += '\n';
  out += line;
}

// The row below a wire and the row above the next become one where nothing collides.
std::string text_of(const Canvas& canvas, int n_qubits) {
  const auto rows = canvas.rows();
  const std::string no_name(wire_name(0, n_qubits).size(), ' ');
  std::string out;
  if (!is_blank(rows.front())) append_line(out, no_name, rows.front());
  for (Qubit q = 0; q < n_qubits; ++q) {
    const auto wire = static_cast<std::size_t>(row_of_wire(q));
    append_line(out, wire_name(q, n_qubits), rows[wire]);
    const std::u32string& below = rows[wire + 1];
    if (q == n_qubits - 1) {
      if (!is_blank(below)) append_line(out, no_name, below);
    } else if (overlap(below, rows[wire + 2])) {
      append_line(out, no_name, below);
      append_line(out, no_name, rows[wire + 2]);
    } else {
      append_line(out, no_name, merged(below, rows[wire + 2]));
    }
  }
  return out;
}

std::string draw_block(std::span<const Column> columns, std::span<const int> widths, int n_qubits,
                       bool goes_back, bool goes_on) {
  int total = kGap;
  for (const int width : widths) total += width;
  Canvas canvas(n_qubits, total);
  int x = kGap;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    for (const PlacedOperation* op : columns[k]) {
      OperationPainter(canvas, *op, x, widths[k] - kGap).paint();
    }
    x += widths[k];
  }
  if (goes_back) canvas.mark_wires(0, U'«');
  if (goes_on) canvas.mark_wires(canvas.width() - 1, U'»');
  return text_of(canvas, n_qubits);
}

}  // namespace

std::string draw_text(const Circuit& circuit, int width) {
  require(width >= 0, "a drawing cannot be ", width, " columns wide");
  const int n_qubits = circuit.n_qubits();
  const Layout layout = lay_out(circuit);
  const std::vector<Column> columns = layout.columns();
  std::vector<int> widths;  // each with the gap after it
  widths.reserve(columns.size());
  for (const Column& column : columns) widths.push_back(width_of(column) + kGap);
  constexpr int kEndless = std::numeric_limits<int>::max();
  const int margin = static_cast<int>(wire_name(0, n_qubits).size()) + kGap;
  std::vector<std::size_t> cuts =
      fold_columns(widths, width == 0 ? kEndless : width - margin, columns.size());
  cuts.push_back(columns.size());
  std::string out;
  for (std::size_t k = 0; k + 1 < cuts.size(); ++k) {
    const std::size_t count = cuts[k + 1] - cuts[k];
    if (k > 0) out += "\n\n";
    out +=
        draw_block(std::span(columns).subspan(cuts[k], count),
                   std::span(widths).subspan(cuts[k], count), n_qubits, k > 0, k + 2 < cuts.size());
  }
  return out;
}

}  // namespace qsim
