#include "qsim/circuit/circuit.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "qsim/circuit/check_operation.h"
#include "qsim/circuit/parameter_order.h"
#include "qsim/circuit/room.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"

namespace qsim {
namespace {

void check_sizes(int n_qubits, int n_bits) {
  require(n_qubits >= 1 && n_qubits <= kMaxCircuitQubits, "number of qubits ", n_qubits,
          " is outside [1, ", kMaxCircuitQubits, "]");
  require(n_bits >= 0 && n_bits <= kMaxBits, "number of classical bits ", n_bits,
          " is outside [0, ", kMaxBits, "]");
}

int total_size(const std::vector<Register>& registers, int most, std::string_view what) {
  std::int64_t out = 0;
  for (const Register& r : registers) {
    require(r.size >= 1 && r.size <= most, "register '", r.name, "' has ", r.size, " ", what,
            "; it must be in [1, ", most, "]");
    out += r.size;
  }
  require(out <= most, "the registers have ", out, " ", what, " together; the limit is ", most);
  return static_cast<int>(out);
}

// A name that no register has: the given one, with underscores if need be.
std::string free_name(std::string name, const std::vector<Register>& registers) {
  const auto is_taken = [&](const Register& r) { return r.name == name; };
  while (std::ranges::any_of(registers, is_taken)) name += '_';
  return name;
}

void check_name(const std::string& name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  require(!name.empty() && is_letter(name.front()) &&
              std::ranges::all_of(name, [&](char c) { return is_letter(c) || is_digit(c); }),
          "the name of a register is '", name, "'; it must be a letter or underscore and then ",
          "letters, digits and underscores");
}

// Before a list grows: whoever adds very many operations, in whatever loop, asks for memory before
// it is gone.
void prepare_to_grow(const std::vector<Operation>& operations) {
  if (operations.size() == operations.capacity()) {
    require_operations(2.0 * static_cast<double>(operations.size()), "a circuit");
  }
}

}  // namespace

Circuit::Circuit(WholeNumber n_qubits, WholeNumber n_bits) : n_qubits_(n_qubits), n_bits_(n_bits) {
  check_sizes(n_qubits, n_bits);
  qubit_registers_ = {{"q", n_qubits}};
  if (n_bits > 0) bit_registers_ = {{"c", n_bits}};
}

Circuit::Circuit(std::vector<Register> qubits, std::vector<Register> bits)
    : n_qubits_(total_size(qubits, kMaxCircuitQubits, "qubits")),
      n_bits_(total_size(bits, kMaxBits, "classical bits")),
      qubit_registers_(std::move(qubits)),
      bit_registers_(std::move(bits)) {
  check_sizes(n_qubits_, n_bits_);
  std::set<std::string_view> names;
  for (const auto* registers : {&qubit_registers_, &bit_registers_}) {
    for (const Register& r : *registers) {
      check_name(r.name);
      require(names.insert(r.name).second, "two registers are called '", r.name, "'");
    }
  }
}

Circuit::Circuit(const Circuit& other)
    : n_qubits_(other.n_qubits_),
      n_bits_(other.n_bits_),
      qubit_registers_(other.qubit_registers_),
      bit_registers_(other.bit_registers_) {
  operations_.reserve(other.operations_.size());
  for (const Operation& op : other.operations_) {
    count_work(work_of(op));
    operations_.push_back(op);
  }
  boxes_ = other.boxes_;
}

Circuit& Circuit::operator=(const Circuit& other) {
  Circuit copy(other);
  return *this = std::move(copy);
}

bool Circuit::operator==(const Circuit& other) const {
  return qubit_registers_ == other.qubit_registers_ && bit_registers_ == other.bit_registers_ &&
         operations_ == other.operations_;
}

Circuit& Circuit::set_boxes(std::vector<Box> boxes) {
  check_boxes(boxes, operations_, n_qubits_);
  boxes_ = std::move(boxes);
  return *this;
}

void Circuit::truncate(std::size_t size) {
  operations_.resize(size);
  while (!boxes_.empty() && boxes_.back().first >= size) boxes_.pop_back();
}

Circuit Circuit::without_operations() const { return Circuit(qubit_registers_, bit_registers_); }

Circuit& Circuit::add(Operation operation) {
  count_work(work_of(operation));
  check_operation(operation, n_qubits_, n_bits_, operations_.empty());
  prepare_to_grow(operations_);
  operations_.push_back(std::move(operation));
  return *this;
}

Circuit& Circuit::gate(std::string_view name, std::vector<Expression> angles,
                       std::vector<Qubit> qubits, const Controls& more_controls) {
  const auto [row, n_controls] = resolve_gate(name);
  const auto n = static_cast<std::size_t>(n_controls);
  require(row->targets > 0, "'", name, "' is not made of angles and qubits alone; there is ", name,
          "() for it");
  require(qubits.size() == n + static_cast<std::size_t>(row->targets), "gate '", name, "' acts on ",
          n_controls + row->targets, " qubit(s), got ", qubits.size());
  Operation op{.row = row, .angles = std::move(angles)};
  for (std::size_t k = 0; k < n; ++k) op.controls.push_back({qubits[k], true});
  op.controls.insert(op.controls.end(), more_controls.list.begin(), more_controls.list.end());
  op.targets.assign(qubits.begin() + n_controls, qubits.end());
  return add(std::move(op));
}

Circuit& Circuit::each(std::string_view name, const std::vector<OneOrEach<Expression>>& angles,
                       const std::vector<OneOrEach<Qubit>>& qubits, const Controls& more_controls) {
  std::optional<std::size_t> listed;
  const auto count = [&](const auto& arguments) {
    for (const auto& argument : arguments) {
      if (!argument.is_list) continue;
      require(listed.value_or(argument.numbers.size()) == argument.numbers.size(), "'", name,
              "' got lists of ", listed.value_or(0), " and of ", argument.numbers.size(),
              "; it needs an item of each for every gate");
      listed = argument.numbers.size();
    }
  };
  count(angles);
  count(qubits);
  const auto nth = []<class Number>(const std::vector<OneOrEach<Number>>& arguments,
                                    std::size_t k) {
    std::vector<Number> out;
    for (const auto& argument : arguments)
      out.push_back(argument.numbers[argument.is_list ? k : 0]);
    return out;
  };
  const std::size_t size = operations_.size();
  try {
    for (std::size_t k = 0; k < listed.value_or(1); ++k) {
      gate(name, nth(angles, k), nth(qubits, k), more_controls);
    }
  } catch (...) {
    truncate(size);
    throw;
  }
  return *this;
}

Circuit& Circuit::pauli_rotation(const Expression& theta, std::string_view letters,
                                 std::vector<Qubit> qubits, std::vector<Control> controls) {
  return add({.row = &gate_row("pauli_rotation"),
              .angles = {theta},
              .targets = std::move(qubits),
              .controls = std::move(controls),
              .pauli = std::string(letters)});
}

Circuit& Circuit::unitary(Matrix matrix, std::vector<Qubit> qubits, std::vector<Control> controls,
                          std::string label) {
  return add({.row = &gate_row("unitary"),
              .targets = std::move(qubits),
              .controls = std::move(controls),
              .matrix = std::make_shared<const Matrix>(std::move(matrix)),
              .label = std::move(label)});
}

Circuit& Circuit::evolution(const Expression& theta, Matrix hermitian, std::vector<Qubit> qubits,
                            std::vector<Control> controls, std::string label) {
  return add({.row = &gate_row("evolution"),
              .angles = {theta},
              .targets = std::move(qubits),
              .controls = std::move(controls),
              .matrix = std::make_shared<const Matrix>(std::move(hermitian)),
              .label = std::move(label)});
}

Circuit& Circuit::initialize(std::vector<Expression> amplitudes) {
  std::vector<Qubit> targets(static_cast<std::size_t>(n_qubits_));
  std::iota(targets.begin(), targets.end(), 0);
  return add({.row = &gate_row("initialize"),
              .angles = std::move(amplitudes),
              .targets = std::move(targets)});
}

Circuit& Circuit::initialize_complex(std::span<const Complex> amplitudes) {
  std::vector<Qubit> targets(static_cast<std::size_t>(n_qubits_));
  std::iota(targets.begin(), targets.end(), 0);
  Matrix column(static_cast<Eigen::Index>(amplitudes.size()), 1);
  std::ranges::copy(amplitudes, column.data());
  return add({.row = &gate_row("initialize"),
              .targets = std::move(targets),
              .matrix = std::make_shared<const Matrix>(std::move(column))});
}

Circuit& Circuit::add_bits(std::string name, WholeNumber size) {
  std::vector<Register> bits = bit_registers_;
  bits.push_back({std::move(name), size});
  Circuit wider(qubit_registers_, std::move(bits));
  wider.operations_ = std::move(operations_);
  wider.boxes_ = std::move(boxes_);
  return *this = std::move(wider);
}

Circuit& Circuit::measure(WholeNumber qubit, WholeNumber bit) {
  return add({.row = &gate_row("measure"), .targets = {qubit}, .bit = bit});
}

Circuit& Circuit::measure_all() {
  require(n_bits_ == 0 || n_bits_ >= n_qubits_, "the circuit has ", n_bits_,
          " classical bit(s) for the outcomes of ", n_qubits_, " qubits");
  require(!ends_with_all_measured(), "the circuit measures all its qubits already");
  const std::size_t size = operations_.size();
  const bool has_bits = n_bits_ > 0;
  try {
    if (!has_bits) add_bits(free_name("c", qubit_registers_), n_qubits_);
    for (Qubit q = 0; q < n_qubits_; ++q) measure(q, q);
  } catch (...) {
    truncate(size);
    if (!has_bits) {
      bit_registers_.clear();
      n_bits_ = 0;
    }
    throw;
  }
  return *this;
}

bool Circuit::ends_with_all_measured() const {
  const auto n = static_cast<std::size_t>(n_qubits_);
  if (operations_.size() < n) return false;
  for (std::size_t k = 0; k < n; ++k) {
    const Operation& op = operations_[operations_.size() - n + k];
    const auto qubit = static_cast<Qubit>(k);
    const bool measured = op.row->kind == GateKind::kMeasure && !op.condition &&
                          op.targets.front() == qubit && op.bit == qubit;
    if (!measured) return false;
  }
  return true;
}

Circuit& Circuit::reset(WholeNumber qubit) {
  return add({.row = &gate_row("reset"), .targets = {qubit}});
}

Circuit& Circuit::barrier(std::vector<Qubit> qubits) {
  if (qubits.empty()) {
    qubits.resize(static_cast<std::size_t>(n_qubits_));
    std::iota(qubits.begin(), qubits.end(), 0);
  }
  return add({.row = &gate_row("barrier"), .targets = std::move(qubits)});
}

Circuit& Circuit::channel(Channel channel, std::vector<Qubit> qubits) {
  const auto shared = std::make_shared<const Channel>(std::move(channel));
  const auto& kraus = shared->kraus;
  const bool on_each = qubits.size() > 1 && !kraus.empty() && kraus.front().rows() == 2;
  const std::size_t size = operations_.size();
  try {
    for (std::size_t k = 0; k < (on_each ? qubits.size() : 1); ++k) {
      add({.row = &gate_row("channel"),
           .targets = on_each ? std::vector{qubits[k]} : qubits,
           .channel = shared});
    }
  } catch (...) {
    truncate(size);
    throw;
  }
  return *this;
}

void no_bit_register(std::span<const Register> registers, std::string_view name) {
  std::string names;
  for (const Register& r : registers) {
    names += concat(names.empty() ? "'" : ", '", r.name, "'");
  }
  fail("the circuit has no register of classical bits called '", name, "'; it has ",
       names.empty() ? "none" : names);
}

Comparison Circuit::equals(std::string_view bit_register, std::uint64_t value) const {
  int first = 0;
  for (const Register& r : bit_registers_) {
    if (r.name != bit_register) {
      first += r.size;
      continue;
    }
    require(r.size >= 64 || value < bit(r.size), "register '", r.name, "' of ", r.size,
            " bit(s) never equals ", value);
    Comparison out;
    for (int k = 0; k < r.size; ++k) {
      out.bits.push_back(first + k);
      out.values.push_back(k < 64 && has_bit(value, k));
    }
    return out;
  }
  no_bit_register(bit_registers_, bit_register);
}

std::vector<std::string> Circuit::parameters() const { return in_vector_order(used_parameters()); }

std::vector<Parameter> Circuit::used_parameters() const {
  std::vector<Parameter> out;
  std::map<std::string_view, std::size_t> places;  // in the list
  const auto visit = [&](const Expression::Node& node) {
    const auto [place, is_new] = places.emplace(node.name, out.size());
    if (is_new) {
      out.push_back(node.parameter());
    } else {  // of vectors that differ in size only, the largest
      int& size = out[place->second].vector_size;
      size = std::max(size, node.vector_size);
    }
  };
  for (const Operation& op : operations_) {
    count_work(work_of(op));
    for (const Expression& angle : op.angles) angle.for_parameters(visit);
  }
  return out;
}

bool Circuit::is_unitary() const {
  return std::ranges::all_of(operations_, [](const Operation& op) {
    const GateKind kind = op.row->kind;
    const bool harmless = kind == GateKind::kInitialize || kind == GateKind::kBarrier;
    return (is_gate(*op.row) || harmless) && !op.condition;
  });
}

int Circuit::depth() const {
  std::vector<int> level(static_cast<std::size_t>(n_qubits_ + n_bits_), 0);
  for (const Operation& op : operations_) {
    count_work(work_of(op));
    if (op.row->kind == GateKind::kBarrier) continue;
    std::vector<int> wires = all_qubits(op);
    for (const int b : bits_of(op)) wires.push_back(n_qubits_ + b);
    int top = 0;
    for (const int w : wires) top = std::max(top, level[static_cast<std::size_t>(w)]);
    for (const int w : wires) level[static_cast<std::size_t>(w)] = top + 1;
  }
  return *std::max_element(level.begin(), level.end());
}

std::map<std::string, int> Circuit::count_gates() const {
  std::map<std::string, int> counts;
  for (const Operation& op : operations_) {
    count_work();
    ++counts[std::string(common_name(op))];
  }
  return counts;
}

std::string_view common_name(const Operation& op) {
  const auto on_one = [](const Control& control) { return control.value; };
  if (std::all_of(op.controls.begin(), op.controls.end(), on_one)) {
    for (const GateAlias& alias : gate_aliases()) {
      if (alias.base == op.row->name &&
          static_cast<std::size_t>(alias.controls) == op.controls.size()) {
        return alias.name;
      }
    }
  }
  return op.row->name;
}

}  // namespace qsim
