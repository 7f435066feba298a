#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "qsim/compile/light_cone.h"
#include "qsim/compile/program.h"
#include "qsim/core/observable.h"
#include "qsim/core/random.h"
#include "qsim/estimates/grouping.h"
#include "qsim/observables/expectation.h"
#include "qsim/state/state.h"

namespace qsim {

// How the expectation values of several observables are measured by shots. A setting is what is
// measured at once: a Pauli string or a group of them, of all observables that have them, or a
// matrix observable in its eigenbasis.
class MeasurementPlan {
 public:
  // Without grouping every string of every observable is a setting of its own.
  MeasurementPlan(std::vector<Observable> observables, int n_qubits, Grouping grouping);

  [[nodiscard]] std::size_t n_settings() const { return settings_.size(); }
  // One number a setting, in proportion to which shots are well spent: the sum over observables of
  // √Σ c², the spread of its part if its strings were independent and as random as can be.
  [[nodiscard]] std::vector<double> weights() const;
  // The strings of each setting, sorted, none for a matrix: for people.
  [[nodiscard]] std::vector<std::vector<PauliString>> strings() const;

  // What each setting reads: for the light cones that have all of one (compile/light_cone.h).
  [[nodiscard]] std::vector<std::vector<ConeSummand>> units() const;
  // Some of the settings, in this order, for states of a cone that has them. Observables keep their
  // numbers; without what is known of them anyhow, their identities.
  [[nodiscard]] MeasurementPlan in_cone(std::span<const std::size_t> settings,
                                        std::span<const Qubit> qubits) const;
  // The identities' part of every observable.
  [[nodiscard]] std::vector<double> identities() const;

  // Of every observable. Setting k is measured shots[k] times, drawn from the true distribution of
  // outcomes; the variance counts the covariances of strings that share shots. `shots` of 0 for all
  // settings: exact, with variance 0. ValueError for 0 shots for some of them.
  template <class T>
  std::vector<Estimate> estimate(const State<T>& state, std::span<const std::int64_t> shots,
                                 Random& random) const;

 private:
  // A string's part of an observable.
  struct Contribution {
    std::size_t observable = 0;
    std::size_t term = 0;
    double coefficient = 0;  // with the sign that turning gave the string
    Index mask = 0;          // of the Zs it was turned into
    PauliString string{};
  };
  struct Setting {
    std::vector<Contribution> parts{};      // those of one observable together
    std::vector<PauliString> strings{};     // of a group, in the order in which they are turned
    std::shared_ptr<const Program> turn{};  // before all qubits are measured; none for one string
    std::size_t matrix = 0;                 // without parts: the matrix observable that is measured
  };

  MeasurementPlan() = default;
  void add_groups(int n_qubits, Grouping grouping);
  static void turn_together(Setting& setting, int n_qubits);
  template <class T>
  void measure_group(const Setting& setting, const State<T>& state, std::int64_t shots,
                     Random& random, std::vector<Estimate>& out) const;

  std::vector<Observable> observables_;
  std::vector<Setting> settings_;
};

}  // namespace qsim
