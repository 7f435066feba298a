#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "qsim/circuit/circuit.h"

// How gates are written, in a file and in the definitions of gates that boxes become.

namespace qsim::qasm {

// What qubits and parameters are called where a gate is written.
class Scope {
 public:
  Scope() = default;
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  virtual ~Scope() = default;

  [[nodiscard]] virtual std::string qubit(Qubit q) const = 0;
  // The angle with its parameters by the names they have here.
  [[nodiscard]] virtual Expression spelled(const Expression& angle) = 0;
  // Where a phase without qubits acts.
  [[nodiscard]] virtual Qubit phase_qubit() const { return 0; }
  // How many of the last controls of its operations stand where the gate is called.
  [[nodiscard]] virtual std::size_t outer_controls() const { return 0; }
};

class GateWriter {
 public:
  GateWriter(const Circuit& circuit, int version) : circuit_(circuit), version_(version) {}

  // Names that no gate may be given, besides those of the version.
  void take(const std::string& name) { taken_.insert(name); }

  [[nodiscard]] bool is_free(const std::string& name) const;

  // The statements of a gate, without ";": of version 2 with X gates around for controls on |0⟩.
  std::vector<std::string> statements(const Operation& op, Scope& scope);

  // Goes through operations [first, end), whose boxes begin with the given one: boxes that are
  // gates are calls of them, everything else is left to `on_operation`.
  using OnCall = std::function<void(const Operation& first, const std::string& text)>;
  using OnOperation = std::function<void(const Operation&)>;
  void write(std::size_t first, std::size_t end, std::size_t box, Scope& scope,
             const OnCall& on_call, const OnOperation& on_operation);

  // The definitions that files need, in order.
  [[nodiscard]] const std::vector<std::string>& definitions() const { return definitions_; }

 private:
  [[nodiscard]] bool is_3() const { return version_ >= 3; }
  [[nodiscard]] std::string angle_text(const Expression& angle, Scope& scope) const;
  [[nodiscard]] std::string angles_text(const std::vector<Expression>& angles, Scope& scope) const;
  [[nodiscard]] bool is_gate_alone(const Box& box, const std::vector<Control>& controls) const;
  std::optional<std::string> call(std::size_t index, Scope& scope);
  std::string name_for(const std::string& label, const std::string& definition);

  const Circuit& circuit_;
  int version_;
  std::vector<std::string> definitions_;
  std::set<std::string> defined_;             // rows of the gate table
  std::set<std::string> taken_;               // names of registers, parameters and boxes
  std::map<std::string, std::string> boxes_;  // names by label and definition
  std::map<std::string, int> n_alike_;        // definitions by the name they would have
};

}  // namespace qsim::qasm
