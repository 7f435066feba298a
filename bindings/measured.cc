#include "bindings/measured.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "bindings/common.h"
#include "bindings/marginal.h"
#include "bindings/program.h"
#include "qml/derivatives/held_vjp.h"
#include "qml/derivatives/hessian.h"
#include "qsim/core/cache.h"
#include "qsim/core/loan.h"

namespace ketgrad {
namespace {

qsim::Batch batch_of(const Rows& rows) {
  return {.size = rows.size,
          .inputs = rows.inputs,
          .weights = rows.weights,
          .weights_per_sample = rows.weights_per_sample};
}

void copy(const std::vector<double>& from, std::span<double> to) {
  qsim::require(from.size() == to.size(), "there is room for ", to.size(), " numbers of ",
                from.size());
  std::ranges::copy(from, to.begin());
}

// T is the precision of the states.
template <class T>
class MeasuredProgram final : public Measured {
 public:
  MeasuredProgram(py::object program, qsim::Quantity quantity, const MeasuredQubits& qubits)
      : owner_(std::move(program)), quantity_(quantity) {
    const qsim::Program& whole = owner_.cast<const PyProgram&>().program;
    if (qubits) part_.emplace(qsim::marginal(whole, qubits->value, qsim::Start::kPrepared));
    program_ = part_ ? &*part_ : &whole;
  }

  void values(const Rows& rows, std::span<double> out) const override {
    copy(qml::evaluate<T>(*program_, batch_of(rows), quantity_), out);
  }

  void vjp(const Rows& rows, std::span<const double> cotangent, std::span<double> inputs,
           std::span<double> weights) const override {
    const qsim::Loan<Held> held(held_, 0, [] { return std::make_unique<Held>(); });
    const auto run = std::exchange(held->run, nullptr);
    const qsim::Batch batch = batch_of(rows);
    const qml::Gradients found = run && run->is_of(batch)
                                     ? run->back(cotangent)
                                     : qml::vjp<T>(*program_, batch, cotangent, quantity_);
    copy(found.inputs, inputs);
    copy(found.weights, weights);
  }

  void forward(const Rows& rows, std::span<double> out) const override {
    const qsim::Loan<Held> held(held_, 0, [] { return std::make_unique<Held>(); });
    held->run.reset();
    held->run = std::make_unique<qml::HeldVjp<T>>(*program_, batch_of(rows), quantity_);
    std::ranges::copy(held->run->values(), out.begin());
    if (!held->run->is_held()) held->run.reset();
  }

  void jacobian(const Rows& rows, std::span<double> values, std::span<double> out) const override {
    const qml::Gradients found =
        qml::jacobian<T>(*program_, batch_of(rows), {.quantity = quantity_});
    copy(found.values, values);
    const std::size_t n_inputs = program_->inputs.size();
    const std::size_t n_weights = program_->weights.size();
    for (std::size_t row = 0; row < values.size(); ++row) {
      auto* const to = out.data() + row * program_->n_parameters();
      std::copy_n(found.inputs.data() + row * n_inputs, n_inputs, to);
      std::copy_n(found.weights.data() + row * n_weights, n_weights, to + n_inputs);
    }
  }

  void hessian(const Rows& rows, std::span<double> out) const override {
    copy(qml::hessian<T>(*program_, batch_of(rows),
                         {.wrt = qml::Wrt::kAll, .quantity = quantity_, .cotangent = {}}),
         out);
  }

 private:
  struct Held {  // a run forwards that has not gone back
    std::unique_ptr<qml::HeldVjp<T>> run;
  };

  py::object owner_;
  std::optional<qsim::Program> part_{};  // that some qubits see
  const qsim::Program* program_;
  qsim::Quantity quantity_;
  mutable qsim::Cache held_{};
};

std::unique_ptr<const Measured> measured(const py::object& program, qsim::Quantity quantity,
                                         const MeasuredQubits& qubits) {
  if (program.cast<const PyProgram&>().single) {
    return std::make_unique<MeasuredProgram<float>>(program, quantity, qubits);
  }
  return std::make_unique<MeasuredProgram<double>>(program, quantity, qubits);
}

void destroy(PyObject* capsule) {
  delete static_cast<const Measured*>(PyCapsule_GetPointer(capsule, kMeasuredCapsule));
}

}  // namespace

void bind_measured(py::module_& m) {
  m.def(
      "_measured",
      // An object, as the type stub of a capsule would need a package that users may lack.
      [](const py::object& program, std::string_view of,
         const MeasuredQubits& qubits) -> py::object {
        auto made = measured(program, qsim::quantity(of), qubits);
        py::capsule capsule(made.get(), kMeasuredCapsule, &destroy);
        static_cast<void>(made.release());
        return capsule;
      },
      py::arg("program"), py::arg("of"), py::arg("qubits") = py::none(),
      "What a program measures, for other modules (bindings/measured.h).");
}

}  // namespace ketgrad
