#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/core/progress.h"
#include "qsim/engines/execute.h"

// Circuits run shot by shot: what their classical bits hold at the end.

namespace qsim {

// Classical bits in 64-bit words, the first bit the least significant of the first word.
using BitWords = std::vector<std::uint64_t>;
inline std::size_t words_of(int n_bits) { return static_cast<std::size_t>(n_bits + 63) / 64; }

// A probability distribution over classical bits.
using Distribution = std::map<BitWords, double>;

class Shots {
 public:
  Shots(int n_bits, std::vector<Register> registers, std::int64_t shots);

  [[nodiscard]] int n_bits() const { return n_bits_; }
  [[nodiscard]] const std::vector<Register>& registers() const { return registers_; }
  [[nodiscard]] std::int64_t size() const { return size_; }
  [[nodiscard]] std::span<const std::uint64_t> bits(std::int64_t shot) const {
    return std::span(words_).subspan(static_cast<std::size_t>(shot) * width_, width_);
  }
  [[nodiscard]] std::span<std::uint64_t> bits(std::int64_t shot) {
    return std::span(words_).subspan(static_cast<std::size_t>(shot) * width_, width_);
  }

  // How often each value of all bits, or of one register's, occurs. ValueError for an unknown name.
  [[nodiscard]] std::map<BitWords, std::int64_t> counts(std::string_view bit_register = "") const;

  // The shots whose bits fulfil a condition; ValueError where none do.
  [[nodiscard]] Shots postselected(const Condition& wanted) const;

  // How many shots there were before postselection.
  std::int64_t n_run = 0;
  // How many branches were run to their end: shots whose outcomes all agree share one.
  std::int64_t n_branches = 0;
  // What the density matrix method knows exactly.
  std::optional<Distribution> exact;

 private:
  int n_bits_;
  std::vector<Register> registers_;
  std::int64_t size_;
  std::size_t width_;  // words of a shot
  BitWords words_;
};

// The bits of a register, or all if the name is empty: the first and how many.
struct BitRange {
  int first = 0;
  int count = 0;
};
BitRange bit_range(std::span<const Register> registers, int n_bits, std::string_view bit_register);
// Of copying, comparing or writing so many bits, in units of count_work().
inline std::size_t work_of_bits(int n_bits) { return 1 + static_cast<std::size_t>(n_bits) / 32; }
BitWords bits_in(std::span<const std::uint64_t> bits, BitRange range);

// "0110", the first bit rightmost.
std::string bit_text(std::span<const std::uint64_t> bits, int n_bits);

// A table of the values that occurred, the most frequent first, with their shares of the shots.
std::ostream& operator<<(std::ostream& out, const Shots& shots);

enum class RunMethod : unsigned char {
  kAuto,           // trajectories
  kTrajectories,   // state vectors
  kDensityMatrix,  // the exact distribution, from which the shots are drawn
};
// "auto", "trajectories" (or "statevector") or "density_matrix"; ValueError listing them otherwise.
RunMethod run_method(std::string_view name);

// The circuit, with all qubits measured at its end where it measures nothing: what run_shots runs,
// and what a noise model is to be applied to, whose readout errors are those of measurements.
Circuit measured(const Circuit& circuit);

// Runs a circuit. Shot k draws all its outcomes from numbers that follow from (seed, k) alone, so
// that the bits of each do not depend on the other shots, on threads or on how the work is shared.
// All qubits of a circuit that measures nothing are measured at its end. ValueError for less than
// one shot and for bits to postselect on that it lacks. Progress is told in shots: those of
// finished branches, or as many as correspond to the part of the density matrix's way that is done;
// at the end all.
template <class T = double>
Shots run_shots(const Circuit& circuit, const Values& values, std::int64_t shots,
                std::uint64_t seed, RunMethod method = RunMethod::kAuto,
                const Condition& postselection = {}, const Progress::Report& report = {});

}  // namespace qsim
