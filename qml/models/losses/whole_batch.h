#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "qml/models/loss.h"

// Losses of a whole batch. Of distributions the outputs and the targets of a row are two of them, p
// and q, and means over the rows are weighted; all throw ValueError for sizes that do not go
// together.

namespace qml {

// How far apart two outcomes are: as numbers, or by how many bits differ.
enum class OutcomeDistance : unsigned char { kIntegers, kBits };

// The squared maximum mean discrepancy (p − q) K (p − q), K(i, j) the mean of exp(−d²/(2s)) over
// the bandwidths s > 0, where d² of bits is their number (Liu & Wang 2018, arXiv:1804.04168, eq.
// 5). K is not stored: of numbers it depends on the distance alone, of bits it is a product.
BatchLossFunction mmd(std::size_t n_outcomes, std::vector<double> bandwidths,
                      OutcomeDistance distance);

// −Σ q log p and Σ q log(q/p). A p below the smallest normal number counts as that.
BatchLossFunction negative_log_likelihood();
BatchLossFunction kl_divergence();

// 1 − A, A the alignment of the outputs' kernel with that of the targets, both centred (Cortes,
// Mohri & Rostamizadeh 2012, arXiv:1203.0550); the products of outputs are the kernel, or Gaussians
// exp(−|z − z′|²/(2s)) of bandwidth s > 0. A kernel that is constant has alignment 0 with all.
BatchLossFunction kernel_alignment(std::optional<double> bandwidth);

// Of the rows, summing to 1. Throws ValueError for weights that are negative or have no positive,
// finite sum.
std::vector<double> shares_of(const LossBatch& batch);

}  // namespace qml
