#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/state/state.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

// What kernels are tried on, and how far they are off.

namespace reference {

// The largest error seen, and where.
struct Worst {
  double ratio = 0;  // error / tolerance
  std::string where;
  template <class Describe>
  void note(double error, double tolerance, const Describe& describe) {
    if (error / tolerance <= ratio) return;
    ratio = error / tolerance;
    where = describe();
  }
  void check() const {
    INFO("worst: " << where);
    CHECK(ratio < 1);
  }
};

inline std::string describe(const qsim::Operation& op) {
  std::string out(op.row->name);
  if (!op.pauli.empty()) out += " " + op.pauli;
  for (const int q : op.targets) out += " " + std::to_string(q);
  for (const qsim::Control& c : op.controls) {
    out += (c.value ? " +" : " -") + std::to_string(c.qubit);
  }
  return out;
}

// Where a matrix acts.
struct Place {
  std::vector<int> targets;
  std::vector<qsim::Control> controls;
};

inline std::string describe(const Place& place) {
  return describe(qsim::Operation{
      .row = &qsim::gate_row("unitary"), .targets = place.targets, .controls = place.controls});
}

// Every `stride`-th of all arrangements of targets with all sets of controls.
inline std::vector<Place> places(int n_targets, int n_qubits, std::size_t stride) {
  std::vector<Place> out;
  std::size_t count = 0;
  for (const auto& targets : arrangements(n_targets, n_qubits)) {
    for (const auto& controls : control_sets(targets, n_qubits)) {
      if (count++ % stride == 0) out.push_back({targets, controls});
    }
  }
  return out;
}

// A place as the kernels take it; the place must live on.
inline qsim::Site site_of(const Place& place, int n_qubits) {
  qsim::ControlMask controls;
  for (const qsim::Control& c : place.controls) {
    controls.mask |= qsim::bit(c.qubit);
    if (c.value) controls.value |= qsim::bit(c.qubit);
  }
  return {n_qubits, place.targets, controls};
}

template <class T>
void set(qsim::State<T>& state, const Vector& amplitudes) {
  std::vector<std::complex<T>> narrow;
  for (const Complex& a : amplitudes) narrow.emplace_back(a);
  state.set_amplitudes(narrow);
}

template <class T>
std::vector<std::complex<T>> row_by_row(const Matrix& matrix) {
  std::vector<std::complex<T>> out;
  for (Eigen::Index r = 0; r < matrix.rows(); ++r) {
    for (Eigen::Index c = 0; c < matrix.cols(); ++c) out.emplace_back(matrix(r, c));
  }
  return out;
}

}  // namespace reference
