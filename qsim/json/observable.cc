#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "qsim/core/count_work.h"
#include "qsim/json/json.h"
#include "qsim/json/parts.h"
#include "qsim/json/pieces.h"

namespace qsim {
namespace {

using namespace json;  // NOLINT(google-build-using-namespace)

constexpr std::string_view kPauliSumFormat = "ketgrad.pauli_sum";
constexpr std::string_view kMatrixFormat = "ketgrad.matrix_observable";

PauliTerm read_term(const Json& value, int n_qubits, const Place& place) {
  count_work(10);
  require_object(value, place, {"coefficient", "pauli"});
  const std::string& letters = read_string(member(value, "pauli", place), place.at("pauli"));
  expect(letters.size() == static_cast<std::size_t>(n_qubits), place.at("pauli"), "expected ",
         n_qubits, " letters, got ", letters.size());
  const double coefficient =
      read_number(member(value, "coefficient", place), place.at("coefficient"));
  return placed(place, [&] { return PauliTerm{coefficient, PauliString::parse(letters)}; });
}

Json write_term(const PauliTerm& term, int n_qubits) {
  count_work(10);
  return {{"coefficient", finite(term.coefficient, "a Pauli coefficient")},
          {"pauli", term.string.text(n_qubits)}};
}

// Null stands for its terms.
Json write_sum_frame(const PauliSum& sum) {
  Json out = header(kPauliSumFormat);
  out["n_qubits"] = sum.n_qubits();
  out["terms"] = nullptr;
  return out;
}

// Null stands for its matrix.
Json write_observable_frame(const MatrixObservable& observable) {
  Json out = header(kMatrixFormat);
  out["matrix"] = nullptr;
  out["qubits"] = observable.qubits;
  return out;
}

}  // namespace

Json to_json(const PauliSum& sum) {
  Json out = write_sum_frame(sum);
  Json& terms = out["terms"] = Json::array();
  for (const PauliTerm& term : sum.terms()) terms.push_back(write_term(term, sum.n_qubits()));
  return out;
}

Json to_json(const MatrixObservable& observable) {
  Json out = write_observable_frame(observable);
  out["matrix"] = write_matrix(observable.matrix);
  return out;
}

Json to_json(const Observable& observable) {
  return std::visit([](const auto& o) { return to_json(o); }, observable);
}

std::string to_json_text(const PauliSum& sum) {
  const auto add_terms = [&sum](const auto& add) {
    for (const PauliTerm& term : sum.terms()) add(json_text(write_term(term, sum.n_qubits())));
  };
  return object_text(write_sum_frame(sum),
                     [&](const std::string&) { return list_text(add_terms); });
}

std::string to_json_text(const MatrixObservable& observable) {
  const auto add_rows = [&observable](const auto& add) {
    for (Eigen::Index r = 0; r < observable.matrix.rows(); ++r) {
      add(json_text(write_row(observable.matrix, r)));
    }
  };
  return object_text(write_observable_frame(observable),
                     [&](const std::string&) { return list_text(add_rows); });
}

std::string to_json_text(const Observable& observable) {
  return std::visit([](const auto& o) { return to_json_text(o); }, observable);
}

PauliSum json::read_pauli_sum(const Json& value, const Place& root) {
  require_object(value, root, {"format", "version", "n_qubits", "terms"});
  read_header(value, kPauliSumFormat, root);
  const int n_qubits = read_int(member(value, "n_qubits", root), root.at("n_qubits"));
  std::vector<PauliTerm> terms = read_list(member(value, "terms", root), root.at("terms"),
                                           [n_qubits](const Json& term, const Place& place) {
                                             return read_term(term, n_qubits, place);
                                           });
  if (n_qubits == 0 && terms.empty()) return {};  // the empty sum has no qubits
  return placed(root, [&] { return PauliSum(n_qubits, terms); });
}

MatrixObservable json::read_matrix_observable(const Json& value, const Place& root) {
  require_object(value, root, {"format", "version", "matrix", "qubits"});
  read_header(value, kMatrixFormat, root);
  Matrix matrix = read_matrix(member(value, "matrix", root), root.at("matrix"));
  std::vector<Qubit> qubits = read_list(member(value, "qubits", root), root.at("qubits"), read_int);
  return placed(root, [&] { return MatrixObservable(std::move(matrix), std::move(qubits)); });
}

Observable json::read_observable(const Json& value, const Place& place) {
  expect(value.is_object(), place, "expected an object, got ", value.type_name());
  const std::string& format = read_string(member(value, "format", place), place.at("format"));
  if (format == kMatrixFormat) return read_matrix_observable(value, place);
  expect(format == kPauliSumFormat, place.at("format"), "expected '", kPauliSumFormat, "' or '",
         kMatrixFormat, "', got '", excerpt(format), "'");
  return read_pauli_sum(value, place);
}

PauliSum pauli_sum_from_json(const Json& value) {
  return read_pauli_sum(value, Place{.key = "pauli_sum"});
}

MatrixObservable matrix_observable_from_json(const Json& value) {
  return read_matrix_observable(value, Place{.key = "matrix_observable"});
}

Observable observable_from_json(const Json& value) {
  return read_observable(value, Place{.key = "observable"});
}

}  // namespace qsim
