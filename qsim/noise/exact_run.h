#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "qsim/compile/bind.h"
#include "qsim/execute/execute.h"
#include "qsim/noise/density_matrix.h"
#include "qsim/noise/schedule.h"
#include "qsim/noise/shots.h"

namespace qsim {

// A schedule on density matrices: one for every value of those classical bits that something yet to
// come depends on, its trace the probability of these. What is measured and never used only loses
// its coherence.
template <class T>
class ExactRun {
 public:
  // Compiles; the schedule must outlive it.
  explicit ExactRun(const Schedule& schedule);

  // From the start, with given coordinates; may be repeated.
  void run(const Binding<double>& binding, std::span<const double> coordinates,
           const PartDone& part_done = {});

  // Of the classical bits, where these are the schedule's goal. Moves nothing.
  [[nodiscard]] Distribution distribution() const;
  // Over all branches, whose numbers it takes: a copy would double the memory. Once a run.
  [[nodiscard]] DensityMatrix<T> average();
  [[nodiscard]] std::int64_t n_branches() const {
    return static_cast<std::int64_t>(branches_.size());
  }

 private:
  // Gates and channels in a row, or a measurement whose outcome is used.
  struct Stage {
    std::shared_ptr<const Condition> condition;
    std::vector<Primitive> primitives;
    std::size_t first_coordinate = 0;
    std::size_t n_coordinates = 0;
    Program program;
    Binding<T> binding;
    int bit = -1;                // of a measurement
    std::vector<Step> recorded;  // … what it does where 0 and where 1 is recorded
    BitWords live;               // bits that matter afterwards
  };
  using Branches = std::map<BitWords, DensityMatrix<T>>;

  Stage& stage_for(const Piece& piece, const BitWords& live);
  void add_gates(const Piece& piece, Stage& stage);
  void add_channel(const Piece& piece, Stage& stage);
  [[nodiscard]] std::vector<Primitive> with_pauli_bases(std::vector<Primitive> primitives) const;
  void add_measurement(const Piece& piece, const BitWords& live);
  void measure(const Stage& stage);
  void keep_live(const BitWords& live);
  static void put(Branches& branches, BitWords bits, DensityMatrix<T> rho);

  const Schedule& schedule_;
  std::vector<Stage> stages_;
  Branches branches_;
};

extern template class ExactRun<float>;
extern template class ExactRun<double>;

}  // namespace qsim
