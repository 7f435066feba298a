// Training steps allocate nothing once the first have made their buffers: an epoch of twice as many
// steps allocates as often as a short one. An executable of its own, for its operator new.

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qml/circuits/ansatz.h"
#include "qml/circuits/feature_map.h"
#include "qml/models/trainer.h"
#include "qsim/core/parallel.h"

namespace {

std::atomic<long> allocations{0};

void* allocate(std::size_t size, std::size_t alignment) {
  ++allocations;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  if (void* out = std::aligned_alloc(alignment, rounded)) return out;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* pointer) noexcept { std::free(pointer); }
void operator delete(void* pointer, std::size_t) noexcept { std::free(pointer); }
void operator delete(void* pointer, std::align_val_t) noexcept { std::free(pointer); }
void operator delete(void* pointer, std::size_t, std::align_val_t) noexcept { std::free(pointer); }

namespace {

constexpr int kQubits = 4;
constexpr std::size_t kBatch = 16;

qml::Model model_of(std::string_view feature_map, bool single) {
  qsim::Circuit circuit = qml::make_feature_map(feature_map, kQubits);
  const auto inputs = circuit.parameters();
  circuit.compose(qml::make_ansatz("strongly_entangling", circuit.n_qubits(), 2));
  const int n = circuit.n_qubits();
  qml::Model model(circuit, {qsim::PauliSum::parse("Z0", n), qsim::PauliSum::parse("X1", n)},
                   inputs, single);
  model.initialize(1, 1.0);
  return model;
}

// Allocations of an epoch of `steps` steps, after one like it.
long in_epoch(std::string_view feature_map, bool single, std::size_t steps) {
  qml::Trainer trainer(model_of(feature_map, single), {.batch_size = kBatch});
  const std::size_t size = steps * kBatch;
  std::vector<double> inputs(size * kQubits);
  std::vector<double> targets(size * 2);
  for (std::size_t k = 0; k < inputs.size(); ++k)
    inputs[k] = 0.1 + 0.01 * static_cast<double>(k % 97);
  for (std::size_t k = 0; k < size; ++k) targets[2 * k + k % 2] = 1.0;
  const qml::Dataset data{.size = size, .inputs = inputs, .targets = targets};
  trainer.step_epoch(data);
  const long before = allocations;
  trainer.step_epoch(data);
  return allocations - before;
}

bool check(std::string_view feature_map, bool single, int threads) {
  qsim::set_num_threads(threads);
  const long few = in_epoch(feature_map, single, 3);
  const long many = in_epoch(feature_map, single, 12);
  std::printf("%s, %s, %d thread(s): %ld allocations in 3 steps, %ld in 12\n",
              std::string(feature_map).c_str(), single ? "single" : "double", threads, few, many);
  return few == many;
}

}  // namespace

int main() {
  bool good = true;
  for (const auto feature_map : qml::feature_map_names()) {
    for (const bool single : {false, true}) {
      for (const int threads : {1, 2}) good = check(feature_map, single, threads) && good;
    }
  }
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
