#pragma once

#include <atomic>
#include <memory>

namespace qsim {

// What make() returns, made at the first call and the same ever after. Unlike a static variable of
// a function it has no lock, which a fork in another thread could leave closed in the child, and is
// never destroyed, as threads may run on while the process exits. Threads that come first at the
// same time all make it, and one is kept. Every place in the source has its own.
template <class Make>
const auto& made_once(Make make) {
  using Thing = decltype(make());
  static constinit std::atomic<const Thing*> kept{nullptr};
  const Thing* found = kept.load();
  if (found != nullptr) return *found;
  auto own = std::make_unique<const Thing>(make());
  return kept.compare_exchange_strong(found, own.get()) ? *own.release() : *found;
}

}  // namespace qsim
