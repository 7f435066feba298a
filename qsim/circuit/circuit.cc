#include "qsim/circuit/circuit.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <unordered_set>
#include <utility>

#include "qsim/circuit/condition.h"
#include "qsim/circuit/final_measurements.h"
#include "qsim/circuit/parameter_order.h"
#include "qsim/circuit/room.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/matrix.h"
#include "qsim/core/memory.h"

namespace qsim {
namespace {

std::vector<Qubit> all_qubits(const Operation& op) {
  std::vector<Qubit> out = op.targets;
  for (const Control& control : op.controls) out.push_back(control.qubit);
  return out;
}

void check_carried(const Operation& op) {
  const auto k = op.targets.size();
  const bool carries_matrix =
      op.row->kind == GateKind::kUnitary || op.row->kind == GateKind::kEvolution;
  require(carries_matrix || op.matrix == nullptr, "gate '", op.row->name, "' takes no matrix");
  require(op.row->kind == GateKind::kPauli || op.pauli.empty(), "gate '", op.row->name,
          "' takes no Pauli string");
  if (op.row->kind == GateKind::kPauli) {
    std::vector<Qubit> local(k);
    std::iota(local.begin(), local.end(), 0);
    (void)PauliString::on(op.pauli, local);  // throws for wrong letters or lengths
  } else if (op.row->kind == GateKind::kUnitary) {
    require(op.matrix != nullptr, "a unitary operation has no matrix");
    require_square(*op.matrix, k, "the unitary matrix");
    require_unitary(*op.matrix, "the unitary matrix");
  } else if (op.row->kind == GateKind::kEvolution) {
    require(op.matrix != nullptr, "an evolution has no generator");
    require_square(*op.matrix, k, "the generator");
    require_hermitian(*op.matrix, "the generator");
  }
}

void check_channel(const Channel& channel, std::size_t k) {
  require(k <= kMaxChannelQubits, "the channel '", channel.name, "' acts on ", k,
          " qubits; the limit is ", kMaxChannelQubits);
  for (std::size_t i = 0; i < channel.kraus.size(); ++i) {
    require_square(channel.kraus[i], k, concat("Kraus operator ", i));
  }
  require_complete(channel.kraus, concat("the channel '", channel.name, "'"));
}

void require_distinct_bits(std::span<const int> bits, std::string_view where) {
  std::set<int> named;
  for (const int b : bits) {
    require(named.insert(b).second, "bit ", b, " is named twice in ", where);
  }
}

// What only some operations carry beside a matrix or letters.
void check_classical(const Operation& op, int n_bits) {
  const bool measures = op.row->kind == GateKind::kMeasure;
  require(measures == (op.bit >= 0), op.row->name, measures ? " needs" : " takes no",
          measures ? " a classical bit, got " : " classical bit, got ", op.bit);
  for (const int b : bits_of(op)) {
    require<IndexError>(b >= 0 && b < n_bits, "bit ", b, " is out of range for ", n_bits,
                        " classical bit(s)");
  }
  require(measures || !op.readout_error, op.row->name, " takes no readout error");
  if (op.readout_error) check_readout_error(*op.readout_error);
  if (!op.condition) return;
  require(!op.condition->empty(), "a condition without comparisons");
  for (const Comparison& comparison : *op.condition) {
    require(!comparison.bits.empty(), "a condition without bits");
    require(comparison.bits.size() == comparison.values.size(), "a condition compares ",
            comparison.bits.size(), " bit(s) with ", comparison.values.size(), " value(s)");
    require_distinct_bits(comparison.bits, "a condition");
  }
}

// Measurements, resets, barriers and channels.
void check_no_gate(const Operation& op) {
  const auto name = op.row->name;
  const bool on_one = op.row->kind == GateKind::kMeasure || op.row->kind == GateKind::kReset;
  require(op.controls.empty(), name, " cannot be controlled");
  require(!op.targets.empty(), name, " needs at least one qubit");
  require(!on_one || op.targets.size() == 1, name, " acts on 1 qubit, got ", op.targets.size());
  require(op.angles.empty() && !op.matrix && op.pauli.empty(), name,
          " takes no angles, matrix or Pauli string");
  const bool is_channel = op.row->kind == GateKind::kChannel;
  require(is_channel == (op.channel != nullptr), name,
          is_channel ? " needs Kraus operators" : " takes no Kraus operators");
  if (is_channel) check_channel(*op.channel, op.targets.size());
}

void check_initialize(const Operation& op, bool first) {
  require(first, "initialize must be the first operation of a circuit");
  require(op.controls.empty(), "initialize cannot be controlled");
  require(!op.targets.empty(), "initialize needs at least one qubit");
  require(!op.condition, "initialize cannot depend on classical bits");
  const std::size_t n_complex = op.matrix ? static_cast<std::size_t>(op.matrix->size()) : 0;
  require_amplitudes(op.angles.size() + n_complex, op.targets.size());
  if (!op.matrix) return;
  require(op.angles.empty() && op.matrix->cols() == 1,
          "initialize takes either complex amplitudes in one column, or expressions");
  for (Eigen::Index k = 0; k < op.matrix->rows(); ++k) {
    const Complex value = (*op.matrix)(k, 0);
    require(std::isfinite(value.real()) && std::isfinite(value.imag()), "amplitude ", k, " is ",
            value, "; it must be finite");
  }
}

void check(const Operation& op, int n_qubits, int n_bits, bool first) {
  require(op.row != nullptr, "an operation needs a gate");
  require_distinct(all_qubits(op), n_qubits);
  check_classical(op, n_bits);
  if (op.row->kind == GateKind::kInitialize) {
    check_initialize(op, first);
    return;
  }
  if (!is_gate(*op.row)) {
    check_no_gate(op);
    return;
  }
  require(!op.channel, "gate '", op.row->name, "' takes no Kraus operators");
  require(op.angles.size() == static_cast<std::size_t>(op.row->angles), "gate '", op.row->name,
          "' takes ", op.row->angles, " angle(s), got ", op.angles.size());
  require(op.row->targets == 0 || op.targets.size() == static_cast<std::size_t>(op.row->targets),
          "gate '", op.row->name, "' acts on ", op.row->targets, " qubit(s), got ",
          op.targets.size());
  require(!op.targets.empty(), "gate '", op.row->name, "' needs at least one qubit");
  check_carried(op);
}

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

// Of checking or copying one, in units of count_work().
constexpr std::size_t kWorkOfOperation = 4;

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
    count_work(kWorkOfOperation);
    operations_.push_back(op);
  }
}

Circuit& Circuit::operator=(const Circuit& other) {
  Circuit copy(other);
  return *this = std::move(copy);
}

Circuit Circuit::without_operations() const { return Circuit(qubit_registers_, bit_registers_); }

Circuit& Circuit::add(Operation operation) {
  count_work(kWorkOfOperation);
  check(operation, n_qubits_, n_bits_, operations_.empty());
  prepare_to_grow(operations_);
  operations_.push_back(std::move(operation));
  return *this;
}

Circuit& Circuit::gate(std::string_view name, std::vector<Expression> angles,
                       std::vector<Qubit> qubits, std::vector<Control> more_controls) {
  const auto [row, n_controls] = resolve_gate(name);
  const auto n = static_cast<std::size_t>(n_controls);
  require(qubits.size() == n + static_cast<std::size_t>(row->targets) && row->targets > 0, "gate '",
          name, "' acts on ", n_controls + row->targets, " qubit(s), got ", qubits.size());
  Operation op{.row = row, .angles = std::move(angles)};
  for (std::size_t k = 0; k < n; ++k) op.controls.push_back({qubits[k], true});
  op.controls.insert(op.controls.end(), more_controls.begin(), more_controls.end());
  op.targets.assign(qubits.begin() + n_controls, qubits.end());
  return add(std::move(op));
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
  return *this = std::move(wider);
}

Circuit& Circuit::measure(WholeNumber qubit, WholeNumber bit) {
  return add({.row = &gate_row("measure"), .targets = {qubit}, .bit = bit});
}

Circuit& Circuit::measure_all() {
  require(n_bits_ == 0 || n_bits_ >= n_qubits_, "the circuit has ", n_bits_,
          " classical bit(s) for the outcomes of ", n_qubits_, " qubits");
  const std::size_t size = operations_.size();
  const bool has_bits = n_bits_ > 0;
  try {
    if (!has_bits) add_bits(free_name("c", qubit_registers_), n_qubits_);
    for (Qubit q = 0; q < n_qubits_; ++q) measure(q, q);
  } catch (...) {
    operations_.resize(size);
    if (!has_bits) {
      bit_registers_.clear();
      n_bits_ = 0;
    }
    throw;
  }
  return *this;
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
  return add({.row = &gate_row("channel"),
              .targets = std::move(qubits),
              .channel = std::make_shared<const Channel>(std::move(channel))});
}

Circuit& Circuit::compose(const Circuit& other, std::span<const Qubit> qubits,
                          std::span<const int> bits) {
  if (qubits.empty()) {
    require(other.n_qubits_ <= n_qubits_, "cannot compose a ", other.n_qubits_,
            "-qubit circuit onto ", n_qubits_, " qubits");
  } else {
    require(qubits.size() == static_cast<std::size_t>(other.n_qubits_), "compose got ",
            qubits.size(), " qubits for a ", other.n_qubits_, "-qubit circuit");
    require_distinct(qubits, n_qubits_);
  }
  require(!bits.empty() || other.n_bits_ <= n_bits_, "cannot compose a circuit with ",
          other.n_bits_, " classical bit(s) onto one with ", n_bits_);
  require_distinct_bits(bits, "compose");
  require(bits.empty() || bits.size() == static_cast<std::size_t>(other.n_bits_), "compose got ",
          bits.size(), " classical bit(s) for a circuit with ", other.n_bits_);
  const auto moved = [qubits](Qubit q) {
    return qubits.empty() ? q : qubits[static_cast<std::size_t>(q)];
  };
  const auto moved_bit = [bits](int b) {
    return bits.empty() ? b : bits[static_cast<std::size_t>(b)];
  };
  const std::size_t size = operations_.size();
  const std::size_t n_added = other.operations_.size();  // `other` may be this circuit
  try {
    for (std::size_t k = 0; k < n_added; ++k) {
      Operation op = other.operations_[k];
      for (Qubit& q : op.targets) q = moved(q);
      for (Control& control : op.controls) control.qubit = moved(control.qubit);
      if (op.bit >= 0) op.bit = moved_bit(op.bit);
      if (op.condition && !bits.empty()) {
        Condition condition = *op.condition;
        for (Comparison& comparison : condition) {
          for (int& b : comparison.bits) b = moved_bit(b);
        }
        op.condition = std::make_shared<const Condition>(std::move(condition));
      }
      add(std::move(op));
    }
  } catch (...) {
    operations_.resize(size);
    throw;
  }
  return *this;
}

Circuit& Circuit::when(const Condition& condition, const Circuit& then, const Circuit* otherwise) {
  require(!condition.empty(), "a condition without comparisons");
  const std::size_t size = operations_.size();
  const auto append = [this](const Circuit& part, const Condition& holds) {
    const std::size_t from = operations_.size();
    compose(part);
    for (std::size_t k = from; k < operations_.size(); ++k) {
      add_condition(operations_[k], holds);
      check(operations_[k], n_qubits_, n_bits_, false);
    }
  };
  try {
    const Circuit other = otherwise != nullptr ? *otherwise : without_operations();
    append(then, condition);
    if (other.size() > 0) {
      for (const Condition& fails : failing_cases(condition)) append(other, fails);
    }
    check_condition_lasts(condition, operations_.begin() + static_cast<std::ptrdiff_t>(size),
                          operations_.end());
  } catch (...) {
    operations_.resize(size);
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

Circuit Circuit::inverse() const {
  Circuit out = without_operations();
  for (auto op = operations_.rbegin(); op != operations_.rend(); ++op) {
    count_work(kWorkOfOperation);
    out.operations_.push_back(qsim::inverse(*op));
  }
  return out;
}

Circuit Circuit::repeat(int times) const {
  require(times >= 0, "a circuit cannot be repeated ", times, " times");
  require_operations(static_cast<double>(times) * static_cast<double>(size()), "a circuit");
  Circuit out = without_operations();
  for (int k = 0; k < times && size() > 0; ++k) {
    for (const Operation& op : operations_) out.add(op);
  }
  return out;
}

Circuit Circuit::control(std::span<const bool> values) const {
  require(!values.empty(), "a controlled circuit needs at least one control");
  require(values.size() <= static_cast<std::size_t>(kMaxCircuitQubits), values.size(),
          " controls are more than a circuit has qubits at most, ", kMaxCircuitQubits);
  require_memory(static_cast<double>(values.size()) * static_cast<double>(size()) * sizeof(Control),
                 concat("a circuit of ", size(), " operations under ", values.size(), " controls"));
  std::vector<Register> qubits = qubit_registers_;
  qubits.back().size += static_cast<int>(values.size());
  Circuit out(std::move(qubits), bit_registers_);
  for (Operation op : operations_) {
    if (op.row->kind == GateKind::kBarrier) {
      out.add(std::move(op));
      continue;
    }
    for (std::size_t k = 0; k < values.size(); ++k) {
      op.controls.push_back({n_qubits_ + static_cast<int>(k), values[k]});
    }
    out.add(std::move(op));
  }
  return out;
}

Circuit Circuit::control(WholeNumber n_controls) const {
  const int count = n_controls;
  require(count >= 1 && count <= kMaxQubits, "number of controls ", count, " is outside [1, ",
          kMaxQubits, "]");
  const auto values = std::make_unique<bool[]>(static_cast<std::size_t>(count));  // NOLINT
  std::fill_n(values.get(), count, true);
  return control(std::span<const bool>(values.get(), static_cast<std::size_t>(count)));
}

Circuit Circuit::assign(const std::map<std::string, Expression>& values) const {
  const std::vector<std::string> known = parameters();
  const std::unordered_set<std::string_view> names(known.begin(), known.end());
  for (const auto& [name, value] : values) {
    count_work();
    if (!names.contains(name)) fail_unknown(name, known);
  }
  const auto with = [&values](const Parameter& parameter) {
    const auto found = values.find(parameter.name);
    return found == values.end() ? Expression(parameter) : found->second;
  };
  Circuit out = *this;
  for (Operation& op : out.operations_) {
    count_work(kWorkOfOperation);
    for (Expression& angle : op.angles) angle = angle.substitute(with);
  }
  return out;
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
    count_work();
    for (const Expression& angle : op.angles) angle.for_parameters(visit);
  }
  return out;
}

Circuit Circuit::without_final_measurements() const {
  const std::vector<bool> dropped = final_operations(*this);
  std::vector<Operation> kept;
  bool has_bits = false;
  for (std::size_t k = 0; k < operations_.size(); ++k) {
    count_work();
    if (dropped[k]) continue;
    kept.push_back(operations_[k]);
    has_bits |= !bits_of(operations_[k]).empty();
  }
  Circuit out(qubit_registers_, has_bits ? bit_registers_ : std::vector<Register>{});
  out.operations_ = std::move(kept);
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
    count_work();
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
