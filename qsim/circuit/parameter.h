#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qsim {

// A named real number that gets its value when a program runs. Two parameters of one name are the
// same parameter. "w[3]" is element 3 of a vector w, whose size is known where a ParameterVector
// made the parameter.
struct Parameter {
  explicit Parameter(std::string parameter_name);  // throws ValueError for an empty name
  // An element of a vector; ValueError unless 0 ≤ element < size ≤ kMostElements.
  Parameter(std::string_view vector_name, int element, int size);
  std::string name;
  int index = -1;                                 // in its vector; −1: it is no element of one
  int vector_size = 0;                            // 0: not known
  [[nodiscard]] std::string_view vector() const;  // its name, or nothing
  bool operator==(const Parameter& other) const { return name == other.name; }
  auto operator<=>(const Parameter& other) const { return name <=> other.name; }
};

// "w[12]", as an element of a vector is called: its vector and index, −1 for any other name.
struct ElementName {
  std::string_view vector{};
  int index = -1;
};
ElementName element_name(std::string_view name);

inline constexpr int kMostElements = 1 << 24;  // of a vector of parameters

// ParameterVector("w", 3) is the parameters w[0], w[1], w[2].
class ParameterVector {
 public:
  ParameterVector(const std::string& name, int size);
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] const Parameter& operator[](std::size_t k) const { return items_[k]; }
  [[nodiscard]] const Parameter& at(int k) const;  // negative counts from the end; IndexError
  [[nodiscard]] auto begin() const { return items_.begin(); }
  [[nodiscard]] auto end() const { return items_.end(); }

 private:
  std::string name_;
  std::vector<Parameter> items_;
};

enum class Op : unsigned char {
  kConstant,
  kParameter,
  kAdd,
  kSub,
  kMul,
  kDiv,
  kPow,
  kNeg,
  kSin,
  kCos,
  kTan,
  kExp,
  kLog,
  kSqrt,
  kAsin,
  kAcos,
  kAtan,
  kTanh,
  kAbs
};

// What evaluation, derivatives, text and JSON need to know of an operator, in one row.
struct OpRow {
  Op op;
  const char* name;
  int arity;
  double (*value)(double a, double b);
  // ∂/∂a, ∂/∂b, ∂²/∂a², ∂²/∂a∂b, ∂²/∂b².
  using Derivative = double (*)(double a, double b, double result);
  Derivative d_left;
  Derivative d_right;
  Derivative d_left_left;
  Derivative d_left_right;
  Derivative d_right_right;
};
std::span<const OpRow> op_rows();
const OpRow& op_row(Op op);

// An arithmetic expression of parameters; an immutable value that is cheap to copy.
class Expression {
 public:
  struct Node {
    Op op = Op::kConstant;
    double value = 0.0;   // of a constant
    std::string name{};   // of a parameter
    int vector_size = 0;  // of a parameter
    std::shared_ptr<const Node> left{};
    std::shared_ptr<const Node> right{};
    int depth = 1;
    std::int64_t size = 1;  // nodes of the tree below, shared ones counted each time

    [[nodiscard]] Parameter parameter() const;  // that of a parameter's node
  };

  Expression(double value = 0.0);          // NOLINT(google-explicit-constructor)
  Expression(const Parameter& parameter);  // NOLINT(google-explicit-constructor)

  [[nodiscard]] const Node& node() const { return *node_; }
  [[nodiscard]] bool is_constant() const { return node_->op == Op::kConstant; }
  [[nodiscard]] double evaluate(const std::map<std::string, double>& values) const;
  [[nodiscard]] std::string text() const;
  // The same with constants as `constant` writes them.
  [[nodiscard]] std::string text_with(const std::function<std::string(double)>& constant) const;
  // Names in order of appearance, each once.
  [[nodiscard]] std::vector<std::string> parameters() const;
  // Calls visit for the parameters in order of appearance, as often as they appear.
  void for_parameters(const std::function<void(const Node&)>& visit) const;
  // Every parameter replaced by what `with` returns for it.
  [[nodiscard]] Expression substitute(
      const std::function<Expression(const Parameter&)>& with) const;
  [[nodiscard]] bool operator==(const Expression& other) const;  // same form

  // Applies an operator; constants are folded. Throws ValueError beyond a depth of 1000 or a
  // size of 10^5, and where a constant result is not finite.
  static Expression apply(Op op, const Expression& left, const Expression& right = 0.0);

 private:
  std::shared_ptr<const Node> node_;
};

Expression operator+(const Expression& a, const Expression& b);
Expression operator-(const Expression& a, const Expression& b);
Expression operator*(const Expression& a, const Expression& b);
Expression operator/(const Expression& a, const Expression& b);
Expression operator-(const Expression& a);
Expression pow(const Expression& a, const Expression& b);
Expression sin(const Expression& a);
Expression cos(const Expression& a);
Expression tan(const Expression& a);
Expression exp(const Expression& a);
Expression log(const Expression& a);
Expression sqrt(const Expression& a);
Expression asin(const Expression& a);
Expression acos(const Expression& a);
Expression atan(const Expression& a);
Expression tanh(const Expression& a);
Expression abs(const Expression& a);  // its derivative at 0 is 0
// Made of those above.
Expression sinh(const Expression& a);
Expression cosh(const Expression& a);
Expression exp2(const Expression& a);
Expression log2(const Expression& a);
Expression log10(const Expression& a);
Expression hypot(const Expression& a, const Expression& b);
Expression deg2rad(const Expression& degrees);
Expression rad2deg(const Expression& radians);

}  // namespace qsim
