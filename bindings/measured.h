#pragma once

#include <cstddef>
#include <span>

// What a program measures, and its derivatives, for modules that are loaded beside this one and
// call from threads that know nothing of Python (jax/handler.cc). `_core._measured` gives them one
// in a capsule named kMeasuredCapsule; it is theirs for as long as they keep the capsule.

namespace ketgrad {

inline constexpr const char* kMeasuredCapsule = "ketgrad.Measured";

// A batch, row by row: size × n_inputs, and n_weights or size × n_weights.
struct Rows {
  std::size_t size = 1;
  std::span<const double> inputs{};
  std::span<const double> weights{};
  bool weights_per_sample = false;
};

// What the calls write has as many numbers as the library's own functions of these names return
// (qml/derivatives), with the derivatives by inputs and by weights side by side where there is one
// result for both. They throw what derives from std::exception, and cannot be interrupted.
class Measured {
 public:
  virtual ~Measured() = default;
  virtual void values(const Rows& rows, std::span<double> out) const = 0;
  virtual void vjp(const Rows& rows, std::span<const double> cotangent, std::span<double> inputs,
                   std::span<double> weights) const = 0;
  virtual void jacobian(const Rows& rows, std::span<double> values,
                        std::span<double> out) const = 0;
  virtual void hessian(const Rows& rows, std::span<double> out) const = 0;
  // values(), with the final states held, where they have room, for the next vjp() of these rows.
  virtual void forward(const Rows& rows, std::span<double> out) const = 0;
};

}  // namespace ketgrad
