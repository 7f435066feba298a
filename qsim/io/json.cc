#include "qsim/io/json.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "qsim/core/error.h"
#include "qsim/core/matrix.h"
#include "qsim/io/layout.h"

namespace qsim {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kCircuitFormat = "ketgrad.circuit";
constexpr std::string_view kPauliSumFormat = "ketgrad.pauli_sum";
constexpr int kVersion = 1;
constexpr int kDeepestExpression = 1000;  // as deep as Expression::apply makes them
// Every level of an expression is an object and an array; the circuit adds a few around them.
constexpr int kDeepestText = 2 * kDeepestExpression + 10;

// Where a value stands in the document. A chain of parents, so that nothing is built unless an
// error needs it.
struct Place {
  std::string_view key = {};
  std::size_t index = 0;
  const Place* parent = nullptr;

  [[nodiscard]] Place at(std::string_view k) const { return {.key = k, .parent = this}; }
  [[nodiscard]] Place at(std::size_t i) const { return {.index = i, .parent = this}; }

  [[nodiscard]] std::string text() const {
    constexpr int kMostParts = 12;  // the innermost ones, of deep expressions
    std::string out;
    int parts = 0;
    for (const Place* place = this; place != nullptr; place = place->parent) {
      if (++parts > kMostParts) return "…" + out;
      out.insert(0, place->part());
    }
    return out;
  }

 private:
  [[nodiscard]] std::string part() const {
    if (key.empty()) return concat("[", index, "]");
    return concat(parent == nullptr ? "" : ".", key);
  }
};

template <class... Parts>
[[noreturn]] void wrong(const Place& place, const Parts&... parts) {
  fail("JSON, ", place.text(), ": ", parts...);
}

template <class... Parts>
void expect(bool condition, const Place& place, const Parts&... parts) {
  if (!condition) wrong(place, parts...);
}

// What a message quotes from a document, which may be of any length and not even UTF-8.
std::string excerpt(std::string_view text) {
  constexpr std::size_t kLongest = 160;
  const std::string_view begin = text.substr(0, kLongest);
  return encode_utf8(decode_utf8(begin)) + (begin.size() < text.size() ? "…" : "");
}

// Runs code whose own errors do not know the place. An index out of range is, in a document, a
// wrong value.
template <class Body>
auto placed(const Place& place, const Body& body) {
  try {
    return body();
  } catch (const ValueError& error) {
    wrong(place, error.what());
  } catch (const IndexError& error) {
    wrong(place, error.what());
  }
}

// ---- Reading values of one type ----

void require_object(const Json& value, const Place& place,
                    std::initializer_list<std::string_view> known) {
  expect(value.is_object(), place, "expected an object, got ", value.type_name());
  for (const auto& [key, unused] : value.items()) {
    const bool is_known = std::find(known.begin(), known.end(), key) != known.end();
    if (!is_known) wrong(place, "unknown key '", excerpt(key), "'");
  }
}

const Json& member(const Json& object, std::string_view key, const Place& place) {
  const auto found = object.find(key);
  expect(found != object.end(), place, "the key '", key, "' is missing");
  return *found;
}

double read_number(const Json& value, const Place& place) {
  expect(value.is_number(), place, "expected a number, got ", value.type_name());
  return value.get<double>();
}

int read_int(const Json& value, const Place& place) {
  expect(value.is_number_integer(), place, "expected an integer, got ", value.type_name());
  const double number = value.get<double>();  // exact wherever it matters: ints fit in doubles
  constexpr double kLimit = std::numeric_limits<int>::max();
  expect(std::abs(number) <= kLimit, place, number, " is outside the range of integers");
  return static_cast<int>(number);
}

const std::string& read_string(const Json& value, const Place& place) {
  expect(value.is_string(), place, "expected a string, got ", value.type_name());
  return value.get_ref<const std::string&>();
}

const Json& read_array(const Json& value, const Place& place) {
  expect(value.is_array(), place, "expected an array, got ", value.type_name());
  return value;
}

template <class Read>
auto read_list(const Json& value, const Place& place, const Read& read) {
  std::vector<decltype(read(value, place))> out;
  read_array(value, place);
  out.reserve(value.size());
  for (std::size_t k = 0; k < value.size(); ++k) out.push_back(read(value[k], place.at(k)));
  return out;
}

void read_header(const Json& value, std::string_view format, const Place& place) {
  const std::string& found = read_string(member(value, "format", place), place.at("format"));
  expect(found == format, place.at("format"), "expected '", format, "', got '", excerpt(found),
         "'");
  const int version = read_int(member(value, "version", place), place.at("version"));
  expect(version == kVersion, place.at("version"), "this library reads version ", kVersion,
         ", got ", version);
}

// ---- Expressions ----

Op read_op(const Json& value, const Place& place) {
  const std::string& name = read_string(value, place);
  for (const OpRow& row : op_rows()) {  // constants and parameters have forms of their own
    if (row.arity > 0 && name == row.name) return row.op;
  }
  wrong(place, "there is no operator '", excerpt(name), "'");
}

bool is_leaf(const Json& value) { return !value.is_object() || value.contains("parameter"); }

Expression read_leaf(const Json& value, const Place& place) {
  if (value.is_number()) return placed(place, [&] { return Expression(value.get<double>()); });
  expect(value.is_object(), place, "expected a number or an expression, got ", value.type_name());
  require_object(value, place, {"parameter"});
  const std::string& name = read_string(value["parameter"], place.at("parameter"));
  return placed(place, [&] { return Expression(Parameter(name)); });
}

const Json& read_args(const Json& value, std::size_t arity, const Place& place) {
  const Json& args = read_array(member(value, "args", place), place.at("args"));
  expect(args.size() == arity, place.at("args"), "expected ", arity, " argument(s), got ",
         args.size());
  return args;
}

// Recurses as deep as the expression, so everything that needs room is done in functions that
// return before it does.
Expression read_expression(const Json& value, const Place& place, int depth) {
  expect(depth <= kDeepestExpression, place, "an expression is nested more than ",
         kDeepestExpression, " deep");
  if (is_leaf(value)) return read_leaf(value, place);
  require_object(value, place, {"op", "args"});
  const Op op = read_op(member(value, "op", place), place.at("op"));
  const auto arity = static_cast<std::size_t>(op_row(op).arity);
  const Json& args = read_args(value, arity, place);
  const Place args_place = place.at("args");
  const Expression left = read_expression(args[0], args_place.at(std::size_t{0}), depth + 1);
  const Expression right =
      arity > 1 ? read_expression(args[1], args_place.at(1), depth + 1) : Expression(0.0);
  return placed(place, [&] { return Expression::apply(op, left, right); });
}

Json write_leaf(const Expression::Node& node) {
  if (node.op == Op::kConstant) return node.value;
  return {{"parameter", node.name}};
}

void write_node(const Expression::Node& node, Json& out) {
  if (!node.left) {
    out = write_leaf(node);
    return;
  }
  out["op"] = op_row(node.op).name;
  Json& args = out["args"];
  write_node(*node.left, args.emplace_back());
  if (node.right) write_node(*node.right, args.emplace_back());
}

// ---- Matrices ----

Complex read_complex(const Json& value, const Place& place) {
  expect(value.is_array() && value.size() == 2, place, "expected a complex number [re, im]");
  return {read_number(value[0], place.at(std::size_t{0})), read_number(value[1], place.at(1))};
}

std::shared_ptr<const Matrix> read_matrix(const Json& value, const Place& place) {
  const std::size_t size = read_array(value, place).size();
  expect(size >= 1 && size <= bit(kMaxMatrixQubits), place, "a matrix has 1 to ",
         bit(kMaxMatrixQubits), " rows, got ", size);
  // Every row is measured before the matrix is allocated: a short text must not cost much memory.
  for (std::size_t r = 0; r < size; ++r) {
    const Place row = place.at(r);
    const std::size_t columns = read_array(value[r], row).size();
    expect(columns == size, row, "expected ", size, " entries, got ", columns);
  }
  const auto n = static_cast<Eigen::Index>(size);
  auto out = std::make_shared<Matrix>(n, n);
  for (std::size_t r = 0; r < size; ++r) {
    const Place row = place.at(r);
    for (std::size_t c = 0; c < size; ++c) {
      (*out)(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)) =
          read_complex(value[r][c], row.at(c));
    }
  }
  return out;
}

Json write_matrix(const Matrix& matrix) {
  Json rows = Json::array();
  for (Eigen::Index r = 0; r < matrix.rows(); ++r) {
    Json row = Json::array();
    for (Eigen::Index c = 0; c < matrix.cols(); ++c) {
      row.push_back(Json::array({matrix(r, c).real(), matrix(r, c).imag()}));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

// ---- Operations ----

Control read_control(const Json& value, const Place& place) {
  require_object(value, place, {"qubit", "value"});
  const Json& on = member(value, "value", place);
  expect(on.is_boolean(), place.at("value"), "expected true or false, got ", on.type_name());
  return {.qubit = read_int(member(value, "qubit", place), place.at("qubit")),
          .value = on.get<bool>()};
}

// What only some gates carry must be there for them and for no other.
bool has_carried(const Json& value, std::string_view key, const GateRow& row, bool wanted,
                 const Place& place) {
  const bool found = value.contains(key);
  expect(found == wanted, place, "gate '", row.name, "' ", wanted ? "needs" : "takes no", " '", key,
         "'");
  return found;
}

void read_carried(const Json& value, Operation& op, const Place& place) {
  const GateKind kind = op.row->kind;
  const bool is_matrix = kind == GateKind::kUnitary || kind == GateKind::kEvolution;
  if (has_carried(value, "pauli", *op.row, kind == GateKind::kPauli, place)) {
    op.pauli = read_string(value["pauli"], place.at("pauli"));
  }
  if (has_carried(value, "matrix", *op.row, is_matrix, place)) {
    op.matrix = read_matrix(value["matrix"], place.at("matrix"));
  }
}

Operation read_operation(const Json& value, const Place& place) {
  require_object(value, place,
                 {"gate", "angles", "targets", "controls", "pauli", "matrix", "label"});
  const Place gate = place.at("gate");
  const std::string& name = read_string(member(value, "gate", place), gate);
  Operation op;
  op.row = placed(gate, [&] { return &gate_row(excerpt(name)); });
  op.targets = read_list(member(value, "targets", place), place.at("targets"), read_int);
  if (value.contains("angles")) {
    op.angles =
        read_list(value["angles"], place.at("angles"),
                  [](const Json& angle, const Place& at) { return read_expression(angle, at, 1); });
  }
  if (value.contains("controls")) {
    op.controls = read_list(value["controls"], place.at("controls"), read_control);
  }
  if (value.contains("label")) op.label = read_string(value["label"], place.at("label"));
  read_carried(value, op, place);
  return op;
}

// Keys that would hold nothing are left out.
Json write_operation(const Operation& op) {
  Json out{{"gate", std::string(op.row->name)}, {"targets", op.targets}};
  for (const Expression& angle : op.angles) out["angles"].push_back(to_json(angle));
  for (const Control& control : op.controls) {
    out["controls"].push_back({{"qubit", control.qubit}, {"value", control.value}});
  }
  if (!op.pauli.empty()) out["pauli"] = op.pauli;
  if (op.matrix) out["matrix"] = write_matrix(*op.matrix);
  if (!op.label.empty()) out["label"] = op.label;
  return out;
}

Json header(std::string_view format, int n_qubits) {
  return {{"format", std::string(format)}, {"version", kVersion}, {"n_qubits", n_qubits}};
}

PauliTerm read_term(const Json& value, int n_qubits, const Place& place) {
  require_object(value, place, {"coefficient", "pauli"});
  const std::string& letters = read_string(member(value, "pauli", place), place.at("pauli"));
  expect(letters.size() == static_cast<std::size_t>(n_qubits), place.at("pauli"), "expected ",
         n_qubits, " letters, got ", letters.size());
  const double coefficient =
      read_number(member(value, "coefficient", place), place.at("coefficient"));
  return placed(place, [&] { return PauliTerm{coefficient, PauliString::parse(letters)}; });
}

Json parse_text(std::string_view text) {
  const auto shallow = [](int depth, Json::parse_event_t, Json&) {
    require(depth <= kDeepestText, "JSON: nested more than ", kDeepestText, " deep");
    return true;
  };
  try {
    return Json::parse(text, shallow);
  } catch (const Json::exception& error) {
    fail("JSON: ", excerpt(reason(error)));
  }
}

// True where Json::dump() does not recurse further than one level.
bool is_shallow(const Json& value) {
  return std::none_of(value.begin(), value.end(),
                      [](const Json& child) { return child.is_structured(); });
}

// What Json::dump() writes, with a stack on the heap: its recursion takes about a kilobyte a level,
// and deep expressions would overflow the small stacks of threads.
class TextWriter {
 public:
  std::string write(const Json& root) {
    begin(root);
    while (!open_.empty()) {
      Level& level = open_.back();
      const bool is_object = level.value->is_object();
      if (level.next == level.value->end()) {
        out_ += is_object ? '}' : ']';
        open_.pop_back();
        continue;
      }
      if (level.next != level.value->begin()) out_ += ',';
      if (is_object) out_ += Json(level.next.key()).dump() + ':';
      begin(*level.next++);  // `level` is no longer valid
    }
    return std::move(out_);
  }

 private:
  struct Level {
    const Json* value = nullptr;
    Json::const_iterator next = {};
  };

  void begin(const Json& value) {
    if (!value.is_structured() || is_shallow(value)) {
      out_ += value.dump();
      return;
    }
    out_ += value.is_object() ? '{' : '[';
    open_.push_back({&value, value.begin()});
  }

  std::string out_;
  std::vector<Level> open_;
};

}  // namespace

Json to_json(const Expression& expression) {
  Json out;
  write_node(expression.node(), out);
  return out;
}

Expression expression_from_json(const Json& value) {
  return read_expression(value, Place{.key = "expression"}, 1);
}

Json to_json(const Circuit& circuit) {
  Json out = header(kCircuitFormat, circuit.n_qubits());
  Json& operations = out["operations"] = Json::array();
  for (const Operation& op : circuit.operations()) operations.push_back(write_operation(op));
  return out;
}

Circuit circuit_from_json(const Json& value) {
  const Place root{.key = "circuit"};
  require_object(value, root, {"format", "version", "n_qubits", "operations"});
  read_header(value, kCircuitFormat, root);
  const Place size = root.at("n_qubits");
  const int n_qubits = read_int(member(value, "n_qubits", root), size);
  Circuit out = placed(size, [&] { return Circuit(n_qubits); });
  const Place list = root.at("operations");
  const Json& operations = read_array(member(value, "operations", root), list);
  for (std::size_t k = 0; k < operations.size(); ++k) {
    const Place place = list.at(k);
    Operation op = read_operation(operations[k], place);
    placed(place, [&] { out.add(std::move(op)); });
  }
  return out;
}

Json to_json(const PauliSum& sum) {
  Json out = header(kPauliSumFormat, sum.n_qubits());
  Json& terms = out["terms"] = Json::array();
  for (const auto& [coefficient, string] : sum.terms()) {
    require(std::isfinite(coefficient), "a Pauli coefficient is ", coefficient,
            ", which JSON cannot hold");
    terms.push_back({{"coefficient", coefficient}, {"pauli", string.text(sum.n_qubits())}});
  }
  return out;
}

PauliSum pauli_sum_from_json(const Json& value) {
  const Place root{.key = "pauli_sum"};
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

std::string_view reason(const std::exception& error) {
  const std::string_view text = error.what();  // "[json.exception.parse_error.101] parse error …"
  const std::size_t end = text.find("] ");
  return text.starts_with("[json.exception") && end != text.npos ? text.substr(end + 2) : text;
}

std::string to_json_text(const Circuit& circuit) {
  try {
    return TextWriter().write(to_json(circuit));
  } catch (const Json::exception& error) {  // a label or name that is not UTF-8
    fail("JSON: ", excerpt(reason(error)));
  }
}

Circuit circuit_from_json_text(std::string_view text) {
  return circuit_from_json(parse_text(text));
}

}  // namespace qsim
