#include "qsim/engines/ranks/rank_costs.h"

#include <algorithm>
#include <cmath>

#include "qsim/compile/segments.h"
#include "qsim/core/error.h"
#include "qsim/engines/ranks/moves.h"
#include "qsim/engines/ranks/rank_observables.h"
#include "qsim/engines/tiles/tiles.h"
#include "qsim/state/state.h"

namespace qsim {
namespace {

void check_bandwidth(double value, const char* what) {
  require(value > 0, "a ", what, " bandwidth of ", value, " bytes a second; it must be positive");
}

template <class T>
std::size_t passes_of(const Program& program, const RankPlan& plan) {
  std::size_t out = 0;
  for (const LocalEpoch& epoch : epochs_of(program, plan, 0)) {
    out +=
        segments_of(epoch.program, epoch.program.n_qubits, tile_size<T>(), Start::kAnyState).size();
  }
  return out;
}

// Of the largest move: two buffers to send, two to receive.
double buffer_bytes(const RankPlan& plan, double state_bytes, bool shows) {
  double most = shows ? state_bytes : 0;
  for (const RankEpoch& epoch : plan.epochs) {
    if (epoch.exchange.empty()) continue;
    most = std::max(most, std::ldexp(state_bytes, -static_cast<int>(epoch.exchange.size())));
  }
  constexpr double kBuffers = 4;
  return kBuffers * std::min(most, double{kPieceBytes});
}

}  // namespace

template <class T>
RankCosts rank_costs(const Program& whole, int rank_bits, const Bandwidths& bandwidths) {
  check_bandwidth(bandwidths.network, "network");
  check_bandwidth(bandwidths.memory, "memory");
  const Program program = for_ranks(whole, rank_bits);
  const RankPlan plan = plan_ranks(program, rank_bits);
  const std::size_t shows = count_shows(program.observables, plan.last);
  RankCosts out{.epochs = plan.epochs.size(),
                .exchanges = plan.epochs.size() - 1,
                .passes = passes_of<T>(program, plan),
                .state_bytes = State<T>::bytes(program.n_qubits - rank_bits)};
  out.sent_bytes = sent_fraction(plan) * out.state_bytes;
  out.shown_bytes = static_cast<double>(shows) * out.state_bytes;
  out.sent_back_bytes =
      out.shown_bytes + 2 * sent_fraction(plan, first_epoch_back(program, plan)) * out.state_bytes;
  const double buffers = buffer_bytes(plan, out.state_bytes, shows > 0);
  out.run_bytes = (shows > 0 ? 2 : 1) * out.state_bytes + buffers;
  out.gradient_bytes = (shows > 0 ? 3 : 2) * out.state_bytes + buffers;
  out.network_seconds = (out.sent_bytes + out.shown_bytes) / bandwidths.network;
  out.memory_seconds = 2 * static_cast<double>(out.passes) * out.state_bytes / bandwidths.memory;
  return out;
}

template RankCosts rank_costs<float>(const Program&, int, const Bandwidths&);
template RankCosts rank_costs<double>(const Program&, int, const Bandwidths&);

}  // namespace qsim
