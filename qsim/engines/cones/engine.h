#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "qsim/compile/light_cone.h"
#include "qsim/engines/cones/worker.h"
#include "qsim/engines/engine.h"

namespace qsim {

// The cones that have what is read; none where it takes the whole.
std::span<const LightCone> cones_for(const Program& program, Reads reads);

// The seed of the shots in a cone.
std::uint64_t cone_seed(std::uint64_t seed, std::size_t cone);

// Expectation values and variances, and their derivatives, of programs of which each observable's
// Pauli strings see a part only: every light cone (compile/light_cone.h) is a program by itself
// with an engine of its own, and all cones take the same slices of a batch. An observable's value
// is the sum of what its strings give in theirs; all of those whose variance is asked for are in
// one. Cones have shots of their own. A cone that no cotangent asks for stays where it is on the
// way back.
template <class T>
class ConeEngine final : public Engine<T> {
 public:
  ConeEngine(const Program& program, const Batch& batch, const Needs& needs);

  void bind(const Batch& batch) override;
  [[nodiscard]] Slicing slicing(const Batch& batch) const override;
  [[nodiscard]] std::size_t n_sums() const override { return n_sums_; }
  void finish(std::span<double> sums, std::span<double> weights) const override;

  [[nodiscard]] std::unique_ptr<Worker<T>> make_worker() const override;
  [[nodiscard]] double worker_bytes() const override;

 private:
  [[nodiscard]] std::vector<EngineKind> choose_engines(const Batch& batch);

  std::vector<std::unique_ptr<ConePart<T>>> parts_;  // engines hold on to where programs are
  std::size_t n_sums_ = 0;
  bool one_by_one_ = true;   // samples
  bool checks_all_ = false;  // some expression that may not be finite is in no cone
};

extern template class ConeEngine<float>;
extern template class ConeEngine<double>;

}  // namespace qsim
