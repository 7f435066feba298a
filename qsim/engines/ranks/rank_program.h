#pragma once

#include <span>
#include <vector>

#include "qsim/compile/bind.h"
#include "qsim/compile/program.h"
#include "qsim/compile/rank_plan.h"
#include "qsim/engines/ranks/rank_state.h"
#include "qsim/observables/quantity.h"

namespace qsim {

// A program that runs on a state spread over ranks, for one sample at a time. Every rank makes the
// same and calls the same; ValueError on all of them where programs or parameters differ.
template <class T = double>
class RankProgram {
 public:
  // The program is copied; the communicator must live on. ValueError for gates that mix more qubits
  // than a rank has.
  RankProgram(Communicator& comm, const Program& program);

  [[nodiscard]] const Program& program() const { return program_; }
  [[nodiscard]] const RankPlan& plan() const { return plan_; }

  // Of a row; ValueError for states, and without observables where there must be some.
  [[nodiscard]] std::size_t n_values(Quantity quantity) const;

  // The final state for parameters, inputs first.
  RankState<T> run(std::span<const double> parameters);
  // The program's steps on a state.
  void apply(std::span<const double> parameters, RankState<T>& state);

  // A row of expval, variance or probs.
  std::vector<double> values(Quantity quantity, std::span<const double> parameters);

  struct Derivatives {
    std::vector<double> values{};
    std::vector<double> gradient{};  // of Σ_k cotangent[k] · values[k] by the parameters
  };
  // By the adjoint method (Jones & Gacon 2020, arXiv:2009.02823), which walks the same plan back
  // with ket and bra. The values come along where they are asked for.
  Derivatives vjp(Quantity quantity, std::span<const double> parameters,
                  std::span<const double> cotangent, bool with_values = true);
  struct Jacobian {
    std::vector<double> values{};
    std::vector<double> rows{};  // ∂values[k]/∂parameters[j] at k·n_parameters + j
  };
  Jacobian jacobian(Quantity quantity, std::span<const double> parameters);

 private:
  struct Epoch {
    LocalEpoch local;
    Binding<T> binding{};  // of its program
  };

  // The same as n_values, once ranks are known to ask for the same.
  std::size_t agreed_size(Quantity quantity, std::span<const double> cotangent = {},
                          bool with_values = true) const;
  [[nodiscard]] std::vector<Epoch> epochs_for(const RankPlan& plan) const;
  void bind(std::span<const double> parameters, std::vector<Epoch>& epochs);
  void prepare(RankState<T>& state);
  static void exchange(const Epoch& epoch, RankState<T>& state);
  static void forward(std::vector<Epoch>& epochs, RankState<T>& state);
  std::vector<double> read(Quantity quantity, RankState<T>& state) const;
  void fill_bra(Quantity quantity, std::span<const double> cotangent, RankState<T>& ket,
                RankState<T>& bra) const;
  // Consumes both, which are at the program's end.
  std::vector<double> backward(RankState<T>& ket, RankState<T>& bra);
  void add_initial_gradient(const RankState<T>& bra, std::vector<double>& adjoints) const;

  Communicator* comm_;
  std::uint64_t hash_;
  Program program_;
  RankPlan plan_;
  std::vector<Epoch> epochs_;
  std::vector<double> values_;  // of the tape
};

// Of what a program does, without its parameters' values.
std::uint64_t hash_of(const Program& program);

extern template class RankProgram<float>;
extern template class RankProgram<double>;

}  // namespace qsim
