#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "qsim/core/error.h"
#include "qsim/qasm/expression.h"
#include "qsim/qasm/gate_writer.h"
#include "qsim/qasm/library.h"
#include "qsim/qasm/parameters.h"
#include "qsim/qasm/qasm.h"

namespace qsim::qasm {
namespace {

// Bits, the least significant first, as a decimal number.
std::string decimal_text(const std::vector<bool>& values) {
  constexpr std::uint64_t kLimb = 1'000'000'000;
  std::vector<std::uint64_t> limbs{0};
  for (std::size_t chunk = (values.size() + 31) / 32; chunk-- > 0;) {
    std::uint64_t carry = 0;
    for (std::size_t k = 0; k < 32 && 32 * chunk + k < values.size(); ++k) {
      carry |= std::uint64_t{values[32 * chunk + k]} << k;
    }
    for (std::uint64_t& limb : limbs) {
      carry += limb << 32U;
      limb = carry % kLimb;
      carry /= kLimb;
    }
    for (; carry > 0; carry /= kLimb) limbs.push_back(carry % kLimb);
  }
  std::string out = std::to_string(limbs.back());
  for (std::size_t k = limbs.size() - 1; k-- > 0;) {
    const std::string digits = std::to_string(limbs[k]);
    out += std::string(9 - digits.size(), '0') + digits;
  }
  return out;
}

// Where the registers begin, and what their elements are called.
class Wires {
 public:
  explicit Wires(const std::vector<Register>& registers) : registers_(registers) {
    for (const Register& r : registers) {
      firsts_.push_back(size_);
      size_ += r.size;
    }
  }

  [[nodiscard]] std::string name(int wire) const {
    const std::size_t k = register_of(wire);
    return concat(registers_[k].name, "[", wire - firsts_[k], "]");
  }

  [[nodiscard]] std::size_t register_of(int wire) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(firsts_, wire) - firsts_.begin()) - 1;
  }

  // How many of the wires from `at` on are a whole register, in order; 0 for none.
  [[nodiscard]] std::size_t whole_register(const std::vector<int>& wires, std::size_t at) const {
    const std::size_t k = register_of(wires[at]);
    const auto size = static_cast<std::size_t>(registers_[k].size);
    if (wires[at] != firsts_[k] || wires.size() - at < size) return 0;
    for (std::size_t j = 0; j < size; ++j) {
      if (wires[at + j] != firsts_[k] + static_cast<int>(j)) return 0;
    }
    return size;
  }

  // Whole registers where they are, else the elements.
  [[nodiscard]] std::string list(const std::vector<int>& wires, std::string_view gap) const {
    std::string out;
    for (std::size_t at = 0; at < wires.size();) {
      if (at > 0) out += gap;
      const std::size_t whole = whole_register(wires, at);
      out += whole > 0 ? registers_[register_of(wires[at])].name : name(wires[at]);
      at += std::max<std::size_t>(whole, 1);
    }
    return out;
  }

  [[nodiscard]] const Register& of(int wire) const { return registers_[register_of(wire)]; }

 private:
  const std::vector<Register>& registers_;
  std::vector<int> firsts_;
  int size_ = 0;
};

// Outside of definitions.
class FileScope : public Scope {
 public:
  FileScope(const Wires& qubits, const ParameterNames& names) : qubits_(qubits), names_(names) {}

  [[nodiscard]] std::string qubit(Qubit q) const override { return qubits_.name(q); }
  [[nodiscard]] Expression spelled(const Expression& angle) override {
    if (names_.spelling.empty()) return angle;
    return angle.substitute([this](const Parameter& parameter) {
      const auto found = names_.spelling.find(parameter.name);
      return Expression(found == names_.spelling.end() ? parameter : Parameter(found->second));
    });
  }

 private:
  const Wires& qubits_;
  const ParameterNames& names_;
};

class Writer {
 public:
  Writer(const Circuit& circuit, int version)
      : circuit_(circuit),
        version_(version),
        qubits_(circuit.qubit_registers()),
        bits_(circuit.bit_registers()),
        gates_(circuit, version),
        scope_(qubits_, names_) {}

  std::string write() {
    check_register_names();
    if (version_ >= 3) names_ = parameter_names(circuit_.parameters(), taken_);
    for (const std::string& name : taken_) gates_.take(name);
    for (const std::string& name : names_.scalars) gates_.take(name);
    for (const auto& [name, size] : names_.arrays) gates_.take(name);
    gates_.write(
        0, circuit_.size(), 0, scope_,
        [this](const Operation& op, const std::string& text) { write_statement(op, text); },
        [this](const Operation& op) { write_operation(op); });
    close_block();
    return header() + body_;
  }

 private:
  [[nodiscard]] bool is_3() const { return version_ >= 3; }
  [[nodiscard]] std::string language() const { return concat("OpenQASM ", version_); }

  void check_register_names() {
    for (const auto* registers : {&circuit_.qubit_registers(), &circuit_.bit_registers()}) {
      for (const Register& r : *registers) {
        const bool reserved = is_keyword(r.name, version_) || is_library_name(r.name, version_) ||
                              is_constant_or_function(r.name, version_);
        require(!reserved, "the register '", r.name, "' has a name that ", language(),
                " uses itself; give it another");
        require(is_3() || (r.name.front() >= 'a' && r.name.front() <= 'z'), "the register '",
                r.name, "' has a name that does not begin with a small letter, as ", language(),
                " wants it; give it another");
        taken_.insert(r.name);
      }
    }
  }

  [[nodiscard]] std::string header() const {
    std::string out = is_3() ? "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n"
                             : "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n";
    for (const std::string& definition : gates_.definitions()) out += definition + "\n";
    for (const std::string& name : names_.scalars) out += concat("input float ", name, ";\n");
    for (const auto& [name, size] : names_.arrays) {
      out += concat("input array[float, ", size, "] ", name, ";\n");
    }
    const auto declare = [&](const std::vector<Register>& registers, std::string_view old_type,
                             std::string_view type) {
      for (const Register& r : registers) {
        out += is_3() ? concat(type, "[", r.size, "] ", r.name, ";\n")
                      : concat(old_type, " ", r.name, "[", r.size, "];\n");
      }
    };
    declare(circuit_.qubit_registers(), "qreg", "qubit");
    declare(circuit_.bit_registers(), "creg", "bit");
    return out;
  }

  // ---- Conditions ----

  std::string condition_text(const Condition& condition) {
    std::string out;
    if (!is_3()) {
      const Comparison& only = condition.front();
      const bool fits = condition.size() == 1 && only.equal &&
                        bits_.whole_register(only.bits, 0) == only.bits.size();
      require(fits, language(), " compares one whole register with a number and nothing else; ",
              "write version 3");
    }
    for (const Comparison& comparison : condition) {
      if (!out.empty()) out += " && ";
      out += comparison_text(comparison);
    }
    return out;
  }

  std::string comparison_text(const Comparison& comparison) {
    const auto& [bits, values, equal] = comparison;
    const std::string sign = equal ? "==" : "!=";
    const bool whole = bits_.whole_register(bits, 0) == bits.size();
    if (is_3() && bits.size() == 1) {
      const std::string name = bits_.name(bits.front());
      if (equal) return (values.front() ? "" : "!") + name;
      return concat(name, " != ", int{values.front()});
    }
    const std::string name = whole ? bits_.of(bits.front()).name : selection(bits);
    return is_3() ? concat(name, " ", sign, " ", decimal_text(values))
                  : concat(name, sign, decimal_text(values));
  }

  // A name for bits that are no register.
  std::string selection(const std::vector<int>& bits) {
    std::string& name = selections_[bits];
    if (!name.empty()) return name;
    do {
      name = concat("bits_", n_selections_++);
    } while (!gates_.is_free(name));
    gates_.take(name);
    body_ += concat("let ", name, " = ", bits_.list(bits, " ++ "), ";\n");
    return name;
  }

  void close_block() {
    if (block_) body_ += "}\n";
    block_ = nullptr;
  }

  // One statement; in version 3, statements under one condition share a block.
  void write_statement(const Operation& op, const std::string& text) {
    const bool same =
        block_ && op.condition && (block_ == op.condition || *block_ == *op.condition);
    if (!same) close_block();
    if (op.condition && !is_3()) {
      body_ += concat("if (", condition_text(*op.condition), ") ");
    } else if (op.condition) {
      if (!same) {
        const std::string condition = condition_text(*op.condition);  // may write a line of its own
        body_ += concat("if (", condition, ") {\n");
      }
      block_ = op.condition;
      body_ += "  ";
    }
    body_ += text;
    body_ += ";\n";
    // What is measured may change the condition for what comes next.
    if (op.bit >= 0) close_block();
  }

  // ---- Operations ----

  void write_operation(const Operation& op) {
    require(op.label.empty() || op.matrix, "the label '", op.label, "' of gate '", op.row->name,
            "' has no place in ", language());
    switch (op.row->kind) {
      case GateKind::kFixed:
      case GateKind::kRotation:
      case GateKind::kPauli:
        write_gate(op);
        return;
      case GateKind::kMeasure:
        require(!op.readout_error, language(), " has no readout errors; JSON keeps them");
        write_statement(
            op, is_3() ? concat(bits_.name(op.bit), " = measure ", qubits_.name(op.targets.front()))
                       : concat("measure ", qubits_.name(op.targets.front()), " -> ",
                                bits_.name(op.bit)));
        return;
      case GateKind::kReset:
        write_statement(op, concat("reset ", qubits_.name(op.targets.front())));
        return;
      case GateKind::kBarrier:
        require(!op.condition, "a barrier that depends on bits has no place in ", language());
        write_statement(op, concat("barrier ", qubits_.list(op.targets, ", ")));
        return;
      case GateKind::kUnitary:
      case GateKind::kEvolution:
      case GateKind::kInitialize:
      case GateKind::kChannel:
        break;
    }
    fail(language(), " cannot hold '", op.row->name, "'; JSON can");
  }

  void write_gate(const Operation& op) {
    for (const std::string& text : gates_.statements(op, scope_)) write_statement(op, text);
  }

  const Circuit& circuit_;
  int version_;
  Wires qubits_;
  Wires bits_;
  std::set<std::string> taken_;  // names of registers
  ParameterNames names_;
  GateWriter gates_;
  FileScope scope_;
  std::map<std::vector<int>, std::string> selections_;
  int n_selections_ = 0;
  std::shared_ptr<const Condition> block_;  // of the statements being written
  std::string body_;
};

}  // namespace
}  // namespace qsim::qasm

namespace qsim {

std::string to_qasm(const Circuit& circuit, int version) {
  require(version == 2 || version == 3, "there is no OpenQASM version ", version,
          " here; there is 2 and 3");
  return qasm::Writer(circuit, version).write();
}

}  // namespace qsim
