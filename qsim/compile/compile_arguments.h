#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "qsim/circuit/parameter.h"
#include "qsim/core/observable.h"

// What compile() takes, as it is said most easily.

namespace qsim {

// One of PauliSum, its text ("ZZ", "0.5*Z0 - X1") or MatrixObservable.
struct OneObservable {
  OneObservable(Observable observable)  // NOLINT(google-explicit-constructor)
      : value(std::move(observable)) {}
  OneObservable(PauliSum sum) : value(std::move(sum)) {}  // NOLINT(google-explicit-constructor)
  OneObservable(MatrixObservable matrix)
      : value(std::move(matrix)) {}  // NOLINT(google-explicit-constructor)
  OneObservable(const char* text)    // NOLINT(google-explicit-constructor)
      : value(PauliSum::parse(text)) {}
  OneObservable(const std::string& text)  // NOLINT(google-explicit-constructor)
      : value(PauliSum::parse(text)) {}

  Observable value;
};

// None, one or several of them.
struct Observables {
  Observables() = default;
  Observables(std::vector<Observable> observables)  // NOLINT(google-explicit-constructor)
      : list(std::move(observables)) {}
  template <class One>
  requires std::convertible_to<One, OneObservable> Observables(
      One&& one)  // NOLINT(google-explicit-constructor,bugprone-forwarding-reference-overload)
      : list{OneObservable(std::forward<One>(one)).value} {}
  Observables(std::initializer_list<OneObservable> observables) {
    for (const OneObservable& one : observables) list.push_back(one.value);
  }

  std::vector<Observable> list{};
};

// Names of parameters: as text, as Parameters, or all those of a ParameterVector.
struct Names {
  Names() = default;
  Names(std::vector<std::string> names)  // NOLINT(google-explicit-constructor)
      : list(std::move(names)) {}
  Names(const ParameterVector& vector) {  // NOLINT(google-explicit-constructor)
    for (const Parameter& parameter : vector) list.push_back(parameter.name);
  }
  Names(const Parameter& parameter)
      : list{parameter.name} {}  // NOLINT(google-explicit-constructor)
  Names(std::initializer_list<std::string> names) : list(names) {}
  Names(std::initializer_list<Parameter> parameters) {
    for (const Parameter& parameter : parameters) list.push_back(parameter.name);
  }

  std::vector<std::string> list{};
};

}  // namespace qsim
