#include "qsim/noise/exact_branches.h"

#include <cmath>
#include <utility>

#include "qsim/core/error.h"
#include "qsim/core/memory.h"
#include "qsim/engines/execute.h"

namespace qsim {
namespace {

template <class T>
void put(ExactBranches<T>& branches, BitWords bits, DensityMatrix<T> rho) {
  const auto found = branches.find(bits);
  if (found == branches.end()) {
    branches.emplace(std::move(bits), std::move(rho));
  } else {
    found->second.add(rho);
  }
}

}  // namespace

template <class T>
ExactBranches<T> first_branches(const Schedule& schedule, const Binding<double>& binding) {
  State<T> state(schedule.n_qubits);
  prepare(schedule.angles, Binding<T>{binding.values, {}}, state);
  ExactBranches<T> out;
  out.emplace(BitWords(words_of(schedule.n_bits)), DensityMatrix<T>::of(state));
  return out;
}

template <class T>
void record(const ExactLeg& measurement, bool value, DensityMatrix<T>& rho) {
  const Step& step = measurement.recorded[value ? 1 : 0];
  std::vector<std::complex<T>> coefficients;
  for (const Complex c : constant_coefficients(step)) {
    coefficients.emplace_back(static_cast<T>(c.real()), static_cast<T>(c.imag()));
  }
  apply<T>(step, coefficients, rho.numbers());
}

template <class T>
void measure(const ExactLeg& measurement, ExactBranches<T>& branches, double least) {
  constexpr double kOverhead = 512;  // of a branch beside its numbers, roughly
  const auto n = static_cast<double>(branches.size());
  require_memory(n * (DensityMatrix<T>::bytes(branches.begin()->second.n_qubits()) + kOverhead),
                 concat("density matrices for ", 2 * branches.size(),
                        " different outcomes of the measurements"));
  ExactBranches<T> parted;
  while (!branches.empty()) {
    auto node = branches.extract(branches.begin());
    DensityMatrix<T>& rho = node.mapped();
    if (!acts_on(measurement, node.key())) {
      put(parted, std::move(node.key()), std::move(rho));
      continue;
    }
    const double before = std::abs(rho.trace());  // the probability of all that has come out so far
    const auto add = [&](bool value, DensityMatrix<T> part) {
      record(measurement, value, part);
      if (std::abs(part.trace()) <= least * before) return;
      BitWords bits = node.key();
      set_bit(bits, measurement.bit, value);
      put(parted, std::move(bits), std::move(part));
    };
    add(false, rho);
    add(true, std::move(rho));
  }
  branches = std::move(parted);
}

BitWords live_part(BitWords bits, const BitWords& live) {
  for (std::size_t k = 0; k < live.size(); ++k) bits[k] &= live[k];
  return bits;
}

template <class T>
void keep_live(const BitWords& live, ExactBranches<T>& branches) {
  for (auto it = branches.begin(); it != branches.end();) {
    BitWords bits = live_part(it->first, live);
    if (bits == it->first) {
      ++it;
      continue;
    }
    auto node = branches.extract(it++);
    put(branches, std::move(bits), std::move(node.mapped()));
  }
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define KETGRAD_INSTANTIATE(T)                                                          \
  template ExactBranches<T> first_branches<T>(const Schedule&, const Binding<double>&); \
  template void record<T>(const ExactLeg&, bool, DensityMatrix<T>&);                    \
  template void measure<T>(const ExactLeg&, ExactBranches<T>&, double);                 \
  template void keep_live<T>(const BitWords&, ExactBranches<T>&);
KETGRAD_INSTANTIATE(float)
KETGRAD_INSTANTIATE(double)
#undef KETGRAD_INSTANTIATE
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace qsim
