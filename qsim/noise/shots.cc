#include "qsim/noise/shots.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/long_vector.h"
#include "qsim/core/memory.h"
#include "qsim/core/random.h"
#include "qsim/noise/exact_run.h"
#include "qsim/noise/schedule.h"
#include "qsim/noise/trajectories.h"

namespace qsim {
namespace {

void check_postselection(const Condition& wanted, int n_bits) {
  for (const Comparison& comparison : wanted) {
    for (const int bit : comparison.bits) {
      require<IndexError>(bit >= 0 && bit < n_bits, "bit ", bit,
                          " to postselect on is out of range for ", n_bits, " classical bit(s)");
    }
  }
}

Distribution conditioned(const Distribution& all, const Condition& wanted) {
  Distribution out;
  double total = 0;
  for (const auto& [bits, p] : all) {
    count_work();
    if (!holds(wanted, bits)) continue;
    out.emplace(bits, p);
    total += p;
  }
  for (auto& [unused, p] : out) p /= total;
  return out;
}

// Shots from an exact distribution.
void draw_shots(const Distribution& distribution, std::uint64_t seed, Shots& shots) {
  std::vector<const BitWords*> outcomes;
  std::vector<double> cumulative;
  double sum = 0;
  for (const auto& [bits, p] : distribution) {
    count_work();
    if (p <= 0) continue;
    sum += p;
    outcomes.push_back(&bits);
    cumulative.push_back(sum);
  }
  require<std::logic_error>(!outcomes.empty(), "a distribution without outcomes");
  for (std::int64_t shot = 0; shot < shots.size(); ++shot) {
    count_work(2 + work_of_bits(shots.n_bits()));
    const double u = Random(seed, static_cast<std::uint64_t>(shot)).uniform() * sum;
    const auto found = std::upper_bound(cumulative.begin(), cumulative.end(), u);
    const auto k =
        std::min(static_cast<std::size_t>(found - cumulative.begin()), cumulative.size() - 1);
    std::ranges::copy(*outcomes[k], shots.bits(shot).begin());
  }
}

}  // namespace

Shots::Shots(int n_bits, std::vector<Register> registers, std::int64_t shots)
    : n_run(shots),
      n_bits_(n_bits),
      registers_(std::move(registers)),
      size_(shots),
      width_(words_of(n_bits)) {
  constexpr double kWork = 56;  // of running a shot, beside its bits
  require_memory((8.0 * static_cast<double>(width_) + kWork) * static_cast<double>(shots),
                 concat("the ", n_bits, " classical bit(s) of ", shots, " shots"));
  words_ = long_vector<std::uint64_t>(width_ * static_cast<std::size_t>(shots));
}

BitRange bit_range(std::span<const Register> registers, int n_bits, std::string_view bit_register) {
  if (bit_register.empty()) return {0, n_bits};
  int first = 0;
  for (const Register& r : registers) {
    if (r.name == bit_register) return {first, r.size};
    first += r.size;
  }
  no_bit_register(registers, bit_register);
}

BitWords bits_in(std::span<const std::uint64_t> bits, BitRange range) {
  count_work(work_of_bits(range.count));
  BitWords out(words_of(range.count));
  for (int k = 0; k < range.count; ++k) set_bit(out, k, get_bit(bits, range.first + k));
  return out;
}

std::string bit_text(std::span<const std::uint64_t> bits, int n_bits) {
  count_work(work_of_bits(n_bits));
  std::string out;
  for (int k = n_bits - 1; k >= 0; --k) out += get_bit(bits, k) ? '1' : '0';
  return out;
}

namespace {

// Up to 64 bits as a number.
std::uint64_t number_in(std::span<const std::uint64_t> bits, BitRange range) {
  const auto word = static_cast<std::size_t>(range.first / kWordBits);
  const int shift = range.first % kWordBits;
  std::uint64_t out = bits[word] >> shift;
  if (shift > 0 && word + 1 < bits.size()) out |= bits[word + 1] << (kWordBits - shift);
  return range.count < kWordBits ? out & (bit(range.count) - 1) : out;
}

// How often each of a range of equal items comes, in order; sorts them, which is faster than so
// many look-ups. `work` is that of comparing two.
template <class Item, class Add>
void count_equal(std::vector<Item>& items, std::size_t work, const Add& add) {
  std::ranges::sort(items, [work](const Item& a, const Item& b) {
    count_work(work);
    return a < b;
  });
  for (auto first = items.begin(); first != items.end();) {
    count_work();
    const auto last = std::upper_bound(first, items.end(), *first);
    add(*first, last - first);
    first = last;
  }
}

bool measures_nothing(const Circuit& circuit) {
  return std::ranges::none_of(circuit.operations(),
                              [](const Operation& op) { return op.bit >= 0; });
}

}  // namespace

std::map<BitWords, std::int64_t> Shots::counts(std::string_view bit_register) const {
  constexpr Index kFewValues = Index{1} << 16;
  const Index values_worth_a_table = std::max(kFewValues, 2 * static_cast<Index>(size_));
  const BitRange range = bit_range(registers_, n_bits_, bit_register);
  constexpr double kNode = sizeof(BitWords) + 64;  // of the map, and of an allocation
  const double value = kNode + 8.0 * static_cast<double>(words_of(range.count));
  const auto shots = static_cast<double>(size_);
  require_memory(value * std::min(shots, std::ldexp(1.0, range.count)) +
                     (range.count <= kWordBits ? 16 : value) * shots,
                 "counting the bits of all shots");
  std::map<BitWords, std::int64_t> out;
  const auto add = [&out](BitWords bits, std::int64_t count) {
    out.emplace_hint(out.end(), std::move(bits), count);
  };
  if (range.count < kWordBits && bit(range.count) <= values_worth_a_table) {
    std::vector<std::int64_t> histogram(bit(range.count));
    for (std::int64_t shot = 0; shot < size_; ++shot) {
      count_work();
      ++histogram[number_in(bits(shot), range)];
    }
    for (std::size_t k = 0; k < histogram.size(); ++k) {
      count_work();
      if (histogram[k] > 0) add({k}, histogram[k]);
    }
  } else if (range.count <= kWordBits) {
    std::vector<std::uint64_t> numbers;
    numbers.reserve(static_cast<std::size_t>(size_));
    for (std::int64_t shot = 0; shot < size_; ++shot) {
      count_work();
      numbers.push_back(number_in(bits(shot), range));
    }
    count_equal(numbers, 1, [&](std::uint64_t number, std::int64_t n) { add({number}, n); });
  } else {
    std::vector<BitWords> all;
    all.reserve(static_cast<std::size_t>(size_));
    for (std::int64_t shot = 0; shot < size_; ++shot) {
      all.push_back(bits_in(bits(shot), range));
    }
    count_equal(all, work_of_bits(range.count), add);
  }
  return out;
}

Shots Shots::postselected(const Condition& wanted) const {
  check_postselection(wanted, n_bits_);
  std::vector<std::int64_t> kept;
  for (std::int64_t shot = 0; shot < size_; ++shot) {
    count_work();
    if (holds(wanted, bits(shot))) kept.push_back(shot);
  }
  require(!kept.empty(), "none of ", size_, " shots has the bits to postselect on");
  Shots out(n_bits_, registers_, static_cast<std::int64_t>(kept.size()));
  for (std::size_t k = 0; k < kept.size(); ++k) {
    count_work(work_of_bits(n_bits_));
    std::ranges::copy(bits(kept[k]), out.bits(static_cast<std::int64_t>(k)).begin());
  }
  out.n_run = n_run;
  out.n_branches = n_branches;
  if (exact) out.exact = conditioned(*exact, wanted);
  return out;
}

RunMethod run_method(std::string_view name) {
  if (name == "auto") return RunMethod::kAuto;
  if (name == "trajectories" || name == "statevector") return RunMethod::kTrajectories;
  require(name == "density_matrix", "there is no method '", name,
          "'; there are auto, trajectories (or statevector) and density_matrix");
  return RunMethod::kDensityMatrix;
}

Circuit measured(const Circuit& circuit) {
  Circuit out(circuit);
  if (measures_nothing(circuit)) out.measure_all();
  return out;
}

template <class T>
Shots run_shots(const Circuit& circuit, const Values& values, std::int64_t shots,
                std::uint64_t seed, RunMethod method, const Condition& postselection,
                const Progress::Report& report) {
  require(shots >= 1, "the number of shots is ", shots, "; it must be at least 1");
  if (measures_nothing(circuit)) {
    return run_shots<T>(measured(circuit), values, shots, seed, method, postselection, report);
  }
  check_postselection(postselection, circuit.n_bits());
  const Schedule schedule(circuit, Schedule::Goal::kBits);
  Binding<double> binding;
  bind_parameters(schedule.angles, ordered_values(schedule.angles, values), binding);
  Shots out(circuit.n_bits(), circuit.bit_registers(), shots);
  Progress progress(shots, report);
  if (method == RunMethod::kDensityMatrix) {
    ExactRun<T> run(schedule);
    run.run(binding, coordinates(schedule, binding), [&](double part) {
      progress.set(static_cast<std::int64_t>(part * static_cast<double>(shots)));
      progress.poll();
    });
    out.exact = run.distribution();
    out.n_branches = run.n_branches();
    draw_shots(*out.exact, seed, out);
  } else {
    sample_trajectories<T>(schedule, binding, seed, out, progress);
  }
  progress.finish();
  return postselection.empty() ? out : out.postselected(postselection);
}

template Shots run_shots<float>(const Circuit&, const Values&, std::int64_t, std::uint64_t,
                                RunMethod, const Condition&, const Progress::Report&);
template Shots run_shots<double>(const Circuit&, const Values&, std::int64_t, std::uint64_t,
                                 RunMethod, const Condition&, const Progress::Report&);

}  // namespace qsim
