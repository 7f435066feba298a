#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/circuit/box.h"
#include "qsim/circuit/named_values.h"
#include "qsim/circuit/operation.h"
#include "qsim/core/whole_number.h"

namespace qsim {

// Circuits as data may be wider than anything that runs.
inline constexpr int kMaxCircuitQubits = 100'000;
inline constexpr int kMaxBits = 1'000'000;

// Neighbouring qubits, or classical bits, under one name: those of the first register come first.
struct Register {
  std::string name{};
  int size = 0;
  bool operator==(const Register&) const = default;
};

// Throws ValueError that names those there are.
[[noreturn]] void no_bit_register(std::span<const Register> registers, std::string_view name);

// A list of operations on n qubits that start in |0…0⟩, and on classical bits that start as 0. A
// circuit is data: it holds no values of its parameters and runs nothing. Methods that add return
// *this; a method that throws adds nothing.
//
//   Circuit bell = Circuit(2, 2).h(0).cx(0, 1).measure(0, 0).measure(1, 1);
class Circuit {
 public:
  // 1 to kMaxCircuitQubits qubits in a register "q", up to kMaxBits bits in a register "c";
  // ValueError otherwise.
  explicit Circuit(WholeNumber n_qubits, WholeNumber n_bits = 0);
  // ValueError for names that repeat or are not identifiers, and for empty registers.
  explicit Circuit(std::vector<Register> qubits, std::vector<Register> bits = {});
  Circuit(const Circuit& other);  // can be interrupted: there may be millions of operations
  Circuit& operator=(const Circuit& other);
  Circuit(Circuit&&) noexcept = default;
  Circuit& operator=(Circuit&&) noexcept = default;
  ~Circuit() = default;

  [[nodiscard]] int n_qubits() const { return n_qubits_; }
  [[nodiscard]] int n_bits() const { return n_bits_; }
  [[nodiscard]] const std::vector<Register>& qubit_registers() const { return qubit_registers_; }
  [[nodiscard]] const std::vector<Register>& bit_registers() const { return bit_registers_; }
  [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }
  [[nodiscard]] std::size_t size() const { return operations_.size(); }
  // Those of compose() with a label, in the order in which they begin. They change nothing of what
  // the operations do. A method that leaves operations out drops the boxes that they were in.
  [[nodiscard]] const std::vector<Box>& boxes() const { return boxes_; }
  // In place of those it has; ValueError as check_boxes() has it.
  Circuit& set_boxes(std::vector<Box> boxes);

  // The one place where operations are checked: qubits and bits in range and distinct, the right
  // number of angles and targets, matrices of the right shape and kind.
  Circuit& add(Operation operation);

  // A gate by name, its qubits with controls first: gate("crx", {theta}, {control, target}).
  Circuit& gate(std::string_view name, std::vector<Expression> angles, std::vector<Qubit> qubits,
                const Controls& more_controls = {});
  // Several gates of a name, one for each item of the lists, whose lengths are the same; what is no
  // list serves all: each("cx", {}, {{0, 1}, {1, 2}}) is cx(0, 1).cx(1, 2).
  Circuit& each(std::string_view name, const std::vector<OneOrEach<Expression>>& angles,
                const std::vector<OneOrEach<Qubit>>& qubits, const Controls& more_controls = {});

  // One method per row and alias of the gate table: angles first, then controls, then targets, then
  // further controls: x(0, {1, 2}), x(0, {{1, false}}). Qubits are whole numbers of any kind; a
  // floating-point number in their place does not compile.
#define KETGRAD_METHOD_0_1(name) \
  Circuit& name(WholeNumber q, const Controls& more = {}) { return gate(#name, {}, {q}, more); }
#define KETGRAD_METHOD_0_2(name)                                           \
  Circuit& name(WholeNumber a, WholeNumber b, const Controls& more = {}) { \
    return gate(#name, {}, {a, b}, more);                                  \
  }
#define KETGRAD_METHOD_0_3(name)                                                          \
  Circuit& name(WholeNumber a, WholeNumber b, WholeNumber c, const Controls& more = {}) { \
    return gate(#name, {}, {a, b, c}, more);                                              \
  }
#define KETGRAD_METHOD_1_1(name)                                                     \
  Circuit& name(const Expression& theta, WholeNumber q, const Controls& more = {}) { \
    return gate(#name, {theta}, {q}, more);                                          \
  }
#define KETGRAD_METHOD_1_2(name)                                       \
  Circuit& name(const Expression& theta, WholeNumber a, WholeNumber b, \
                const Controls& more = {}) {                           \
    return gate(#name, {theta}, {a, b}, more);                         \
  }
#define KETGRAD_METHOD_3_1(name)                                                          \
  Circuit& name(const Expression& theta, const Expression& phi, const Expression& lambda, \
                WholeNumber q, const Controls& more = {}) {                               \
    return gate(#name, {theta, phi, lambda}, {q}, more);                                  \
  }
#define KETGRAD_FIXED(name, targets, symbol, inverse, matrix, qasm, help) \
  KETGRAD_METHOD_0_##targets(name)
#define KETGRAD_ROTATION(name, angles, targets, symbol, factors, qasm, help) \
  KETGRAD_METHOD_##angles##_##targets(name)
#define KETGRAD_CARRIED(name, kind, angles, symbol, help)
#define KETGRAD_ALIAS(name, base, controls, angles, qubits, qasm) \
  KETGRAD_METHOD_##angles##_##qubits(name)
#define KETGRAD_SYNONYM(name, alias, angles, qubits) KETGRAD_METHOD_##angles##_##qubits(name)
#include "qsim/circuit/gate_table.inc"

  // exp(−iθ/2 · P), letters[k] of P on qubits[k].
  Circuit& pauli_rotation(const Expression& theta, std::string_view letters,
                          std::vector<Qubit> qubits, std::vector<Control> controls = {});
  // A 2^k × 2^k unitary; qubits[0] is the least significant bit of its index.
  Circuit& unitary(Matrix matrix, std::vector<Qubit> qubits, std::vector<Control> controls = {},
                   std::string label = "");
  // exp(−iθ·G) for a Hermitian 2^k × 2^k matrix G.
  Circuit& evolution(const Expression& theta, Matrix hermitian, std::vector<Qubit> qubits,
                     std::vector<Control> controls = {}, std::string label = "");
  // Real amplitudes (numbers or expressions, at most 2^n, the rest zero), normalised when the
  // program runs. Only as the first operation; composed onto a larger circuit, the other qubits
  // stay in |0⟩.
  Circuit& initialize(std::vector<Expression> amplitudes);
  // The same from complex numbers.
  Circuit& initialize_complex(std::span<const Complex> amplitudes);

  Circuit& add_bits(std::string name, WholeNumber size);  // a further register of classical bits
  Circuit& measure(WholeNumber qubit, WholeNumber bit);
  // Qubit k into bit k, for all qubits; adds bits "c" where the circuit has none. ValueError where
  // that is what it ends with already.
  Circuit& measure_all();
  Circuit& reset(WholeNumber qubit);
  Circuit& barrier(std::vector<Qubit> qubits = {});  // none: all
  // Noise; of one qubit, on each of several. ValueError unless Σ K†K = 1, every K 2^k × 2^k.
  Circuit& channel(Channel channel, std::vector<Qubit> qubits);

  // Appends another circuit, its qubit k on qubits[k] (by default on qubit k), its bit k on
  // bits[k]; with a label, as a box, where it has operations.
  Circuit& compose(const Circuit& other, std::span<const Qubit> qubits = {},
                   std::span<const int> bits = {}, std::string_view label = {});
  // Appends `then`, acting where the condition holds when it is reached, and `otherwise`, acting
  // where it does not; both on the same qubits and bits. ValueError where a measurement would
  // change the condition before all that depends on it has come.
  Circuit& when(const Condition& condition, const Circuit& then,
                const Circuit* otherwise = nullptr);
  // The comparison of a register of bits with a number, bit 0 the least significant.
  [[nodiscard]] Comparison equals(std::string_view bit_register, std::uint64_t value) const;

  [[nodiscard]] Circuit inverse() const;
  [[nodiscard]] Circuit repeat(int times) const;  // times ≥ 0
  // The same circuit on n + k qubits, acting where qubits n … n+k−1 have the given values.
  [[nodiscard]] Circuit control(std::span<const bool> values) const;
  [[nodiscard]] Circuit control(WholeNumber n_controls = 1) const;
  // Parameters replaced by numbers or expressions; ValueError for a name the circuit lacks.
  [[nodiscard]] Circuit assign(const Replacements& values) const;

  // Without the measurements (and barriers) that nothing comes after, and without the bits that
  // are no longer used, all of them or none.
  [[nodiscard]] Circuit without_final_measurements() const;
  // Whether it can be compiled: no measurements, resets, channels or conditions.
  [[nodiscard]] bool is_unitary() const;

  // Names of the parameters, by first appearance; those of a vector together, in its own order. A
  // vector of known size stands as a whole, with elements that no operation uses.
  [[nodiscard]] std::vector<std::string> parameters() const;
  // Those that operations use, in order of appearance, each once.
  [[nodiscard]] std::vector<Parameter> used_parameters() const;
  // Length of the longest chain of operations that share qubits or bits; barriers are not counted.
  [[nodiscard]] int depth() const;
  [[nodiscard]] std::map<std::string, int> count_gates() const;

  // The same registers and operations; boxes may differ.
  bool operator==(const Circuit& other) const;

 private:
  [[nodiscard]] Circuit without_operations() const;
  void compose_boxes(const Circuit& other, std::size_t n_boxes, std::size_t first,
                     std::span<const Qubit> qubits, std::string_view label);
  void truncate(std::size_t size);  // the operations, and the boxes that began behind them
  [[nodiscard]] bool ends_with_all_measured() const;  // as measure_all() does

  int n_qubits_;
  int n_bits_;
  std::vector<Register> qubit_registers_;
  std::vector<Register> bit_registers_;
  std::vector<Operation> operations_;
  std::vector<Box> boxes_;
};

// The circuit as text, as draw_text() of text_drawing.h draws it.
std::ostream& operator<<(std::ostream& out, const Circuit& circuit);

// The name people know an operation by: the alias if one fits its controls ("cx"), else the row's.
std::string_view common_name(const Operation& operation);

}  // namespace qsim
