#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/qasm/definition.h"
#include "qsim/qasm/qasm.h"

namespace qsim::qasm {

// Some qubits or bits that a statement names: one, a register, or (version 3) a selection.
struct Operand {
  Token token{};
  bool is_bits = false;
  bool is_single = false;
  int first = 0;
  int size = 1;
  std::shared_ptr<const std::vector<int>> selection{};  // in place of first, first + 1, …

  [[nodiscard]] int at(int k) const {
    return selection ? (*selection)[static_cast<std::size_t>(k)] : first + k;
  }
};

// An array of numbers, in the order of the last index.
struct Numbers {
  Type type{};
  std::vector<std::int64_t> shape{};
  std::vector<Term> elements{};
};

// What both languages share: declarations, gate calls with their broadcast, measurements, and the
// circuit that comes of them. Operations are kept in order until all registers are known.
class Reader {
 public:
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

 protected:
  Reader(std::string_view text, const QasmOptions& options, int version);
  ~Reader() = default;

  // What a declared name stands for.
  struct Symbol {
    enum class Kind : unsigned char {
      kOperand,
      kValue,       // a constant, parameter or variable
      kParameters,  // an array of parameters
      kNumbers,     // an array of variables
      kSubroutine,
      kExtern
    };
    Kind kind = Kind::kOperand;
    Operand operand{};
    Term value{};
    bool is_constant = false;
    std::shared_ptr<Numbers> numbers{};
    std::int64_t array_size = 0;               // of an array of parameters
    std::size_t position = 0;                  // in the file, of a subroutine's parameters
    std::shared_ptr<const Condition> where{};  // of its declaration
    int scope = 0;                             // an inner scope's name may hide an outer one's
  };

  void declare(const Token& name, Symbol symbol);
  void declare_register(const Token& name, std::int64_t size, bool is_bits, bool is_single = false);
  [[nodiscard]] const Symbol* find(const Token& name) const;

  // "q" or "q[2]"; version 3 adds selections by overriding read_selection.
  Operand read_operand(bool is_bits);
  Operand read_physical();
  // Of a register that the file does not name: `name`, with what it takes to be no other's.
  [[nodiscard]] std::string free_name(std::string name) const;
  void read_operands(std::string_view end, bool is_bits, std::vector<Operand>& out);
  virtual Operand read_selection(Operand whole) = 0;  // behind the "["

  // A definition, with its name checked against the others.
  void read_gate_definition(const Lookup& lookup);
  void read_call(const Lookup& lookup);
  // Where the bit is 1.
  void apply_where(const Bit& bit, const CallHead& head, const std::vector<Operand>& operands);
  void read_barrier();
  void read_reset();
  void measure(const Operand& qubits, const Operand& bits);

  // Where everything that follows acts; null: always. Operations are checked but dropped while
  // `never` is set.
  struct Where {
    std::shared_ptr<const Condition> condition{};
    bool never = false;
    std::size_t units = 0;  // what the condition adds to the cost of an operation
  };
  void act_where(const Token& token, Condition condition);
  // Within what `outer` says; a condition of nothing: where that does.
  void act_within(const Token& token, const Where& outer, const Condition& condition);

  // Before anything is added under a condition.
  virtual void settle() {}
  // Under where_, at a cost of so many units.
  void add(const Token& token, Operation operation, std::size_t units);
  // Refuses measurements that would change a condition before all that depends on it has come.
  void check_condition(const Token& token, const Condition& condition, std::size_t first);
  Circuit finish();
  [[nodiscard]] bool strict() const { return lexer_.dialect().strict; }

  Lexer lexer_;
  GateSet gates_;
  Budget budget_;
  std::unordered_map<std::string_view, Symbol> symbols_;
  std::deque<Operation> operations_;
  Where where_;
  int n_qubits_ = 0;
  int n_bits_ = 0;

  std::vector<Register> qubit_registers_;
  std::vector<Register> bit_registers_;

 private:
  void check_is_new(const Token& name, int scope = 0) const;
  void check_distinct(std::span<const Qubit> qubits) const;
  void apply(const CallHead& head, const std::vector<Operand>& operands);
  // Of an angle that is a sum over measured bits: a gate for each of them, where it is 1.
  void apply_parts(CallHead head, const std::vector<Operand>& operands);

  std::vector<Operand> operands_;  // kept for their memory
  Expansion expanded_;
  std::vector<Box> boxes_;
};

// The comparison of bits with a whole number in decimal digits of any length: nothing where they
// never have it.
std::optional<Comparison> comparison_with(const Operand& bits, std::string_view digits);

Circuit read_qasm2(std::string_view text, const QasmOptions& options);
Circuit read_qasm3(std::string_view text, const QasmOptions& options);

}  // namespace qsim::qasm
