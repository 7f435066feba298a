#include "qsim/engines/cones/engine.h"

#include <algorithm>
#include <set>
#include <span>

#include "qsim/core/random.h"
#include "qsim/engines/batch_run.h"

namespace qsim {
namespace {

// The tape's entries that a run evaluates and that can fail: what is computed from parameters.
std::set<int> computed_entries(const Program& program) {
  std::set<int> out;
  const auto add = [&](int entry) {
    if (entry >= static_cast<int>(program.n_parameters())) out.insert(entry);
  };
  for (const Slot& slot : program.slots) add(slot.entry);
  for (const auto& amplitude : program.initial) add(amplitude.entry);
  return out;
}

}  // namespace

std::span<const LightCone> cones_for(const Program& program, Reads reads) {
  if (!program.cones || reads == Reads::kStates) return {};
  return reads == Reads::kVariances ? program.cones->whole : program.cones->cones;
}

std::uint64_t cone_seed(std::uint64_t seed, std::size_t cone) {
  constexpr std::uint64_t kFirst = std::uint64_t{1} << 62;  // beside streams for other ends
  return Random(seed, kFirst + cone).bits();
}

template <class T>
ConeEngine<T>::ConeEngine(const Program& program, const Batch& batch, const Needs& needs)
    : Engine<T>(program) {
  std::set<int> in_cones;
  for (const LightCone& cone : cones_for(program, needs.reads)) {
    parts_.push_back(std::make_unique<ConePart<T>>(
        ConePart<T>{.program = part_of(program, *program.cones, cone), .of = cone.of}));
    in_cones.merge(computed_entries(parts_.back()->program));
  }
  checks_all_ = in_cones.size() < computed_entries(program).size();
  const std::vector<EngineKind> kinds = choose_engines(batch);
  for (std::size_t k = 0; k < parts_.size(); ++k) {
    ConePart<T>& part = *parts_[k];
    part.engine = make_engine<T>(kinds[k], part.program, batch, needs);
    part.first_sum = n_sums_;
    n_sums_ += part.engine->n_sums();
  }
}

// Cones take the samples of a batch side by side where all can and it is worth it for some.
template <class T>
std::vector<EngineKind> ConeEngine<T>::choose_engines(const Batch& batch) {
  std::vector<EngineKind> kinds;
  for (const auto& part : parts_) kinds.push_back(choose_engine<T>(part->program, batch));
  const auto any = [&](EngineKind kind) { return std::ranges::find(kinds, kind) != kinds.end(); };
  one_by_one_ = batch.size == 1 || any(EngineKind::kTiles) || !any(EngineKind::kBlocks);
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    kinds[k] = one_by_one_ ? choose_engine<T>(parts_[k]->program, Batch{}) : EngineKind::kBlocks;
  }
  return kinds;
}

template <class T>
void ConeEngine<T>::bind(const Batch& batch) {
  if (checks_all_) check_expressions(this->program(), batch);
  for (auto& part : parts_) part->engine->bind(batch);
}

template <class T>
Slicing ConeEngine<T>::slicing(const Batch& batch) const {
  Slicing out = parts_.front()->engine->slicing(batch);
  out.work = 0;
  for (const auto& part : parts_) {
    const Slicing one = part->engine->slicing(batch);
    out.work += one.work;
    out.worth_threads = std::max(out.worth_threads, one.worth_threads);
    out.between_polls = std::min(out.between_polls, one.between_polls);
  }
  if (one_by_one_) out.samples = 1;
  return out;
}

template <class T>
void ConeEngine<T>::finish(std::span<double> sums, std::span<double> weights) const {
  std::ranges::fill(weights, 0.0);
  std::vector<double> of_part(weights.size());
  for (const auto& part : parts_) {
    part->engine->finish(sums.subspan(part->first_sum, part->engine->n_sums()), of_part);
    for (std::size_t k = 0; k < weights.size(); ++k) weights[k] += of_part[k];
  }
}

template <class T>
std::unique_ptr<Worker<T>> ConeEngine<T>::make_worker() const {
  return std::make_unique<ConeWorker<T>>(parts_);
}

template <class T>
double ConeEngine<T>::worker_bytes() const {
  double bytes = 0;
  for (const auto& part : parts_) bytes += part->engine->worker_bytes();
  return bytes;
}

template class ConeEngine<float>;
template class ConeEngine<double>;

}  // namespace qsim
