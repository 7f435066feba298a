#pragma once

#include <map>
#include <span>
#include <vector>

#include "qml/derivatives/noisy.h"
#include "qsim/noise/exact_branches.h"

namespace qml {

// Exact derivatives under noise by one run forwards and one back, whatever the number of angles:
// density matrices go forwards, observables go back through the adjoint of every channel (the
// Heisenberg picture), and between a gate's two neighbours Tr(O ∂ρ) is its derivative. Gates are
// undone on the way (Jones & Gacon 2020, arXiv:2009.02823, with 4^n numbers for 2^n). Channels
// cannot be: what was before them is kept, or made again where it would take too much memory.
template <class T>
class NoisySweep {
 public:
  // Compiles; the program must outlive it.
  explicit NoisySweep(const NoisyProgram& program);

  // The derivatives of every observable, or of their sum with the numbers of a cotangent, by the
  // entries of the tape of program.schedule.angles that are angles or amplitudes, row by row. Keeps
  // density matrices of so many bytes for the way back, and makes the others again. MemoryError,
  // before it goes back, where there is no room for those that it needs at a time.
  static constexpr double kMostKept = 512.0 * (1 << 20);
  [[nodiscard]] std::vector<double> run(const qsim::Binding<double>& binding,
                                        std::span<const double> coordinates,
                                        std::span<const double> cotangent = {},
                                        double most_kept = kMostKept) const;

 private:
  using Branches = qsim::ExactBranches<T>;
  using Keys = std::vector<qsim::BitWords>;
  // The observables on their way back, one for every branch.
  using Observed = std::map<qsim::BitWords, std::vector<qsim::DensityMatrix<T>>>;

  // What moves all branches at once.
  struct Move {
    enum class Kind : unsigned char { kAngles, kFixed, kMeasure, kJoin };
    Kind kind = Kind::kFixed;
    std::size_t stage = 0;
    qsim::Program program{};                 // of gates and channels
    qsim::Program adjoint{};                 // … where they have no angles
    std::vector<std::size_t> coordinates{};  // … or those of their angles
  };
  // The numbers of one run, by move.
  using Bindings = std::vector<qsim::Binding<T>>;
  struct Run {
    Bindings bindings{};
    Bindings adjoints{};
    std::vector<double> derivatives;  // what run() returns
    double most_kept = kMostKept;
    std::vector<std::size_t> n_branches{};  // before every move, and at the end
  };

  void add_stages(std::size_t stage);
  [[nodiscard]] Run bind(std::span<const double> coordinates, std::size_t rows) const;
  // Bytes of the density matrices after the moves of a range.
  [[nodiscard]] double bytes_after(std::size_t first, std::size_t last, const Run& run) const;
  void require_room(const Run& run) const;
  // Of move k.
  void forward(const Run& run, std::size_t k, Branches& branches) const;
  // Takes the observables from behind a range of moves to before it.
  void sweep(std::size_t first, std::size_t last, Branches before, Observed& observed,
             Run& run) const;
  void sweep_kept(std::size_t first, std::size_t last, Branches before, Observed& observed,
                  Run& run) const;
  void undo(std::size_t k, const Keys& before, Branches& after, Observed& observed, Run& run) const;
  void undo_angles(std::size_t k, Branches& after, Observed& observed, Run& run) const;
  void undo_measurement(const Move& move, const Keys& before, Observed& observed) const;
  void undo_join(const Move& move, const Keys& before, Observed& observed) const;
  [[nodiscard]] Observed last_observed(const Branches& branches,
                                       std::span<const double> cotangent) const;
  void add_amplitudes(const qsim::Binding<double>& binding,
                      const std::vector<qsim::DensityMatrix<T>>& observables, Run& run) const;
  [[nodiscard]] std::span<double> row(std::size_t observable, Run& run) const {
    return std::span(run.derivatives).subspan(observable * n_entries(), n_entries());
  }
  [[nodiscard]] std::size_t n_entries() const { return program_.schedule.angles.tape.size(); }

  const NoisyProgram& program_;
  std::vector<qsim::ExactLeg> stages_;
  std::vector<Move> moves_;
};

extern template class NoisySweep<float>;
extern template class NoisySweep<double>;

}  // namespace qml
