#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <utility>

#include "qsim/core/cache.h"

namespace qsim {

// A thing borrowed from a cache, made where none is kept. It goes back when the loan ends, unless
// that is by an exception: then it may hold anything.
template <class Thing>
class Loan {
 public:
  // make() returns a unique_ptr; what is kept is made again where fits(thing) does not hold.
  template <class Make, class Fits>
  Loan(Cache& cache, std::size_t key, const Make& make, const Fits& fits)
      : cache_(cache), key_(key), thing_(cache.take<Thing>(key)) {
    if (!thing_ || !fits(*thing_)) thing_ = make();
  }
  template <class Make>
  Loan(Cache& cache, std::size_t key, const Make& make)
      : Loan(cache, key, make, [](const Thing&) { return true; }) {}
  ~Loan() {
    if (!thing_ || std::uncaught_exceptions() > exceptions_) return;
    try {
      cache_.put(key_, std::move(thing_));
    } catch (const std::bad_alloc&) {  // then it is made again next time
    }
  }
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;

  Thing& operator*() const { return *thing_; }
  Thing* operator->() const { return thing_.get(); }
  // It is not to be kept.
  void end() { thing_.reset(); }

 private:
  Cache& cache_;
  std::size_t key_;
  std::unique_ptr<Thing> thing_;
  int exceptions_ = std::uncaught_exceptions();
};

}  // namespace qsim
