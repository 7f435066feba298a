#pragma once

#include <span>
#include <vector>

#include "qml/derivatives/evaluate.h"
#include "qsim/core/long_vector.h"
#include "qsim/core/memory.h"
#include "qsim/engines/batch_run.h"

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
  qsim::BatchRun<T>(program, batch).for_slices([&](qsim::Worker<T>& worker) {
    worker.forward();
    for (std::size_t k = 0; k < worker.count(); ++k) {
      const std::size_t sample = worker.first() + k;
      write(sample, worker.state(k), std::span(out).subspan(sample * per_sample, per_sample));
    }
  });
  return out;
}

}  // namespace qml
