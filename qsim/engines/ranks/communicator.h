#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/core/types.h"

// How ranks reach each other, and what they agree on. Every rank calls the same functions in the
// same order; a function says where it is not so.

namespace qsim {

// What a rank is told where another failed and its error has no type of its own here, as an
// interrupt of Python's.
class RankError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Communicator {
 public:
  Communicator() = default;
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;
  virtual ~Communicator() = default;

  [[nodiscard]] virtual int rank() const = 0;
  [[nodiscard]] virtual int size() const = 0;  // a power of two
  [[nodiscard]] int rank_bits() const;

  // What bytes belong to; they are counted apart.
  enum class Traffic : unsigned char { kAmplitudes, kAgreements };
  // Two ranks send each other as many bytes. Between start and finish, which both block for as
  // long as they like, neither buffer is touched; one such trade at a time.
  void start(int partner, std::span<const std::byte> out, std::span<std::byte> in, Traffic traffic);
  virtual void finish() = 0;
  // Both at once, for a few bytes.
  void trade(int partner, std::span<const std::byte> out, std::span<std::byte> in);

  // Bytes of amplitudes that this rank has sent, and how many times.
  [[nodiscard]] std::uint64_t amplitude_bytes() const { return amplitude_bytes_; }
  [[nodiscard]] std::uint64_t amplitude_trades() const { return amplitude_trades_; }

  // Sums over the ranks, added in one order: the same bits on all ranks, every time.
  void sum(std::span<double> values);
  void sum(std::span<Index> values);
  // One number of every rank.
  std::vector<std::uint64_t> gather(std::uint64_t value);
  // Those of rank 0.
  std::uint64_t of_first(std::uint64_t value);

  // Calls the body, which does not communicate. Where that fails on a rank, all ranks throw: that
  // one its error, the others one of the same type that names the rank. Of several the lowest
  // tells.
  void together(const std::function<void()>& body);

  // ValueError on all ranks where the number, a hash of `what`, is not that of rank 0 everywhere.
  void require_same(std::uint64_t hash, std::string_view what);

 private:
  virtual void start_trade(int partner, std::span<const std::byte> out, std::span<std::byte> in,
                           Traffic traffic) = 0;

  std::uint64_t amplitude_bytes_ = 0;
  std::uint64_t amplitude_trades_ = 0;
};

// ValueError where a number of ranks is no power of two.
void require_power_of_two(int ranks);

}  // namespace qsim
