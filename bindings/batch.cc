#include "bindings/named_values.h"
#include "bindings/program.h"

namespace ketgrad {

using Optional = std::optional<py::object>;

PyBatch::PyBatch(const qsim::Program& program, const Optional& inputs, const Optional& weights,
                 const Optional& initial_state) {
  const auto take = [&program](const Optional& values, std::string_view what,
                               const std::vector<std::string>& names, std::size_t first) {
    const std::size_t columns = names.size();
    if (!values) {
      if (columns == 0) return RealArray(0);
      const std::string_view noun = what.substr(0, what.size() - 1);
      qsim::fail("the program has ", qsim::counted(columns, noun), "; none were given");
    }
    RealArray array = array_of(*values, what, names, [&program, first](std::size_t k) {
      return program.tape.uses(static_cast<int>(first + k));
    });
    qsim::require(columns > 0 || array.size() == 0, "the program has no ", what,
                  ", but an array of shape ", ShapeOf{array}, " came as ", what,
                  ": compile(inputs=...) says which parameters are inputs, all ",
                  "others are weights");
    qsim::require((array.ndim() == 1 || array.ndim() == 2) &&
                      static_cast<std::size_t>(array.shape(array.ndim() - 1)) == columns,
                  what, " must have shape (", columns, ",) or (batch, ", columns, "), got ",
                  ShapeOf{array});
    return array;
  };
  inputs_ = take(inputs, "inputs", program.inputs, 0);
  weights_ = take(weights, "weights", program.weights, program.inputs.size());
  if (initial_state) take_initial_state(program, *initial_state);
  const bool rows_in = inputs && inputs_.ndim() == 2;
  const bool rows_w = weights && weights_.ndim() == 2;
  const bool rows_s = initial_state && initial_state_.ndim() == 2;
  has_axis_ = rows_in || rows_w || rows_s;
  if (rows_s) batch_.size = static_cast<std::size_t>(initial_state_.shape(0));
  if (rows_in) batch_.size = static_cast<std::size_t>(inputs_.shape(0));
  if (rows_w) batch_.size = static_cast<std::size_t>(weights_.shape(0));
  qsim::require(!rows_in || !rows_w || inputs_.shape(0) == weights_.shape(0), "inputs have ",
                rows_in ? inputs_.shape(0) : 0, " rows and weights ",
                rows_w ? weights_.shape(0) : 0,
                "; give a row of each for every sample, or one without a batch axis");
  qsim::require(!rows_s || static_cast<std::size_t>(initial_state_.shape(0)) == batch_.size,
                "initial_state has ", rows_s ? initial_state_.shape(0) : 0, " rows and ",
                rows_w ? "weights " : "inputs ", batch_.size);
  if (has_axis_ && !rows_in && !program.inputs.empty()) {  // one row of inputs for every sample
    const auto columns = inputs_.size();
    RealArray repeated({static_cast<py::ssize_t>(batch_.size), columns});
    for (std::size_t k = 0; k < batch_.size; ++k) {
      std::copy_n(inputs_.data(), columns,
                  repeated.mutable_data() + static_cast<py::ssize_t>(k) * columns);
    }
    inputs_ = repeated;
  }
  batch_.inputs = {inputs_.data(), static_cast<std::size_t>(inputs_.size())};
  batch_.weights = {weights_.data(), static_cast<std::size_t>(weights_.size())};
  batch_.weights_per_sample = rows_w;
}

void PyBatch::take_initial_state(const qsim::Program& program, const py::object& values) {
  initial_state_ = complex_array<double>(values, "initial_state");
  const auto columns = static_cast<py::ssize_t>(qsim::bit(program.n_qubits));
  const auto n_axes = initial_state_.ndim();
  qsim::require((n_axes == 1 || n_axes == 2) && initial_state_.shape(n_axes - 1) == columns &&
                    initial_state_.size() > 0,
                "initial_state must have shape (", columns, ",) or (batch, ", columns, "), got ",
                ShapeOf{initial_state_});
  batch_.initial_states = {initial_state_.data(), static_cast<std::size_t>(initial_state_.size())};
}

std::vector<py::ssize_t> PyBatch::shape(const std::vector<std::size_t>& rest) const {
  std::vector<py::ssize_t> out;
  if (has_axis_) out.push_back(static_cast<py::ssize_t>(batch_.size));
  for (const std::size_t size : rest) out.push_back(static_cast<py::ssize_t>(size));
  return out;
}

}  // namespace ketgrad
