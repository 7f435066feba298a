#include "tests/fuzz/targets.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <stdexcept>

#include "qsim/core/pauli.h"
#include "qsim/json/json.h"
#include "qsim/qasm/qasm.h"

namespace fuzz {
namespace {

constexpr std::int64_t kMostOperations = 5'000;  // keeps every run short

// What the body returns, or nothing where it refuses its input.
template <class Body>
auto attempt(const Body& body) -> std::optional<decltype(body())> {
  try {
    return body();
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  } catch (const std::out_of_range&) {
    return std::nullopt;
  }
}

void check(bool holds) {
  if (!holds) std::abort();
}

// Version 2 writes them with gates around.
bool has_controls_on_zero(const qsim::Circuit& circuit) {
  return std::ranges::any_of(circuit.operations(), [](const qsim::Operation& op) {
    return std::ranges::any_of(op.controls, [](const qsim::Control& c) { return !c.value; });
  });
}

void round_trip(std::string_view text, qsim::QasmOptions options) {
  options.max_operations = kMostOperations;
  const auto circuit = attempt([&] { return qsim::circuit_from_qasm(text, options); });
  if (!circuit) return;
  for (const int version : {2, 3}) {
    const auto written = attempt([&] { return qsim::to_qasm(*circuit, version); });
    if (!written || (version == 2 && has_controls_on_zero(*circuit))) continue;
    check(qsim::circuit_from_qasm(*written) == *circuit);
  }
}

}  // namespace

void qasm2(std::string_view text) {
  round_trip(text, {.version = 2});
  (void)attempt([&] {
    return qsim::circuit_from_qasm(
        text, {.version = 2, .strict = true, .max_operations = kMostOperations});
  });
}

void qasm3(std::string_view text) { round_trip(text, {.version = 3}); }

void pauli(std::string_view text) {
  const auto sum = attempt([&] { return qsim::PauliSum::parse(text); });
  if (sum) (void)sum->text();
}

void json(std::string_view text) {
  const auto circuit = attempt([&] { return qsim::circuit_from_json_text(text); });
  if (!circuit) return;
  const auto written = attempt([&] { return qsim::to_json_text(*circuit); });
  if (written) check(qsim::circuit_from_json_text(*written) == *circuit);
}

}  // namespace fuzz
