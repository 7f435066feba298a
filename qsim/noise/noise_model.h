#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/circuit/circuit.h"

namespace qsim {

// Where noise comes in: channels behind gates, and misread measurements. A gate is known by the
// name people know it by ("cx"; common_name), its qubits with controls first. Of the rules that fit
// a gate, those that name its qubits win over those that name the gate only, and these over those
// for any gate; within the winners, channels act in the order in which they were added.
class NoiseModel {
 public:
  struct Rule {
    Channel channel{};
    std::vector<std::string> gates{};            // none: any gate
    std::optional<std::vector<Qubit>> qubits{};  // exactly these, in this order; none: any
    bool operator==(const Rule&) const = default;
  };
  struct Misreading {
    ReadoutError error{};
    std::optional<std::vector<Qubit>> qubits{};  // any of these; none: all others
    bool operator==(const Misreading&) const = default;
  };

  // A channel on one qubit acts on every qubit of the gate, one on k qubits on all k in their
  // order. Without gates it comes behind every gate (of k qubits, if k > 1), but not behind
  // measurements, resets and channels; "reset" may be named. ValueError for names that no gate has,
  // for repeated or negative qubits, and where channel, gate and qubits differ in number.
  NoiseModel& add(Channel channel, std::vector<std::string> gates = {},
                  std::optional<std::vector<Qubit>> qubits = {});
  // Of measurements of some qubits, or of all that no other names. The last one added wins.
  NoiseModel& add_readout_error(ReadoutError error, std::optional<std::vector<Qubit>> qubits = {});

  // The circuit with its noise, as channels and readout errors. Measurements that have a readout
  // error keep it.
  [[nodiscard]] Circuit apply(const Circuit& circuit) const;

  [[nodiscard]] const std::vector<Rule>& rules() const { return rules_; }
  [[nodiscard]] const std::vector<Misreading>& misreadings() const { return misreadings_; }
  bool operator==(const NoiseModel&) const = default;

 private:
  std::vector<Rule> rules_;
  std::vector<Misreading> misreadings_;
};

// A line for each rule and readout error: "depolarizing(0.01) after h on qubits 0".
std::ostream& operator<<(std::ostream& out, const NoiseModel& model);

// {"format": "ketgrad.noise_model", "version": 1,
//  "rules": [{"channel": {"name": "depolarizing", "parameters": [0.01]}, "gates": ["h", "rx"],
//             "qubits": [0]}],
//  "readout_errors": [{"one_for_zero": 0.01, "zero_for_one": 0.02, "qubits": [0, 1]}]}
//
// "gates" and "qubits" may be left out. A channel that is none of the table has "kraus", a list of
// matrices (rows of [re, im]), besides. What is written reads back equal; readers take nothing on
// trust, and say what is wrong and where.
nlohmann::json to_json(const NoiseModel& model);
NoiseModel noise_model_from_json(const nlohmann::json& value);
std::string to_json_text(const NoiseModel& model);
NoiseModel noise_model_from_json_text(std::string_view text);

}  // namespace qsim
