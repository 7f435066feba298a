#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/circuit/operation.h"

namespace qsim {

inline constexpr std::size_t kLongestLabel = 100;  // characters, a "†" at the end apart
inline constexpr std::size_t kDeepestBox = 100;    // boxes around one another

// Operations [first, first + count) of a circuit, at least one, that are one thing to a reader:
// drawn as a box, a gate of its own in files. It is on these qubits, port k on qubits[k]; its
// operations may have controls on others if they all have the same (barriers apart).
struct Box {
  std::string label{};
  std::size_t first = 0;
  std::size_t count = 0;
  std::vector<Qubit> qubits{};

  [[nodiscard]] std::size_t end() const { return first + count; }
  bool operator==(const Box&) const = default;
};

// ValueError for labels that are empty or too long.
void check_label(std::string_view label);

// ValueError unless these are boxes of so many qubits and these operations: in the order in which
// they begin, those around others before them, none cutting another, none with a qubit that the box
// around it lacks.
void check_boxes(std::span<const Box> boxes, std::span<const Operation> operations, int n_qubits);

// The most of them around one operation.
std::size_t depth_of(std::span<const Box> boxes);

// The controls on other qubits that all its operations have.
std::vector<Control> controls_of(const Box& box, std::span<const Operation> operations);

// "QFT†" for "QFT", and the other way round.
std::string inverse_label(std::string label);

// The boxes of operations [begin, end) when those are inverted; of boxes in [begin, end) alone.
void invert_boxes(std::span<Box> boxes, std::size_t begin, std::size_t end);

// The boxes of what is left of the operations: those that keep all of theirs.
std::vector<Box> boxes_left(std::span<const Box> boxes, const std::vector<bool>& dropped);

}  // namespace qsim
