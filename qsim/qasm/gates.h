#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "qsim/circuit/box.h"
#include "qsim/circuit/operation.h"

// The gates that an OpenQASM file may call: rows of the gate table, and definitions in terms of
// other gates, which are expanded where they are called.

namespace qsim::qasm {

// How much a file may make, so that a short text cannot fill the memory: one unit an operation,
// and more for operations on many wires and for long expressions.
class Budget {
 public:
  explicit Budget(std::int64_t limit) : limit_(limit) {}
  void charge(std::size_t units);  // ValueError beyond the limit
  // ValueError where what is to come would surely go beyond it, before any work is done.
  void require_room(std::int64_t units) const;

 private:
  std::int64_t limit_;
  std::int64_t used_ = 0;
};

// So many wires of an operation or selection cost one unit more.
inline constexpr std::size_t kWiresPerUnit = 16;

// ctrl, negctrl, inv and pow: first powers (the inverse is the power −1) from the innermost on,
// then controls. (Controlled powers are powers of controlled gates.)
struct Modifiers {
  std::vector<double> powers{};
  std::vector<bool> controls{};
};

struct Gate;

// A call of a gate in the body of another: its angles are expressions of the parameters
// body_parameter(k), its qubits numbers of the body's qubits. Without a gate it is a barrier.
struct Call {
  const Gate* gate = nullptr;
  Modifiers modifiers{};
  std::vector<Expression> angles{};
  std::vector<int> qubits{};
};

struct Gate {
  enum class Kind : unsigned char { kRow, kPauli, kPhase, kBody, kOpaque };
  std::string name{};
  std::string label{};  // of the box that a call becomes; none: no box
  Kind kind = Kind::kBody;
  int angles = 0;
  int qubits = 1;  // controls first; 0 of gphase
  const GateRow* row = nullptr;
  int controls = 0;
  std::string pauli{};
  std::vector<Call> body{};
  int depth = 0;             // of calls within bodies
  std::int64_t size = 1;     // how many operations it expands into, at least
  std::string definition{};  // of a gate that files have to define: its text, word by word
};

Parameter body_parameter(std::size_t k);

class GateSet {
 public:
  explicit GateSet(const GateSet* outer = nullptr) : outer_(outer) {}
  void set_outer(const GateSet* outer) { outer_ = outer; }
  [[nodiscard]] const Gate* find(std::string_view name) const;  // here or outside
  [[nodiscard]] const Gate* find_here(std::string_view name) const;
  const Gate& add(Gate gate);

 private:
  const GateSet* outer_;
  std::deque<Gate> gates_;  // their addresses last
  std::unordered_map<std::string_view, const Gate*> by_name_;
};

// What calls of gates become.
struct Expansion {
  std::vector<Operation> operations{};
  std::vector<Box> boxes{};
};

// Appends a gate under modifiers to `out`: the qubits are first those of the modifiers' controls,
// then the gate's. A phase without any qubits is put on `phase_qubit`.
void expand(const Gate& gate, const Modifiers& modifiers, std::span<const Expression> angles,
            std::span<const Qubit> qubits, Qubit phase_qubit, Budget& budget, Expansion& out);

}  // namespace qsim::qasm
