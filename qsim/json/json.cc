#include "qsim/json/json.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>
#include <vector>

#include "qsim/circuit/check_operation.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/memory.h"
#include "qsim/json/parts.h"
#include "qsim/json/pieces.h"
#include "qsim/json/text.h"

namespace qsim {
namespace {

using namespace json;  // NOLINT(google-build-using-namespace)

constexpr std::string_view kCircuitFormat = "ketgrad.circuit";
constexpr std::size_t kWorkOfOperation = 10;  // in units of count_work()

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
  require_object(value, place, {"parameter", "vector_size"});
  const std::string& name = read_string(value["parameter"], place.at("parameter"));
  const Parameter parameter = placed(place, [&] { return Parameter(name); });
  if (!value.contains("vector_size")) return parameter;
  const int size = read_int(value["vector_size"], place.at("vector_size"));
  expect(parameter.index >= 0, place, "'", excerpt(name), "' is no element of a vector");
  return placed(place, [&] { return Parameter(parameter.vector(), parameter.index, size); });
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
  Json out{{"parameter", node.name}};
  if (node.vector_size > 0) out["vector_size"] = node.vector_size;
  return out;
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
// ---- Operations ----

Control read_control(const Json& value, const Place& place) {
  require_object(value, place, {"qubit", "value"});
  return {.qubit = read_int(member(value, "qubit", place), place.at("qubit")),
          .value = read_bool(member(value, "value", place), place.at("value"))};
}

Comparison read_comparison(const Json& value, const Place& place) {
  require_object(value, place, {"bits", "values", "equal"});
  Comparison out;
  out.bits = read_list(member(value, "bits", place), place.at("bits"), read_int);
  out.values = read_list(member(value, "values", place), place.at("values"), read_bool);
  if (value.contains("equal")) out.equal = read_bool(value["equal"], place.at("equal"));
  return out;
}

Json write_comparison(const Comparison& comparison) {
  Json out{{"bits", comparison.bits}, {"values", comparison.values}};
  if (!comparison.equal) out["equal"] = false;
  return out;
}

ReadoutError read_readout_error(const Json& value, const Place& place) {
  require_object(value, place, {"one_for_zero", "zero_for_one"});
  const auto probability = [&](std::string_view key) {
    return read_number(member(value, key, place), place.at(key));
  };
  return {.one_for_zero = probability("one_for_zero"), .zero_for_one = probability("zero_for_one")};
}

Channel read_channel(const Json& value, const Place& place) {
  require_object(value, place, {"name", "parameters", "kraus"});
  Channel out;
  out.name = read_string(member(value, "name", place), place.at("name"));
  if (value.contains("parameters")) {
    out.parameters =
        read_list(value["parameters"], place.at("parameters"), read_number_or_infinity);
  }
  out.kraus = read_list(member(value, "kraus", place), place.at("kraus"), read_matrix);
  return out;
}

Json write_channel(const Channel& channel) {
  Json out{{"name", channel.name}};
  for (const double parameter : channel.parameters) {
    out["parameters"].push_back(number_or_infinity(parameter, "a parameter of a channel"));
  }
  for (const Matrix& kraus : channel.kraus) out["kraus"].push_back(write_matrix(kraus));
  return out;
}

// What only some operations carry must be there for them and for no other.
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
    op.matrix = std::make_shared<const Matrix>(read_matrix(value["matrix"], place.at("matrix")));
  }
  if (value.contains("amplitudes")) {
    expect(kind == GateKind::kInitialize, place, "gate '", op.row->name, "' takes no 'amplitudes'");
    const auto list = read_list(value["amplitudes"], place.at("amplitudes"), read_complex);
    Matrix column(static_cast<Eigen::Index>(list.size()), 1);
    std::ranges::copy(list, column.data());
    op.matrix = std::make_shared<const Matrix>(std::move(column));
  }
  if (has_carried(value, "bit", *op.row, kind == GateKind::kMeasure, place)) {
    op.bit = read_int(value["bit"], place.at("bit"));
  }
  if (has_carried(value, "channel", *op.row, kind == GateKind::kChannel, place)) {
    op.channel =
        std::make_shared<const Channel>(read_channel(value["channel"], place.at("channel")));
  }
  if (value.contains("readout_error")) {
    op.readout_error = std::make_shared<const ReadoutError>(
        read_readout_error(value["readout_error"], place.at("readout_error")));
  }
}

Operation read_operation(const Json& value, const Place& place) {
  require_object(value, place,
                 {"gate", "angles", "targets", "controls", "pauli", "matrix", "label", "bit",
                  "readout_error", "channel", "condition", "amplitudes"});
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
  if (value.contains("condition")) {
    op.condition = std::make_shared<const Condition>(
        read_list(value["condition"], place.at("condition"), read_comparison));
  }
  return op;
}

// The key of what an operation's matrix holds.
const char* matrix_key(const Operation& op) {
  return op.row->kind == GateKind::kInitialize ? "amplitudes" : "matrix";
}

// Visits the rows of an operation's matrix; of initialize, its amplitudes.
template <class Visit>
void for_rows(const Operation& op, const Visit& visit) {
  const bool is_column = op.row->kind == GateKind::kInitialize;
  for (Eigen::Index k = 0; k < op.matrix->rows(); ++k) {
    Json row = write_row(*op.matrix, k);
    visit(is_column ? row.front() : row);
  }
}

// Null stands for what its matrix holds. Keys that would hold nothing are left out.
Json write_frame(const Operation& op) {
  Json out{{"gate", std::string(op.row->name)}, {"targets", op.targets}};
  for (const Expression& angle : op.angles) {
    count_work();
    out["angles"].push_back(to_json(angle));
  }
  for (const Control& control : op.controls) {
    out["controls"].push_back({{"qubit", control.qubit}, {"value", control.value}});
  }
  if (!op.pauli.empty()) out["pauli"] = op.pauli;
  if (op.matrix) out[matrix_key(op)] = nullptr;
  if (!op.label.empty()) out["label"] = op.label;
  if (op.bit >= 0) out["bit"] = op.bit;
  if (op.readout_error) {
    out["readout_error"] = {{"one_for_zero", op.readout_error->one_for_zero},
                            {"zero_for_one", op.readout_error->zero_for_one}};
  }
  if (op.channel) out["channel"] = write_channel(*op.channel);
  if (op.condition) {
    for (const Comparison& part : *op.condition) out["condition"].push_back(write_comparison(part));
  }
  return out;
}

Json write_operation(const Operation& op) {
  Json out = write_frame(op);
  if (!op.matrix) return out;
  Json& rows = out[matrix_key(op)] = Json::array();
  for_rows(op, [&rows](const Json& row) { rows.push_back(row); });
  return out;
}

std::string operation_text(const Operation& op) {
  return object_text(write_frame(op), [&op](const std::string&) {
    return list_text(
        [&op](const auto& add) { for_rows(op, [&add](const Json& row) { add(json_text(row)); }); });
  });
}

// ---- Boxes ----

Box read_box(const Json& value, const Place& place) {
  require_object(value, place, {"label", "first", "count", "qubits"});
  const auto number = [&](std::string_view key) {
    const int out = read_int(member(value, key, place), place.at(key));
    expect(out >= 0, place.at(key), "expected 0 or more, got ", out);
    return static_cast<std::size_t>(out);
  };
  return {.label = read_string(member(value, "label", place), place.at("label")),
          .first = number("first"),
          .count = number("count"),
          .qubits = read_list(member(value, "qubits", place), place.at("qubits"), read_int)};
}

Json write_box(const Box& box) {
  return {{"label", box.label}, {"first", box.first}, {"count", box.count}, {"qubits", box.qubits}};
}

// ---- Registers ----

Register read_register(const Json& value, const Place& place) {
  require_object(value, place, {"name", "size"});
  return {.name = excerpt(read_string(member(value, "name", place), place.at("name"))),
          .size = read_int(member(value, "size", place), place.at("size"))};
}

Json write_registers(const std::vector<Register>& registers) {
  Json out = Json::array();
  for (const Register& r : registers) out.push_back({{"name", r.name}, {"size", r.size}});
  return out;
}

// A circuit without operations. The number of qubits is always there; their registers only where
// they are not the usual one.
Circuit read_wires(const Json& value, const Place& root) {
  const auto registers = [&](std::string_view key) {
    return value.contains(key) ? read_list(value[key], root.at(key), read_register)
                               : std::vector<Register>{};
  };
  const Place size = root.at("n_qubits");
  const int n_qubits = read_int(member(value, "n_qubits", root), size);
  std::vector<Register> qubits = registers("qubit_registers");
  if (!value.contains("qubit_registers")) {
    qubits = placed(size, [&] { return Circuit(n_qubits).qubit_registers(); });
  }
  Circuit out = placed(root, [&] { return Circuit(qubits, registers("bit_registers")); });
  expect(out.n_qubits() == n_qubits, size, "the registers have ", out.n_qubits(),
         " qubit(s) together, not ", n_qubits);
  return out;
}

// The circuit without its operations and boxes.
Json write_wires(const Circuit& circuit) {
  Json out = header(kCircuitFormat);
  out["n_qubits"] = circuit.n_qubits();
  if (circuit.qubit_registers() != Circuit(circuit.n_qubits()).qubit_registers()) {
    out["qubit_registers"] = write_registers(circuit.qubit_registers());
  }
  if (circuit.n_bits() > 0) out["bit_registers"] = write_registers(circuit.bit_registers());
  return out;
}

// Asked for before, since the JSON library allocates while it destroys a tree: where memory ends
// half-way, that would end the process.
void require_memory_for_tree(const Circuit& circuit) {
  constexpr double kOperation = 1024;
  constexpr double kNumber = sizeof(Json);
  double bytes = kOperation * static_cast<double>(circuit.size() + circuit.boxes().size());
  for (const Operation& op : circuit.operations()) {
    count_work();
    bytes += kNumber * static_cast<double>(work_of(op));
  }
  require_memory(bytes,
                 concat("the JSON of a circuit of ", circuit.operations().size(), " operations"));
}

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
  require_memory_for_tree(circuit);
  Json out = write_wires(circuit);
  Json& operations = out["operations"] = Json::array();
  for (const Operation& op : circuit.operations()) {
    count_work(kWorkOfOperation + work_of(op));
    operations.push_back(write_operation(op));
  }
  for (const Box& box : circuit.boxes()) {
    count_work(kWorkOfOperation);
    out["boxes"].push_back(write_box(box));
  }
  return out;
}

Circuit json::read_circuit(const Json& value, const Place& root) {
  require_object(
      value, root,
      {"format", "version", "n_qubits", "qubit_registers", "bit_registers", "operations", "boxes"});
  read_header(value, kCircuitFormat, root);
  Circuit out = read_wires(value, root);
  const Place list = root.at("operations");
  const Json& operations = read_array(member(value, "operations", root), list);
  for (std::size_t k = 0; k < operations.size(); ++k) {
    count_work(kWorkOfOperation);
    const Place place = list.at(k);
    Operation op = read_operation(operations[k], place);
    placed(place, [&] { out.add(std::move(op)); });
  }
  if (value.contains("boxes")) {
    const Place boxes = root.at("boxes");
    std::vector<Box> read = read_list(value["boxes"], boxes, read_box);
    placed(boxes, [&] { out.set_boxes(std::move(read)); });
  }
  return out;
}

Circuit circuit_from_json(const Json& value) {
  return read_circuit(value, Place{.key = "circuit"});
}

std::string to_json_text(const Circuit& circuit) {
  require_memory_for_tree(circuit);
  Json frame = write_wires(circuit);
  frame["operations"] = nullptr;
  if (!circuit.boxes().empty()) frame["boxes"] = nullptr;
  const auto add_operations = [&circuit](const auto& add) {
    for (const Operation& op : circuit.operations()) {
      count_work(kWorkOfOperation + work_of(op));
      add(operation_text(op));
    }
  };
  const auto add_boxes = [&circuit](const auto& add) {
    for (const Box& box : circuit.boxes()) {
      count_work(kWorkOfOperation);
      add(json_text(write_box(box)));
    }
  };
  return object_text(frame, [&](const std::string& key) {
    return key == "boxes" ? list_text(add_boxes) : list_text(add_operations);
  });
}

Circuit circuit_from_json_text(std::string_view text) {
  return circuit_from_json(parse_json(text));
}

}  // namespace qsim
