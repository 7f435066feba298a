#include "qsim/circuit/parameter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <numbers>
#include <set>
#include <sstream>
#include <utility>

#include "qsim/circuit/room.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"

namespace qsim {
namespace {

constexpr int kMaxDepth = 1000;             // recursion this deep takes some 0.5 MiB of stack
constexpr std::int64_t kMaxSize = 100'000;  // e = e + e, repeated, doubles the tree each time

constexpr int kPolled = 1024;  // loops ask for Ctrl-C once in so many turns

double zero(double, double, double) { return 0.0; }

double one(double, double, double) { return 1.0; }
double minus_one(double, double, double) { return -1.0; }
double root_of_complement(double a) { return std::sqrt((1.0 - a) * (1.0 + a)); }
double minus_result(double, double, double r) { return -r; }
double result(double, double, double r) { return r; }

// clang-format off
constexpr std::array kOps{
    OpRow{Op::kConstant, "constant", 0, nullptr, zero, zero, zero, zero, zero},
    OpRow{Op::kParameter, "parameter", 0, nullptr, zero, zero, zero, zero, zero},
    OpRow{Op::kAdd, "+", 2, [](double a, double b) { return a + b; },
          one, one, zero, zero, zero},
    OpRow{Op::kSub, "-", 2, [](double a, double b) { return a - b; },
          one, minus_one, zero, zero, zero},
    OpRow{Op::kMul, "*", 2, [](double a, double b) { return a * b; },
          [](double, double b, double) { return b; }, [](double a, double, double) { return a; },
          zero, one, zero},
    OpRow{Op::kDiv, "/", 2, [](double a, double b) { return a / b; },
          [](double, double b, double) { return 1.0 / b; },
          [](double, double b, double r) { return -r / b; },
          zero, [](double, double b, double) { return -1.0 / (b * b); },
          [](double, double b, double r) { return 2.0 * r / (b * b); }},
    OpRow{Op::kPow, "**", 2, [](double a, double b) { return std::pow(a, b); },
          [](double a, double b, double) { return b == 0.0 ? 0.0 : b * std::pow(a, b - 1.0); },
          [](double a, double, double r) { return r == 0.0 ? 0.0 : r * std::log(a); },
          [](double a, double b, double) {
            return b == 0.0 || b == 1.0 ? 0.0 : b * (b - 1.0) * std::pow(a, b - 2.0);
          },
          [](double a, double b, double) {  // its limit at a = 0 is 0 for b > 1
            return a == 0.0 && b > 1.0 ? 0.0 : std::pow(a, b - 1.0) * (1.0 + b * std::log(a));
          },
          [](double a, double, double r) {
            return r == 0.0 ? 0.0 : r * std::log(a) * std::log(a);
          }},
    OpRow{Op::kNeg, "neg", 1, [](double a, double) { return -a; },
          minus_one, zero, zero, zero, zero},
    OpRow{Op::kSin, "sin", 1, [](double a, double) { return std::sin(a); },
          [](double a, double, double) { return std::cos(a); }, zero, minus_result, zero, zero},
    OpRow{Op::kCos, "cos", 1, [](double a, double) { return std::cos(a); },
          [](double a, double, double) { return -std::sin(a); }, zero, minus_result, zero, zero},
    OpRow{Op::kTan, "tan", 1, [](double a, double) { return std::tan(a); },
          [](double, double, double r) { return 1.0 + r * r; }, zero,
          [](double, double, double r) { return 2.0 * r * (1.0 + r * r); }, zero, zero},
    OpRow{Op::kExp, "exp", 1, [](double a, double) { return std::exp(a); },
          result, zero, result, zero, zero},
    OpRow{Op::kLog, "log", 1, [](double a, double) { return std::log(a); },
          [](double a, double, double) { return 1.0 / a; }, zero,
          [](double a, double, double) { return -1.0 / (a * a); }, zero, zero},
    OpRow{Op::kSqrt, "sqrt", 1, [](double a, double) { return std::sqrt(a); },
          [](double, double, double r) { return 0.5 / r; }, zero,
          [](double, double, double r) { return -0.25 / (r * r * r); }, zero, zero},
    OpRow{Op::kAsin, "arcsin", 1, [](double a, double) { return std::asin(a); },
          [](double a, double, double) { return 1.0 / root_of_complement(a); }, zero,
          [](double a, double, double) { return a / std::pow(root_of_complement(a), 3); },
          zero, zero},
    OpRow{Op::kAcos, "arccos", 1, [](double a, double) { return std::acos(a); },
          [](double a, double, double) { return -1.0 / root_of_complement(a); }, zero,
          [](double a, double, double) { return -a / std::pow(root_of_complement(a), 3); },
          zero, zero},
    OpRow{Op::kAtan, "arctan", 1, [](double a, double) { return std::atan(a); },
          [](double a, double, double) { return 1.0 / (1.0 + a * a); }, zero,
          [](double a, double, double) { return -2.0 * a / ((1.0 + a * a) * (1.0 + a * a)); },
          zero, zero},
    OpRow{Op::kTanh, "tanh", 1, [](double a, double) { return std::tanh(a); },
          [](double, double, double r) { return 1.0 - r * r; }, zero,
          [](double, double, double r) { return -2.0 * r * (1.0 - r * r); }, zero, zero},
    OpRow{Op::kAbs, "abs", 1, [](double a, double) { return std::abs(a); },
          [](double a, double, double) { return static_cast<double>((a > 0.0) - (a < 0.0)); },
          zero, zero, zero, zero},
};
// clang-format on

using Node = Expression::Node;

double evaluate_node(const Node& node, const std::map<std::string, double>& values) {
  if (node.op == Op::kConstant) return node.value;
  if (node.op == Op::kParameter) {
    const auto found = values.find(node.name);
    require(found != values.end(), "parameter '", node.name, "' has no value");
    return found->second;
  }
  const double a = evaluate_node(*node.left, values);
  const double b = node.right ? evaluate_node(*node.right, values) : 0.0;
  return op_row(node.op).value(a, b);
}

std::string constant_text(double value) {
  std::ostringstream out;
  out.precision(6);
  out << value + 0.0;  // -0 + 0 is 0
  return out.str();
}

using ConstantText = std::function<std::string(double)>;

// Leaves and functions bind tightest; every other operand is put in brackets. So are constants that
// are written with an operator of their own, as -1 and π/2 are.
bool needs_brackets(const Node& operand, const std::string& text) {
  if (operand.op != Op::kConstant) return op_row(operand.op).arity == 2 || operand.op == Op::kNeg;
  return operand.value < 0 || text.find('/') != std::string::npos;
}

std::string text_of(const Node& node, const ConstantText& constant) {
  const OpRow& row = op_row(node.op);
  if (node.op == Op::kConstant) return constant(node.value);
  if (node.op == Op::kParameter) return node.name;
  const auto operand = [&constant](const Node& child) {
    std::string text = text_of(child, constant);
    return needs_brackets(child, text) ? "(" + text + ")" : text;
  };
  if (node.op == Op::kNeg) return "-" + operand(*node.left);
  if (row.arity == 1) return std::string(row.name) + "(" + text_of(*node.left, constant) + ")";
  const std::string gap = node.op == Op::kAdd || node.op == Op::kSub ? " " : "";
  return operand(*node.left) + gap + row.name + gap + operand(*node.right);
}

void visit_parameters(const Node& node, const std::function<void(const Node&)>& visit) {
  if (node.op == Op::kParameter) visit(node);
  if (node.left) visit_parameters(*node.left, visit);
  if (node.right) visit_parameters(*node.right, visit);
}

// The operands of a chain such as a − (b + c), in order: those that are added, and those that are
// subtracted. Of a chain of products, the factors.
struct Chain {
  std::vector<Expression> plain;
  std::vector<Expression> negated;
};

bool is_sum(Op op) { return op == Op::kAdd || op == Op::kSub || op == Op::kNeg; }
bool is_chain(Op op) { return is_sum(op) || op == Op::kMul; }

using Wrap = Expression (*)(const std::shared_ptr<const Node>&);

// Collects the operands of the chain, of sums or of products, that a node ends.
void collect(const Node& node, bool of_sums, bool negated, Wrap wrap, Chain& out) {
  const auto add = [&](const std::shared_ptr<const Node>& child, bool child_negated) {
    if (of_sums ? is_sum(child->op) : child->op == Op::kMul) {
      collect(*child, of_sums, child_negated, wrap, out);
    } else {
      (child_negated ? out.negated : out.plain).push_back(wrap(child));
    }
  };
  add(node.left, negated != (node.op == Op::kNeg));
  if (node.right) add(node.right, negated != (node.op == Op::kSub));
}

// The expressions joined by an operator that is associative, as a tree of the least depth.
Expression joined(Op op, std::span<const Expression> parts) {
  if (parts.size() == 1) return parts.front();
  const std::size_t half = parts.size() / 2;
  return Expression::apply(op, joined(op, parts.first(half)), joined(op, parts.subspan(half)));
}

Chain chain_of(const Node& node, Wrap wrap) {
  Chain out;
  collect(node, is_sum(node.op), false, wrap, out);
  return out;
}

// How deep a chain is as a tree, at most.
int depth_of(const Chain& chain) {
  int deepest = 0;
  for (const auto* parts : {&chain.plain, &chain.negated}) {
    for (const Expression& part : *parts) deepest = std::max(deepest, part.node().depth);
  }
  const auto count = static_cast<unsigned>(chain.plain.size() + chain.negated.size());
  return deepest + static_cast<int>(std::bit_width(count)) + 2;
}

// A chain that grew as deep as it is long, as sum() makes it, in a tree as shallow as its operands
// let it be.
Expression joined(Op op, const Chain& chain) {
  if (op == Op::kMul) return joined(Op::kMul, chain.plain);
  if (chain.negated.empty()) return joined(Op::kAdd, chain.plain);
  const Expression minus = joined(Op::kAdd, chain.negated);
  return chain.plain.empty() ? -minus : joined(Op::kAdd, chain.plain) - minus;
}

bool same(const Node& a, const Node& b) {
  if (&a == &b) return true;
  if (a.op != b.op || a.value != b.value || a.name != b.name) return false;
  if (a.left && !same(*a.left, *b.left)) return false;
  return !a.right || same(*a.right, *b.right);
}

}  // namespace

ElementName element_name(std::string_view name) {
  constexpr std::size_t kMostDigits = 9;
  if (name.empty() || name.back() != ']') return {};
  const std::size_t open = name.rfind('[');
  if (open == std::string_view::npos || open == 0) return {};
  const std::string_view digits = name.substr(open + 1, name.size() - open - 2);
  const bool is_number = !digits.empty() && digits.size() <= kMostDigits &&
                         digits.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_number || (digits.size() > 1 && digits.front() == '0')) return {};
  ElementName out{.vector = name.substr(0, open)};
  std::from_chars(digits.data(), digits.data() + digits.size(), out.index);
  return out;
}

Parameter::Parameter(std::string parameter_name) : name(std::move(parameter_name)) {
  require(!name.empty(), "a parameter needs a name");
  index = element_name(name).index;
}

Parameter::Parameter(std::string_view vector_name, int element, int size)
    : name(concat(vector_name, "[", element, "]")), index(element), vector_size(size) {
  require(!vector_name.empty(), "a vector of parameters needs a name");
  require(size <= kMostElements, "the vector of parameters '", vector_name, "' has ", size,
          " elements; the limit is ", kMostElements);
  require(element >= 0 && element < size, "there is no element ", element, " of '", vector_name,
          "', a vector of ", size);
}

std::string_view Parameter::vector() const {
  return index < 0 ? std::string_view() : std::string_view(name).substr(0, name.rfind('['));
}

ParameterVector::ParameterVector(const std::string& name, int size) : name_(name) {
  require(!name.empty(), "a ParameterVector needs a name");
  require(size >= 0 && size <= kMostElements, "a ParameterVector cannot have ", size,
          " elements; it must be in [0, ", kMostElements, "]");
  require_names(size, concat("the vector '", name, "'"));
  items_.reserve(static_cast<std::size_t>(size));
  for (int k = 0; k < size; ++k) {
    if (k % kPolled == 0) poll_interrupt();
    items_.emplace_back(name, k, size);
  }
}

const Parameter& ParameterVector::at(int k) const {
  const int size = static_cast<int>(items_.size());
  require<IndexError>(k >= -size && k < size, "index ", k, " is out of range for ParameterVector '",
                      name_, "' of ", size);
  return items_[static_cast<std::size_t>(k < 0 ? k + size : k)];
}

std::span<const OpRow> op_rows() { return kOps; }

const OpRow& op_row(Op op) { return kOps.at(static_cast<std::size_t>(op)); }

Expression::Expression(double value) {
  require(std::isfinite(value), "an angle, amplitude or constant is ", value,
          "; it must be finite");
  node_ = std::make_shared<Node>(Node{.op = Op::kConstant, .value = value});
}

Expression::Expression(const Parameter& parameter)
    : node_(std::make_shared<Node>(Node{
          .op = Op::kParameter, .name = parameter.name, .vector_size = parameter.vector_size})) {}

Parameter Expression::Node::parameter() const {
  Parameter out(name);
  out.vector_size = vector_size;
  return out;
}

Expression Expression::apply(Op op, const Expression& left, const Expression& right) {
  const OpRow& row = op_row(op);
  const bool binary = row.arity == 2;
  if (left.is_constant() && (!binary || right.is_constant())) {
    return row.value(left.node().value, right.node().value);
  }
  Node node{.op = op, .left = left.node_};
  if (binary) node.right = right.node_;
  node.size = 1 + left.node().size + (binary ? right.node().size : 0);
  require(node.size <= kMaxSize, "a parameter expression has more than ", kMaxSize, " parts");
  node.depth = 1 + std::max(left.node().depth, binary ? right.node().depth : 0);
  if (node.depth > kMaxDepth && is_chain(op)) {
    const Chain chain = chain_of(node, [](const std::shared_ptr<const Node>& child) {
      Expression out;
      out.node_ = child;
      return out;
    });
    if (depth_of(chain) <= kMaxDepth / 2) return joined(op, chain);
  }
  require(node.depth <= kMaxDepth, "a parameter expression is nested more than ", kMaxDepth,
          " deep");
  Expression out;
  out.node_ = std::make_shared<Node>(std::move(node));
  return out;
}

double Expression::evaluate(const std::map<std::string, double>& values) const {
  return evaluate_node(*node_, values);
}

std::string Expression::text() const { return text_with(constant_text); }

std::string Expression::text_with(const std::function<std::string(double)>& constant) const {
  return text_of(*node_, constant);
}

std::vector<std::string> Expression::parameters() const {
  std::vector<std::string> names;
  std::set<std::string_view> seen;
  visit_parameters(*node_, [&](const Node& node) {
    if (seen.insert(node.name).second) names.push_back(node.name);
  });
  return names;
}

void Expression::for_parameters(const std::function<void(const Node&)>& visit) const {
  visit_parameters(*node_, visit);
}

Expression Expression::substitute(const std::function<Expression(const Parameter&)>& with) const {
  if (node_->op == Op::kConstant) return *this;
  if (node_->op == Op::kParameter) return with(node_->parameter());
  const auto child = [&with](const std::shared_ptr<const Node>& node) {
    Expression out;
    out.node_ = node;
    return out.substitute(with);
  };
  return apply(node_->op, child(node_->left), node_->right ? child(node_->right) : Expression(0.0));
}

bool Expression::operator==(const Expression& other) const { return same(*node_, *other.node_); }

Expression operator+(const Expression& a, const Expression& b) {
  return Expression::apply(Op::kAdd, a, b);
}
Expression operator-(const Expression& a, const Expression& b) {
  return Expression::apply(Op::kSub, a, b);
}
Expression operator*(const Expression& a, const Expression& b) {
  return Expression::apply(Op::kMul, a, b);
}
Expression operator/(const Expression& a, const Expression& b) {
  return Expression::apply(Op::kDiv, a, b);
}
Expression operator-(const Expression& a) { return Expression::apply(Op::kNeg, a); }
Expression pow(const Expression& a, const Expression& b) {
  return Expression::apply(Op::kPow, a, b);
}
Expression sin(const Expression& a) { return Expression::apply(Op::kSin, a); }
Expression cos(const Expression& a) { return Expression::apply(Op::kCos, a); }
Expression tan(const Expression& a) { return Expression::apply(Op::kTan, a); }
Expression exp(const Expression& a) { return Expression::apply(Op::kExp, a); }
Expression log(const Expression& a) { return Expression::apply(Op::kLog, a); }
Expression sqrt(const Expression& a) { return Expression::apply(Op::kSqrt, a); }
Expression asin(const Expression& a) { return Expression::apply(Op::kAsin, a); }
Expression acos(const Expression& a) { return Expression::apply(Op::kAcos, a); }
Expression atan(const Expression& a) { return Expression::apply(Op::kAtan, a); }
Expression tanh(const Expression& a) { return Expression::apply(Op::kTanh, a); }
Expression abs(const Expression& a) { return Expression::apply(Op::kAbs, a); }

Expression sinh(const Expression& a) { return (exp(a) - exp(-a)) / 2.0; }
Expression cosh(const Expression& a) { return (exp(a) + exp(-a)) / 2.0; }
Expression exp2(const Expression& a) { return pow(2.0, a); }
Expression log2(const Expression& a) { return log(a) / std::numbers::ln2; }
Expression log10(const Expression& a) { return log(a) / std::numbers::ln10; }
Expression hypot(const Expression& a, const Expression& b) { return sqrt(a * a + b * b); }
Expression deg2rad(const Expression& degrees) { return degrees * (std::numbers::pi / 180); }
Expression rad2deg(const Expression& radians) { return radians * (180 / std::numbers::pi); }

}  // namespace qsim
