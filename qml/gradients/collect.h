#pragma once

#include <span>
#include <utility>
#include <vector>

#include "qml/gradients/blocks.h"
#include "qml/gradients/layered_workspace.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/long_vector.h"
#include "qsim/core/memory.h"

// A row of results a sample, from the final states of a batch.

namespace qml {

template <class Value>
std::vector<Value> result(const qsim::Program& program, const Batch& batch,
                          std::size_t per_sample) {
  qsim::require_memory(
      static_cast<double>(batch.size) * static_cast<double>(per_sample) * sizeof(Value),
      "the result of a batch");
  check(program, batch);
  return qsim::long_vector<Value>(batch.size * per_sample);
}

// A row of the result per sample that `write` fills from its final state.
template <class T, class Value, class Write>
std::vector<Value> collect(const qsim::Program& program, const Batch& batch, std::size_t per_sample,
                           const Write& write) {
  std::vector<Value> out = result<Value>(program, batch, per_sample);
  const auto row = [&](std::size_t sample) {
    return std::span(out).subspan(sample * per_sample, per_sample);
  };
  if (runs_in_blocks<T>(program, batch)) {
    for_blocks<T>(program, batch, {}, [&](std::size_t first, BlockWorker<T>& worker) {
      worker.block().forward();
      for (qsim::Index lane = 0; lane < worker.block().count(); ++lane) {
        write(first + lane, worker.state(lane), row(first + lane));
      }
    });
    return out;
  }
  const auto one = [&](std::size_t sample, auto& workspace) {
    qsim::poll_interrupt();
    workspace.forward();
    write(sample, std::as_const(workspace).ket(), row(sample));
  };
  if (runs_layered<T>(program, batch)) {
    for_layered<T>(program, batch, false, one);
  } else {
    for_samples<T>(program, batch, one, 1, 1);
  }
  return out;
}

}  // namespace qml
