#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string_view>
#include <vector>

#include "qsim/state/parts.h"
#include "qsim/state/state.h"

// What the programs that print distances to speed goals share.

namespace timing {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Of one call.
template <class Body>
double seconds(const Body& body) {
  const auto start = Clock::now();
  body();
  return seconds_since(start);
}

inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The median of milliseconds a call, the first not counted.
template <class Body>
double median_ms(std::size_t repetitions, const Body& body) {
  body();
  std::vector<double> times;
  for (std::size_t k = 0; k < repetitions; ++k) times.push_back(1e3 * seconds(body));
  return median(times);
}

// What machines are measured by: an in-place pass over all of a state.
inline void scale(qsim::State<double>& state) {
  qsim::for_parts(state.n_qubits(), [&](qsim::Part part) {
    qsim::kernels<double>().scale(state.data(), state.storage(), -1.0, part);
  });
}

// GB/s of that, from a state that no cache holds.
inline double bandwidth(std::size_t repetitions) {
  constexpr int kQubits = 24;
  qsim::State<double> state(kQubits);
  return 2e-6 * qsim::State<double>::bytes(kQubits) / median_ms(repetitions, [&] { scale(state); });
}

// What the command line `program [repetitions]` asks for. None where it asks for anything else,
// after saying so.
inline std::optional<std::size_t> repetitions_of(int argc, char** argv, const char* program,
                                                 std::size_t usual) {
  if (argc <= 1) return usual;
  const std::string_view text = argv[1];
  std::size_t out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec == std::errc{} && read.ptr == text.data() + text.size() && out >= 1) return out;
  std::fprintf(stderr, "usage: %s [repetitions]\n", program);
  return std::nullopt;
}

}  // namespace timing
