#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/circuit/circuit.h"

// Where the operations of a circuit stand in a drawing, and what is written there: what the text
// and the SVG drawing have in common.

namespace qsim {

enum class Role : unsigned char {
  kBox,          // a target, drawn as a box
  kPlus,         // the target of a controlled x
  kCross,        // an end of a swap
  kControlOne,   // a control on |1⟩, or a target that is no different from one: a dot
  kControlZero,  // a control on |0⟩
  kBarrier,
};

// What an operation is on one qubit.
struct Mark {
  Qubit qubit = 0;
  Role role = Role::kBox;
  std::string port{};  // beside it in a box: its Pauli letter or place in the matrix
};

// What an operation has to do with one register of classical bits.
struct ClassicalMark {
  int wire = 0;        // of the layout
  std::string text{};  // "2", the bit that is written, or "=3", the condition on the register
  bool is_condition = false;
};

// Neighbouring targets of one operation share one frame, from `first` to `last`.
struct Frame {
  Qubit first = 0;
  Qubit last = 0;
};

// What stands in the middle of a frame.
struct Label {
  std::string symbol{};
  std::string angles{};
};

// An operation, or a box of them.
struct PlacedOperation {
  std::size_t column = 0;
  GateKind kind = GateKind::kFixed;
  Qubit first = 0;  // its qubits lie in [first, last], and no other operation on this column there
  Qubit last = 0;
  int reach = 0;                           // the last wire it needs, `last` or that of a register
  std::vector<Mark> marks{};               // from the top down
  std::vector<ClassicalMark> classical{};  // likewise
  std::vector<Frame> frames{};             // likewise
  std::string symbol{};
  std::string angles{};   // "π/2, w[0]"
  std::string caption{};  // "P(π/2)": on the line between dots, where there is no box for it
  std::string title{};    // everything in one line: "rx(w[0]) on q2, q0=1, if c=3"

  [[nodiscard]] bool is_drawn_across(Qubit q) const;  // by its line: inside, without a mark
  [[nodiscard]] bool has_ports() const;
  // The first frame has the symbol and the angles; the others must not look like gates of their
  // own, and have their ports or, without ports, the symbol.
  [[nodiscard]] Label label(const Frame& frame) const;
};

// A qubit, or a register of classical bits.
struct Wire {
  std::string name{};  // "a1" by register, "a" if it is alone there; of bits "c/2", their number
  bool is_classical = false;
};

struct Layout {
  std::vector<Wire> wires{};  // the qubits, then the registers of classical bits
  std::size_t n_columns = 0;
  std::vector<PlacedOperation> operations{};

  // The operations of each column.
  [[nodiscard]] std::vector<std::vector<const PlacedOperation*>> columns() const;
};

// Every operation as far left as the order of operations allows; a box as one, but `expand` levels
// of boxes, the outermost first, as what is inside. All text is valid UTF-8 without control
// characters, and whole up to some 100 characters. ValueError for circuits beyond all pictures
// (5·10^7 wires crossed by operations), and for a negative number of levels.
Layout lay_out(const Circuit& circuit, int expand = 0);

// Expression::text() with "π/2" for multiples of π with small denominators.
std::string angle_text(const Expression& angle);

// Cuts a line of [0, widths.size()) columns into pieces that fit: the first column of each piece. A
// piece has at least one column, at most `most_columns`, and no more than `room` in all where it
// has several.
std::vector<std::size_t> fold_columns(const std::vector<int>& widths, int room,
                                      std::size_t most_columns);

}  // namespace qsim
