#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "qsim/circuit/parameter.h"

namespace qsim {

// All expressions of a program as one flat list of arithmetic steps. Entry k < n_parameters is
// parameter k; every later entry is computed from earlier ones. Equal sub-expressions share an
// entry.
class Tape {
 public:
  // The parameters in the order in which their values will be given.
  explicit Tape(const std::vector<std::string>& parameters);

  // The entry that holds the expression's value. Throws ValueError for an unknown parameter.
  int add(const Expression& expression);

  [[nodiscard]] int n_parameters() const { return n_parameters_; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  // Whether some expression has the parameter in it.
  [[nodiscard]] bool uses(int parameter) const {
    return entries_[static_cast<std::size_t>(parameter)].used;
  }
  [[nodiscard]] bool depends_on(int entry, int first_parameter, int last_parameter) const;

  // values.size() == size(); fills all entries from the first n_parameters.
  void evaluate(std::span<const double> parameters, std::span<double> values) const;

  // The computed entries that depend on the parameters from first up to, not including, last; in
  // order.
  [[nodiscard]] std::vector<int> dependents(int first_parameter, int last_parameter) const;
  // What some entries are computed from directly, each once.
  [[nodiscard]] std::vector<int> operands(std::span<const int> entries) const;
  // Computes some entries, in order; those they are computed from are there already.
  void evaluate_some(std::span<const int> entries, std::span<double> values) const;
  // Passes the adjoints of some entries on, from the last to the first, to what they are computed
  // from.
  void reverse_some(std::span<const int> entries, std::span<const double> values,
                    std::span<double> adjoints) const;
  // The parameters that an entry depends on, and their values: "'a' = 0, 'b' = 1.5".
  [[nodiscard]] std::string point(int entry, std::span<const double> values) const;

  // Reverse mode: adjoints.size() == size() holds ∂f/∂entry and is used as scratch; on return its
  // first n_parameters entries are ∂f/∂parameter. Throws ValueError, naming the parameters, where
  // an expression has no finite derivative, even if its adjoint is zero: 0·∞ is not known to be 0.
  void reverse(std::span<const double> values, std::span<double> adjoints) const;

  // Forward mode: tangents.size() == size(), its first n_parameters a direction; fills the rest
  // with the derivatives along it. Throws as reverse does.
  void forward(std::span<const double> values, std::span<double> tangents) const;
  // The derivative of reverse along a direction, whose tangents forward has filled, and of the
  // adjoints it begins with, adjoint_tangents: on return that has the second derivatives of f along
  // the direction and by each parameter in its first n_parameters entries. Throws as reverse does,
  // also where a second derivative is not finite.
  void reverse_along(std::span<const double> values, std::span<const double> tangents,
                     std::span<double> adjoints, std::span<double> adjoint_tangents) const;

  // Whether, with all other parameters held, the entry is a straight line in a parameter, as far as
  // its form shows.
  [[nodiscard]] bool is_linear(int entry, int parameter) const;

 private:
  struct Entry {
    Op op = Op::kConstant;
    double constant = 0.0;
    int left = -1;
    int right = -1;
    bool depends = false;         // on a parameter
    bool used = false;            // of a parameter: in some expression
    bool differentiated = false;  // some expression changes with it, as far as its form shows
  };
  using Key = std::tuple<Op, double, int, int>;
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  int push(Entry entry);
  void evaluate_entry(std::size_t k, std::span<double> values) const;
  void reverse_entry(std::size_t k, std::span<const double> values,
                     std::span<double> adjoints) const;
  [[nodiscard]] bool differentiated(int operand) const {
    return operand >= 0 && entries_[static_cast<std::size_t>(operand)].differentiated;
  }
  // A derivative of entry k's operator, checked to be finite.
  [[nodiscard]] double slope(std::size_t k, OpRow::Derivative derivative, int operand,
                             std::span<const double> values) const;
  int add_node(const Expression::Node& node);
  void mark_differentiated(int entry);
  [[nodiscard]] bool is_constant(int entry, double value) const;

  int n_parameters_;
  std::vector<std::string> names_;  // of the parameters
  std::map<std::string, int> index_of_;
  std::vector<Entry> entries_;
  std::unordered_map<Key, int, Hash> known_;
};

}  // namespace qsim
