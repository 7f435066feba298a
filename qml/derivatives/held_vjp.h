#pragma once

#include <memory>
#include <span>

#include "qml/derivatives/differentiate.h"

namespace qml {

// A vjp() in two calls: the values at once, the way back when there are cotangents, from the states
// that were held meanwhile. Numbers have the same bits.
template <class T>
class HeldVjp {
 public:
  // Runs forwards on a copy of the batch; the program must live on. Throws as vjp() does.
  HeldVjp(const qsim::Program& program, const Batch& batch, Quantity quantity = Quantity::kExpval);
  ~HeldVjp();
  HeldVjp(const HeldVjp&) = delete;
  HeldVjp& operator=(const HeldVjp&) = delete;

  [[nodiscard]] std::span<const double> values() const;
  // False where the states have no room beside each other: back() would run forwards once more.
  [[nodiscard]] bool is_held() const;
  // Whether these are its numbers.
  [[nodiscard]] bool is_of(const Batch& batch) const;
  // Once: consumes the states.
  Gradients back(std::span<const double> cotangent);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace qml
