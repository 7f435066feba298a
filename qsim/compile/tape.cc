#include "qsim/compile/tape.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <set>
#include <tuple>

#include "qsim/compile/slope_error.h"
#include "qsim/core/error.h"
#include "qsim/core/hash.h"

namespace qsim {

Tape::Tape(const std::vector<std::string>& parameters)
    : n_parameters_(static_cast<int>(parameters.size())), names_(parameters) {
  for (const std::string& name : parameters) {
    require(index_of_.emplace(name, static_cast<int>(entries_.size())).second, "parameter '", name,
            "' is listed twice");
    entries_.push_back({.op = Op::kParameter, .depends = true});
  }
}

std::size_t Tape::Hash::operator()(const Key& key) const {
  const auto& [op, constant, left, right] = key;
  const double value = constant + 0.0;  // −0 is 0
  const auto hash = hash_of({std::bit_cast<std::uint64_t>(value), static_cast<std::uint64_t>(op),
                             static_cast<std::uint64_t>(left), static_cast<std::uint64_t>(right)});
  return static_cast<std::size_t>(hash);
}

int Tape::push(Entry entry) {
  for (const int operand : {entry.left, entry.right}) {
    entry.depends |= operand >= 0 && entries_[static_cast<std::size_t>(operand)].depends;
  }
  const Key key{entry.op, entry.constant, entry.left, entry.right};
  const auto [place, is_new] = known_.emplace(key, static_cast<int>(entries_.size()));
  if (is_new) entries_.push_back(entry);
  return place->second;
}

int Tape::add(const Expression& expression) {
  const int entry = add_node(expression.node());
  mark_differentiated(entry);
  return entry;
}

bool Tape::is_constant(int entry, double value) const {
  const Entry& e = entries_[static_cast<std::size_t>(entry)];
  return e.op == Op::kConstant && e.constant == value;
}

// Constants, and what is multiplied by a constant zero or has it as exponent, are left out: nothing
// changes with them wherever they are defined.
void Tape::mark_differentiated(int entry) {
  Entry& e = entries_[static_cast<std::size_t>(entry)];
  if (e.differentiated || !e.depends) return;
  e.differentiated = true;
  const bool dead_left = (e.op == Op::kMul || e.op == Op::kPow) && is_constant(e.right, 0.0);
  const bool dead_right = (e.op == Op::kMul || e.op == Op::kDiv) && is_constant(e.left, 0.0);
  if (e.left >= 0 && !dead_left) mark_differentiated(e.left);
  if (e.right >= 0 && !dead_right) mark_differentiated(e.right);
}

int Tape::add_node(const Expression::Node& node) {
  if (node.op == Op::kConstant) return push({.constant = node.value});
  if (node.op == Op::kParameter) {
    const auto found = index_of_.find(node.name);
    require(found != index_of_.end(), "parameter '", node.name, "' is not known to the program");
    entries_[static_cast<std::size_t>(found->second)].used = true;
    return found->second;
  }
  Entry entry{.op = node.op, .left = add_node(*node.left)};
  if (node.right) entry.right = add_node(*node.right);
  return push(entry);
}

bool Tape::depends_on(int entry, int first_parameter, int last_parameter) const {
  const Entry& e = entries_[static_cast<std::size_t>(entry)];
  if (e.op == Op::kParameter) return entry >= first_parameter && entry < last_parameter;
  return (e.left >= 0 && depends_on(e.left, first_parameter, last_parameter)) ||
         (e.right >= 0 && depends_on(e.right, first_parameter, last_parameter));
}

std::vector<int> Tape::dependents(int first_parameter, int last_parameter) const {
  std::vector<char> depends(entries_.size(), 0);
  std::vector<int> out;
  for (std::size_t k = 0; k < entries_.size(); ++k) {
    const Entry& e = entries_[k];
    if (e.op == Op::kParameter) {
      const int index = static_cast<int>(k);
      depends[k] = index >= first_parameter && index < last_parameter ? 1 : 0;
      continue;
    }
    const bool left = e.left >= 0 && depends[static_cast<std::size_t>(e.left)] != 0;
    const bool right = e.right >= 0 && depends[static_cast<std::size_t>(e.right)] != 0;
    if (!left && !right) continue;
    depends[k] = 1;
    out.push_back(static_cast<int>(k));
  }
  return out;
}

std::vector<int> Tape::operands(std::span<const int> entries) const {
  std::set<int> out;
  for (const int k : entries) {
    const Entry& e = entries_[static_cast<std::size_t>(k)];
    if (e.left >= 0) out.insert(e.left);
    if (e.right >= 0) out.insert(e.right);
  }
  return {out.begin(), out.end()};
}

void Tape::evaluate_entry(std::size_t k, std::span<double> values) const {
  const Entry& e = entries_[k];
  if (e.op == Op::kConstant) {
    values[k] = e.constant;
  } else {
    const double b = e.right >= 0 ? values[static_cast<std::size_t>(e.right)] : 0.0;
    values[k] = op_row(e.op).value(values[static_cast<std::size_t>(e.left)], b);
  }
}

void Tape::evaluate_some(std::span<const int> entries, std::span<double> values) const {
  for (const int k : entries) evaluate_entry(static_cast<std::size_t>(k), values);
}

void Tape::evaluate(std::span<const double> parameters, std::span<double> values) const {
  std::copy(parameters.begin(), parameters.end(), values.begin());
  for (std::size_t k = parameters.size(); k < entries_.size(); ++k) evaluate_entry(k, values);
}

double Tape::slope(std::size_t k, OpRow::Derivative derivative, int operand,
                   std::span<const double> values) const {
  const Entry& e = entries_[k];
  const double a = values[static_cast<std::size_t>(e.left)];
  const double b = e.right >= 0 ? values[static_cast<std::size_t>(e.right)] : 0.0;
  const double out = derivative(a, b, values[k]);
  if (!std::isfinite(out)) {
    throw SlopeError(concat("the derivative of an angle's expression by its parameters is ", out,
                            " at ", point(operand, values)),
                     operand);
  }
  return out;
}

void Tape::reverse_entry(std::size_t k, std::span<const double> values,
                         std::span<double> adjoints) const {
  const Entry& e = entries_[k];
  if (!e.differentiated) return;
  const OpRow& row = op_row(e.op);
  const auto pass_on = [&](int operand, OpRow::Derivative derivative) {
    if (!differentiated(operand)) return;
    adjoints[static_cast<std::size_t>(operand)] +=
        adjoints[k] * slope(k, derivative, operand, values);
  };
  pass_on(e.left, row.d_left);
  pass_on(e.right, row.d_right);
}

void Tape::reverse_some(std::span<const int> entries, std::span<const double> values,
                        std::span<double> adjoints) const {
  for (std::size_t k = entries.size(); k-- > 0;) {
    reverse_entry(static_cast<std::size_t>(entries[k]), values, adjoints);
  }
}

std::string Tape::point(int entry, std::span<const double> values) const {
  constexpr int kMostNamed = 5;
  std::string out;
  int named = 0;
  for (int k = 0; k < n_parameters_; ++k) {
    if (!depends_on(entry, k, k + 1)) continue;
    if (named++ == kMostNamed) return out + ", …";
    const auto at = static_cast<std::size_t>(k);
    out += concat(out.empty() ? "" : ", ", "'", names_[at], "' = ", values[at]);
  }
  return out;
}

void Tape::reverse(std::span<const double> values, std::span<double> adjoints) const {
  for (std::size_t k = entries_.size(); k-- > static_cast<std::size_t>(n_parameters_);) {
    reverse_entry(k, values, adjoints);
  }
}

void Tape::forward(std::span<const double> values, std::span<double> tangents) const {
  for (auto k = static_cast<std::size_t>(n_parameters_); k < entries_.size(); ++k) {
    const Entry& e = entries_[k];
    tangents[k] = 0.0;
    if (!e.differentiated) continue;
    const OpRow& row = op_row(e.op);
    const auto add = [&](int operand, OpRow::Derivative derivative) {
      if (!differentiated(operand)) return;
      tangents[k] +=
          tangents[static_cast<std::size_t>(operand)] * slope(k, derivative, operand, values);
    };
    add(e.left, row.d_left);
    add(e.right, row.d_right);
  }
}

void Tape::reverse_along(std::span<const double> values, std::span<const double> tangents,
                         std::span<double> adjoints, std::span<double> adjoint_tangents) const {
  for (std::size_t k = entries_.size(); k-- > static_cast<std::size_t>(n_parameters_);) {
    const Entry& e = entries_[k];
    if (!e.differentiated) continue;
    const OpRow& row = op_row(e.op);
    // The derivative of an operand's slope along the direction, and with it the product rule.
    const auto pass_on = [&](int operand, OpRow::Derivative derivative, OpRow::Derivative by_left,
                             OpRow::Derivative by_right) {
      if (!differentiated(operand)) return;
      double bend = 0.0;
      const auto add = [&](int other, OpRow::Derivative second) {
        if (!differentiated(other)) return;
        bend += tangents[static_cast<std::size_t>(other)] * slope(k, second, other, values);
      };
      add(e.left, by_left);
      add(e.right, by_right);
      const auto at = static_cast<std::size_t>(operand);
      const double first = slope(k, derivative, operand, values);
      adjoint_tangents[at] += adjoint_tangents[k] * first + adjoints[k] * bend;
      adjoints[at] += adjoints[k] * first;
    };
    pass_on(e.left, row.d_left, row.d_left_left, row.d_left_right);
    pass_on(e.right, row.d_right, row.d_left_right, row.d_right_right);
  }
}

bool Tape::is_linear(int entry, int parameter) const {
  const Entry& e = entries_[static_cast<std::size_t>(entry)];
  const auto fixed = [&](int operand) { return !depends_on(operand, parameter, parameter + 1); };
  if (entry == parameter || fixed(entry)) return true;
  switch (e.op) {
    case Op::kAdd:
    case Op::kSub:
      return is_linear(e.left, parameter) && is_linear(e.right, parameter);
    case Op::kMul:
      return (fixed(e.left) && is_linear(e.right, parameter)) ||
             (fixed(e.right) && is_linear(e.left, parameter));
    case Op::kDiv:
      return fixed(e.right) && is_linear(e.left, parameter);
    case Op::kNeg:
      return is_linear(e.left, parameter);
    default:
      return false;
  }
}

}  // namespace qsim
