#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <typeindex>
#include <utility>
#include <vector>

#include "qsim/core/fork.h"

namespace qsim {

// Things that are costly to make and belong to one object, kept between uses: whoever needs one
// takes it out, so that nobody else has it, and puts it back. It stays with the object's address: a
// copy, or what the object is moved to, starts empty.
class Cache {
 public:
  Cache() = default;
  Cache(const Cache& /*other*/) {}
  Cache& operator=(const Cache& /*other*/) {
    clear();
    return *this;
  }
  ~Cache() = default;

  // One of the things of a type and a key, or none.
  template <class Thing>
  std::unique_ptr<Thing> take(std::size_t key) {
    const std::lock_guard lock(fork_mutex());
    for (auto it = kept_.rbegin(); it != kept_.rend(); ++it) {
      if (it->type != std::type_index(typeid(Thing)) || it->key != key) continue;
      std::unique_ptr<Thing> out(static_cast<Thing*>(it->thing.release()));
      kept_.erase(std::next(it).base());
      return out;
    }
    return nullptr;
  }

  template <class Thing>
  void put(std::size_t key, std::unique_ptr<Thing> thing) {
    std::vector<Kept> dropped;  // and destroyed when the lock is open again
    const std::lock_guard lock(fork_mutex());
    if (kept_.size() >= kMostKept) {
      dropped.push_back(std::move(kept_.front()));
      kept_.erase(kept_.begin());
    }
    kept_.push_back({std::type_index(typeid(Thing)), key, {thing.release(), [](void* p) {
                                                             delete static_cast<Thing*>(p);
                                                           }}});
  }

  void clear() {
    std::vector<Kept> dropped;
    const std::lock_guard lock(fork_mutex());
    dropped.swap(kept_);
  }

 private:
  static constexpr std::size_t kMostKept = 8;
  struct Kept {
    std::type_index type;
    std::size_t key;
    std::unique_ptr<void, void (*)(void*)> thing;
  };
  std::vector<Kept> kept_;  // the longest unused first
};

}  // namespace qsim
