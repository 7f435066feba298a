#include "qsim/library/permutation.h"

#include <bit>
#include <vector>

#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"

namespace qsim {
namespace {

void require_permutation(std::span<const Index> images) {
  require(std::has_single_bit(images.size()) && images.size() >= 2,
          "the images of a permutation must be a power of 2 of 2 or more, got ", images.size());
  require(images.size() <= bit(kMaxPermutationQubits), "the images of a permutation are at most 2^",
          kMaxPermutationQubits, ", got ", images.size());
  std::vector<bool> seen(images.size());
  for (std::size_t k = 0; k < images.size(); ++k) {
    require(images[k] < images.size(), "the image of ", k, " is ", images[k], ", beyond ",
            images.size() - 1);
    require(!seen[images[k]], "the image ", images[k], " stands twice in a permutation");
    seen[images[k]] = true;
  }
}

// An X on one qubit where all others in a mask are 1.
struct ControlledFlip {
  Index controls = 0;
  Qubit target = 0;
};

void apply_to_images(const ControlledFlip& flip, std::vector<Index>& images) {
  const Index controls = flip.controls;
  for (Index& image : images) {
    if ((image & controls) == controls) image ^= bit(flip.target);
  }
  count_work(images.size() / 16 + 1);
}

// What takes the image of k to k and leaves the states below k, which are in their places, alone:
// none of them has all the ones of k or of its image.
void correct(Index k, std::vector<Index>& images, std::vector<ControlledFlip>& flips) {
  const auto flip_all = [&](Index missing, const auto& controls_now) {
    for (; missing != 0; missing &= missing - 1) {
      const Qubit target = std::countr_zero(missing);
      flips.push_back({controls_now() & ~bit(target), target});
      apply_to_images(flips.back(), images);
    }
  };
  flip_all(k & ~images[k], [&] { return images[k]; });
  flip_all(images[k] & ~k, [&] { return k; });
}

}  // namespace

Circuit permutation(std::span<const Index> images) {
  require_permutation(images);
  std::vector<Index> left(images.begin(), images.end());
  std::vector<ControlledFlip> flips;
  for (Index k = 0; k < left.size(); ++k) correct(k, left, flips);
  Circuit out(std::countr_zero(left.size()));
  for (std::size_t step = flips.size(); step-- > 0;) {
    count_work();
    std::vector<Control> controls;
    for (Index mask = flips[step].controls; mask != 0; mask &= mask - 1) {
      controls.push_back({std::countr_zero(mask), true});
    }
    out.gate("x", {}, {flips[step].target}, std::move(controls));
  }
  return out;
}

}  // namespace qsim
