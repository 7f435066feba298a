#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "qsim/compile/segments.h"
#include "qsim/core/count_work.h"

// What planners share that cut a program up: steps that commute with all those before them that are
// still to be done may be taken first.

namespace qsim {

// Those of all steps.
std::vector<Roles> roles_of_all(const Program& program);

// The steps from the first on, in order.
std::vector<int> all_steps(const Program& program, Start start);

// Steps that were passed over, as a barrier for later ones.
class StepBarrier {
 public:
  void add(const Roles& roles) {
    skipped_.x |= roles.x;
    skipped_.y |= roles.y;
    skipped_.z |= roles.z;
    skipped_.other |= roles.other;
  }
  [[nodiscard]] bool lets_pass(const Roles& r) const {
    const auto& [x, y, z, other] = skipped_;
    return ((r.x & (y | z | other)) | (r.y & (x | z | other)) | (r.z & (x | y | other)) |
            (r.other & (x | y | z | other))) == 0;
  }
  // The qubits on which no step can pass.
  [[nodiscard]] Index closed() const {
    const auto& [x, y, z, other] = skipped_;
    return other | (x & y) | (x & z) | (y & z);
  }

 private:
  Roles skipped_;
};

// However many steps could still overtake those passed over, looking further ahead is not worth it.
inline constexpr std::size_t kMostPassedOver = 2048;

// Steps still to be done, in order.
class StepQueue {
 public:
  StepQueue(std::vector<int> steps, const std::vector<Roles>& roles, Index all)
      : steps_(std::move(steps)), roles_(roles), all_(all) {}

  [[nodiscard]] bool empty() const { return start_ == steps_.size(); }
  [[nodiscard]] int front() const { return steps_[start_]; }
  int pop() { return steps_[start_++]; }
  // All that are left.
  [[nodiscard]] std::span<const int> steps() const { return std::span(steps_).subspan(start_); }

  // Takes out the steps that `takes` wants and that may come before all those passed over. Ends
  // where no step can pass any more, so that the cost does not depend on what comes after.
  template <class Takes>
  std::vector<int> take(const Takes& takes) {
    StepBarrier barrier;
    std::vector<int> taken;
    std::vector<int> left;
    std::size_t at = start_;
    for (; at < steps_.size() && barrier.closed() != all_ && left.size() < kMostPassedOver; ++at) {
      count_work();
      const int k = steps_[at];
      const Roles& roles = roles_[static_cast<std::size_t>(k)];
      if (barrier.lets_pass(roles) && takes(k, roles)) {
        taken.push_back(k);
      } else {
        barrier.add(roles);
        left.push_back(k);
      }
    }
    start_ = at - left.size();
    std::copy(left.begin(), left.end(), steps_.begin() + static_cast<std::ptrdiff_t>(start_));
    return taken;
  }

 private:
  std::vector<int> steps_;
  std::size_t start_ = 0;
  const std::vector<Roles>& roles_;
  Index all_;
};

}  // namespace qsim
