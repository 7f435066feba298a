#include "qsim/circuit/box.h"

#include <algorithm>

#include "qsim/circuit/check_operation.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/matrix.h"
#include "qsim/core/utf8.h"

namespace qsim {
namespace {

constexpr std::string_view kDagger = "†";

bool is_barrier(const Operation& op) { return op.row->kind == GateKind::kBarrier; }

// Which qubits the box has that was marked last.
class QubitMarks {
 public:
  explicit QubitMarks(int n_qubits) : marks_(static_cast<std::size_t>(n_qubits), 0) {}

  void mark(std::span<const Qubit> qubits) {
    ++mark_;
    for (const Qubit q : qubits) marks_[static_cast<std::size_t>(q)] = mark_;
  }
  [[nodiscard]] bool has(Qubit q) const { return marks_[static_cast<std::size_t>(q)] == mark_; }

 private:
  std::vector<std::size_t> marks_;
  std::size_t mark_ = 0;
};

void check_qubits(const Box& box, std::span<const Operation> operations, const QubitMarks& marks) {
  const std::vector<Control> shared = controls_of(box, operations);
  std::vector<Control> outside;
  for (const Operation& op : operations.subspan(box.first, box.count)) {
    count_work(work_of(op));
    for (const Qubit q : op.targets) {
      require(marks.has(q), "box '", box.label, "' lacks qubit ", q, ", which its '", op.row->name,
              "' acts on");
    }
    if (is_barrier(op)) continue;
    outside.clear();
    for (const Control& control : op.controls) {
      if (!marks.has(control.qubit)) outside.push_back(control);
    }
    require(outside == shared, "box '", box.label, "' lacks qubits that control some of its ",
            "operations, but not all");
  }
}

}  // namespace

void check_label(std::string_view label) {
  require(!label.empty(), "the label of a box is ''; it must have a character");
  std::string_view rest = label;
  if (rest.ends_with(kDagger)) rest.remove_suffix(kDagger.size());
  constexpr std::size_t kLongestCharacter = 4;  // bytes
  require(rest.size() <= kLongestCharacter * kLongestLabel, "the label of a box has ", rest.size(),
          " bytes; the limit is ", kLongestLabel, " characters");  // before it is decoded
  const std::size_t length = decode_utf8(rest).size();
  require(length <= kLongestLabel, "the label of a box has ", length, " characters; the limit is ",
          kLongestLabel);
}

void check_boxes(std::span<const Box> boxes, std::span<const Operation> operations, int n_qubits) {
  std::vector<const Box*> around;
  QubitMarks marks(n_qubits);
  std::size_t begun = 0;
  for (const Box& box : boxes) {
    count_work();
    check_label(box.label);
    const std::size_t size = operations.size();
    require(box.count >= 1 && box.first <= size && box.count <= size - box.first, "box '",
            box.label, "' has ", box.count, " operation(s) from ", box.first, " on, of ", size);
    require(box.first >= begun, "box '", box.label, "' begins at ", box.first,
            ", before the one that comes before it");
    begun = box.first;
    while (!around.empty() && around.back()->end() <= box.first) around.pop_back();
    require(around.empty() || box.end() <= around.back()->end(), "box '", box.label,
            "' ends behind the one around it");
    require(around.size() < kDeepestBox, "more than ", kDeepestBox,
            " boxes are around one another");
    require(!box.qubits.empty(), "box '", box.label, "' has no qubits");
    require_distinct(box.qubits, n_qubits);
    if (!around.empty()) {
      marks.mark(around.back()->qubits);
      for (const Qubit q : box.qubits) {
        require(marks.has(q), "box '", box.label, "' has qubit ", q, ", which '",
                around.back()->label, "' around it lacks");
      }
    }
    marks.mark(box.qubits);
    check_qubits(box, operations, marks);
    around.push_back(&box);
  }
}

std::size_t depth_of(std::span<const Box> boxes) {
  std::size_t deepest = 0;
  std::vector<std::size_t> ends;
  for (const Box& box : boxes) {
    count_work();
    while (!ends.empty() && ends.back() <= box.first) ends.pop_back();
    ends.push_back(box.end());
    deepest = std::max(deepest, ends.size());
  }
  return deepest;
}

std::vector<Control> controls_of(const Box& box, std::span<const Operation> operations) {
  const auto own = operations.subspan(box.first, box.count);
  const auto op = std::ranges::find_if_not(own, is_barrier);
  std::vector<Control> out;
  if (op == own.end()) return out;
  std::vector<Qubit> qubits = box.qubits;
  std::ranges::sort(qubits);
  for (const Control& control : op->controls) {
    if (!std::ranges::binary_search(qubits, control.qubit)) out.push_back(control);
  }
  return out;
}

std::string inverse_label(std::string label) {
  if (!label.ends_with(kDagger) || label == kDagger) return label.append(kDagger);
  label.resize(label.size() - kDagger.size());
  return label;
}

void invert_boxes(std::span<Box> boxes, std::size_t begin, std::size_t end) {
  for (Box& box : boxes) {
    count_work();
    box.first = begin + (end - box.end());
    box.label = inverse_label(std::move(box.label));
  }
  // Of boxes with the same operations, the one around the others stays before them.
  std::ranges::stable_sort(boxes, [](const Box& a, const Box& b) {
    return a.first != b.first ? a.first < b.first : a.count > b.count;
  });
}

std::vector<Box> boxes_left(std::span<const Box> boxes, const std::vector<bool>& dropped) {
  std::vector<Box> out;
  if (boxes.empty()) return out;
  std::vector<std::size_t> n_dropped{0};  // of the first k operations
  for (const bool is_dropped : dropped)
    n_dropped.push_back(n_dropped.back() + (is_dropped ? 1 : 0));
  for (const Box& box : boxes) {
    count_work();
    const std::size_t before = n_dropped[box.first];
    if (n_dropped[box.end()] != before) continue;
    out.push_back(box);
    out.back().first -= before;
  }
  return out;
}

}  // namespace qsim
