#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/circuit/circuit.h"

namespace qsim {

// "a, b" of a list that items are added to.
void join(std::string& list, std::string_view item);

// Where the registers of classical bits begin, and what a condition on their bits is called.
class BitNames {
 public:
  explicit BitNames(const Circuit& circuit);

  [[nodiscard]] std::size_t register_of(int bit) const;
  [[nodiscard]] std::string name(int bit) const;
  // Of bits of one register, in order: "2" or "0–3,5".
  [[nodiscard]] std::string places(const std::vector<int>& bits) const;

  // The parts of a comparison by register, each "=3", "[1]=0" or "[0,2]≠3". Bits of several
  // registers that must not all have their values stay together, with their names.
  void describe(const Comparison& comparison, std::map<std::size_t, std::string>& texts) const;

 private:
  [[nodiscard]] int place(int bit) const { return bit - firsts_[register_of(bit)]; }
  [[nodiscard]] std::string selection(std::size_t r, const std::vector<int>& bits) const;

  const std::vector<Register>& registers_;
  std::vector<int> firsts_;
};

}  // namespace qsim
