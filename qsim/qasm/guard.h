#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "qsim/circuit/operation.h"
#include "qsim/core/error.h"
#include "qsim/qasm/cases.h"

// What is known of bits while a file is read: 0 or 1, a classical bit of the circuit, or what
// follows from several of them.

namespace qsim::qasm {

// A classical bit of the circuit, which has other uses when nothing holds it any more.
using Cell = std::shared_ptr<const int>;

// Where something holds and where it does not.
struct Guard {
  Cases holds{};
  Cases fails{};
  std::vector<Cell> cells{};  // that the cases read
};

struct Bit {
  bool value = false;  // of a cell: whether it is inverted
  Cell cell{};
  std::shared_ptr<const Guard> guard{};

  [[nodiscard]] bool is_known() const { return !cell && !guard; }
};
using Bits = std::vector<Bit>;  // of numbers, from the least significant

// What has to be known while the file is read follows from measured bits, of which this is one. A
// statement that throws it is read once for each value of the bit.
struct Undecided : ValueError {
  Undecided(const std::string& what, Bit one, bool says_where = false)
      : ValueError(what), bit(std::move(one)), is_placed(says_where) {}
  Bit bit;
  bool is_placed;  // what() says where
};

std::shared_ptr<const Guard> guard_of(const Bit& bit);
Bit bit_of(Guard guard);
// The cases, of which ValueError says that there are too many.
const std::vector<Condition>& required(const Cases& cases);

Bit opposite(const Bit& bit);
Bit conjunction(const Bit& a, const Bit& b);
Bit disjunction(const Bit& a, const Bit& b);
Bit exclusive(const Bit& a, const Bit& b);
// The same, known or a cell where it is no more than that.
Bit simplified(Bit bit);

// Of numbers of one size: whether all bits are equal; where a is below b, without signs.
Bit equal(const Bits& a, const Bits& b);
Cases below(const Bits& a, const Bits& b);
// a + b + carry, as long as they are.
Bits sum(const Bits& a, const Bits& b, Bit carry);

// How many comparisons there are in all cases, roughly what it took to find them.
std::size_t weight(const Bits& bits);

// Lets go of cells that something else holds, such as a variable, so that it may be measured into
// again in place.
void let_go(Bit& bit);

}  // namespace qsim::qasm
