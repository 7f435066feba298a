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
  kPass,         // the qubit is only crossed by the operation's vertical line
  kBox,          // a target, drawn as a box
  kPlus,         // the target of a controlled x
  kCross,        // an end of a swap
  kControlOne,   // a control on |1⟩
  kControlZero,  // a control on |0⟩
};

// Neighbouring targets of one operation share one box, from `first` to `last`.
struct Box {
  Qubit first = 0;
  Qubit last = 0;
};

// What stands in the middle of a box.
struct Label {
  std::string symbol;
  std::string angles;
};

struct PlacedOperation {
  std::size_t column = 0;
  GateKind kind = GateKind::kFixed;
  Qubit first = 0;  // the operation occupies every qubit of [first, last]
  Qubit last = 0;
  std::vector<Role> roles;         // of the qubits first … last
  std::vector<std::string> ports;  // beside each of them: its Pauli letter or place in the matrix
  std::vector<Box> boxes;          // from the top down
  std::string symbol;
  std::string angles;  // "π/2, w[0]"

  [[nodiscard]] Role role(Qubit q) const { return roles[static_cast<std::size_t>(q - first)]; }
  [[nodiscard]] const std::string& port(Qubit q) const {
    return ports[static_cast<std::size_t>(q - first)];
  }
  [[nodiscard]] bool has_ports() const;
  // The first box has the symbol and the angles; the others must not look like gates of their own,
  // and have their ports or, without ports, the symbol.
  [[nodiscard]] Label label(const Box& box) const;
};

struct Layout {
  int n_qubits = 0;
  std::size_t n_columns = 0;
  std::vector<PlacedOperation> operations;

  // The operations of each column.
  [[nodiscard]] std::vector<std::vector<const PlacedOperation*>> columns() const;
};

// Every operation as far left as the order of operations allows. All text is valid UTF-8 without
// control characters, and whole up to some 100 characters.
Layout lay_out(const Circuit& circuit);

// Expression::text() with "π/2" for multiples of π with small denominators.
std::string angle_text(const Expression& angle);

// Cuts a line of [0, widths.size()) columns into pieces that fit: the first column of each piece. A
// piece has at least one column, at most `most_columns`, and no more than `room` in all where it
// has several.
std::vector<std::size_t> fold_columns(const std::vector<int>& widths, int room,
                                      std::size_t most_columns);

// Code points; what is not UTF-8 becomes U+FFFD.
std::u32string decode_utf8(std::string_view text);
std::string encode_utf8(std::u32string_view text);

// Number of code points, which is the number of terminal columns for everything we write.
int display_width(std::string_view text);

}  // namespace qsim
