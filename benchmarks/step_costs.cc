// What a step costs in cache, by kind and width, in nanoseconds an amplitude of one thread: the
// numbers behind the costs of compile/fuse.cc.
//
//   step_costs [instruction set]

#include <algorithm>
#include <complex>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "qsim/core/parallel.h"
#include "qsim/core/random.h"
#include "qsim/engines/tiles/tiles.h"
#include "qsim/kernels/kernels.h"
#include "qsim/state/state.h"

namespace {

using qsim::Qubit;
using qsim::Site;

constexpr int kRounds = 200;
constexpr int kCalls = 4;

// Of this thread, so that the company of other processes counts little.
double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e9 * static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec);
}

template <class T>
class Costs {
 public:
  Costs() : n_(qsim::tile_size<T>().qubits), tile_(n_), spare_(n_) {
    qsim::Random random(1);
    for (qsim::Index k = 0; k < 2 * tile_.size(); ++k) {
      tile_.data()[k] = static_cast<T>(random.uniform() - 0.5);
    }
    std::printf("%s, %s precision, a tile of %d qubits, %d in a register; ns an amplitude\n",
                qsim::kernels<T>().target.data(), sizeof(T) == 4 ? "single" : "double", n_,
                lane_bits());
  }

  void print_all() {
    for (int low = 0; low <= lane_bits(); low += lane_bits()) {
      for (int high = 0; high <= k().turn_high; ++high) {
        if (low + high > 0) print("phased turns", high, low, [&] { turns(high, low, true); });
      }
      for (int high = 0; high <= k().real_turn_high; ++high) {
        if (low + high > 0) print("real turns", high, low, [&] { turns(high, low, false); });
      }
    }
    print("linear", n_, 0, [&] { k().linear(spare_.data(), tile_.data(), reversal(), 0); });
    print("multiply", n_, 0, [&] { k().multiply(tile_.data(), spare_.data(), n_); });
    print_steps("diagonal", 3,
                [&](const Site& site) { k().diagonal(tile_.data(), site, phases_.data(), {}); });
    print_steps("dense", 5,
                [&](const Site& site) { k().dense(tile_.data(), site, matrix(site).data(), {}); });
    const qsim::PauliString xx{3, 0};
    for (const int q : {0, lane_bits()}) {
      print("rotation xx", q == 0 ? 0 : 2, q == 0 ? 2 : 0, [&] {
        k().rotation(tile_.data(), {n_, {}, {}}, {xx.x << q, 0}, kCos, std::complex<T>(0, kSin),
                     {});
      });
    }
  }

 private:
  static constexpr T kCos = static_cast<T>(0.8);
  static constexpr T kSin = static_cast<T>(0.6);

  static const qsim::KernelTable<T>& k() { return qsim::kernels<T>(); }
  static int lane_bits() { return k().lane_bits; }

  template <class Body>
  void print(const char* kind, int high, int low, const Body& body) {
    body();
    double best = std::numeric_limits<double>::infinity();
    for (int round = 0; round < kRounds; ++round) {
      const double start = cpu_ns();
      for (int call = 0; call < kCalls; ++call) body();
      best = std::min(best, cpu_ns() - start);
    }
    std::printf("  %-12s %2d high %d low qubits  %6.3f\n", kind, high, low,
                best / kCalls / static_cast<double>(tile_.size()));
  }

  // A kind of step on up to `most` qubits, of which some are in the register.
  template <class Body>
  void print_steps(const char* kind, int most, const Body& body) {
    for (int n = 1; n <= most; ++n) {
      for (int low = 0; low <= std::min(n, lane_bits()); ++low) {
        std::vector<Qubit> targets(static_cast<std::size_t>(n));
        std::iota(targets.begin(), targets.begin() + low, 0);
        std::iota(targets.begin() + low, targets.end(), lane_bits() + 1);
        print(kind, n - low, low, [&] { body(Site{n_, targets, {}}); });
      }
    }
  }

  void turns(int high, int low, bool phased) {
    qsim::TurnPass<T> pass{};
    pass.n_high = high;
    pass.n_low = low;
    for (int q = 0; q < high; ++q) {
      pass.high[static_cast<std::size_t>(q)] = {
          .qubit = lane_bits() + 1 + q, .c = kCos, .s = kSin, .t = kSin / kCos, .tangent = true};
    }
    for (int q = 0; q < low; ++q) {
      pass.low[static_cast<std::size_t>(q)] = {
          .qubit = q, .c = kCos, .s = kSin, .t = kSin / kCos, .tangent = true};
    }
    pass.pre.any = phased;
    pass.pre.turned.fill(kSin);
    pass.scale = kSin;
    k().turns(tile_.data(), n_, pass);
  }

  // Any order of the registers.
  const qsim::LinearPass& reversal() {
    if (!linear_.source.empty()) return linear_;
    const qsim::Index lanes = qsim::bit(lane_bits());
    for (qsim::Index at = tile_.size(); at > 0; at -= lanes) {
      linear_.source.push_back(static_cast<std::uint32_t>(at - lanes));
      linear_.order.push_back(static_cast<std::uint8_t>(at / lanes % lanes));
    }
    for (qsim::Index x = 0; x < lanes; ++x) {
      for (qsim::Index lane = 0; lane < lanes; ++lane) {
        linear_.orders.push_back(static_cast<std::uint8_t>(lane ^ x));
      }
    }
    linear_.offsets = {0};
    linear_.offset_of_lane.assign(lanes, 0);
    return linear_;
  }

  static std::vector<std::complex<T>> matrix(const Site& site) {
    const std::size_t size = std::size_t{1} << site.targets.size();
    std::vector<std::complex<T>> out(size * size);
    for (std::size_t e = 0; e < out.size(); ++e) {
      out[e] = {static_cast<T>(0.01 * static_cast<double>(e % 7)),
                e % (size + 1) == 0 ? T{0.5} : T{0}};
    }
    return out;
  }

  int n_;
  qsim::State<T> tile_;
  qsim::State<T> spare_;
  qsim::LinearPass linear_;
  std::vector<std::complex<T>> phases_ = std::vector<std::complex<T>>(8, {kSin, kCos});
};

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) qsim::set_simd_target(argv[1]);
  Costs<double>().print_all();
  Costs<float>().print_all();
  return 0;
}
