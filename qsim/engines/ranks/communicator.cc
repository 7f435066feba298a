#include "qsim/engines/ranks/communicator.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <exception>
#include <limits>

#include "qsim/core/atomic_file.h"
#include "qsim/core/bits.h"
#include "qsim/core/error.h"

namespace qsim {
namespace {

template <class Number>
void sum_values(Communicator& comm, std::span<Number> values) {
  std::vector<Number> theirs(values.size());
  for (int k = 0; k < comm.rank_bits(); ++k) {
    const int partner = comm.rank() ^ (1 << k);
    comm.trade(partner, std::as_bytes(values), std::as_writable_bytes(std::span(theirs)));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += theirs[i];
  }
}

// How a body went on the lowest rank that failed.
struct Outcome {
  enum class Kind : std::uint8_t { kFine, kValue, kIndex, kMemory, kFile, kOther };
  std::int32_t rank = std::numeric_limits<std::int32_t>::max();
  std::int32_t code = 0;  // of a file
  Kind kind = Kind::kFine;
  std::array<char, 503> text{};

  void say(Kind what, const char* message) {
    kind = what;
    std::strncpy(text.data(), message, text.size() - 1);
  }
};
static_assert(sizeof(Outcome) == 512);

Outcome outcome_of(int rank, const std::exception_ptr& error) {
  Outcome out;
  if (!error) return out;
  out.rank = rank;
  using enum Outcome::Kind;
  try {
    std::rethrow_exception(error);
  } catch (const ValueError& e) {
    out.say(kValue, e.what());
  } catch (const IndexError& e) {
    out.say(kIndex, e.what());
  } catch (const FileError& e) {
    out.say(kFile, e.what());
    out.code = e.code;
  } catch (const std::bad_alloc& e) {
    out.say(kMemory, e.what());
  } catch (const std::exception& e) {
    out.say(kOther, e.what());
  } catch (...) {
    out.say(kOther, "it was abandoned");
  }
  return out;
}

[[noreturn]] void throw_outcome(const Outcome& outcome) {
  const std::string text = concat("rank ", outcome.rank, ": ", outcome.text.data());
  switch (outcome.kind) {
    case Outcome::Kind::kValue:
      throw ValueError(text);
    case Outcome::Kind::kIndex:
      throw IndexError(text);
    case Outcome::Kind::kMemory:
      throw MemoryError(text);
    case Outcome::Kind::kFile:
      throw FileError(text, outcome.code);
    case Outcome::Kind::kFine:
    case Outcome::Kind::kOther:
      break;
  }
  throw RankError(text);
}

}  // namespace

int Communicator::rank_bits() const { return std::countr_zero(static_cast<unsigned>(size())); }

void Communicator::start(int partner, std::span<const std::byte> out, std::span<std::byte> in,
                         Traffic traffic) {
  if (traffic == Traffic::kAmplitudes) {
    amplitude_bytes_ += out.size();
    ++amplitude_trades_;
  }
  start_trade(partner, out, in, traffic);
}

void Communicator::trade(int partner, std::span<const std::byte> out, std::span<std::byte> in) {
  start(partner, out, in, Traffic::kAgreements);
  finish();
}

// A butterfly: in every round the sums of two halves are added, and both get the same.
void Communicator::sum(std::span<double> values) { sum_values(*this, values); }
void Communicator::sum(std::span<Index> values) { sum_values(*this, values); }

std::vector<std::uint64_t> Communicator::gather(std::uint64_t value) {
  std::vector<std::uint64_t> out(static_cast<std::size_t>(size()));
  out[static_cast<std::size_t>(rank())] = value;
  for (int k = 0; k < rank_bits(); ++k) {
    const auto count = std::size_t{1} << k;
    const auto mine = static_cast<std::size_t>(rank()) & ~(count - 1);
    const std::size_t theirs = mine ^ count;
    trade(rank() ^ (1 << k), std::as_bytes(std::span(out).subspan(mine, count)),
          std::as_writable_bytes(std::span(out).subspan(theirs, count)));
  }
  return out;
}

std::uint64_t Communicator::of_first(std::uint64_t value) {
  Index number = rank() == 0 ? value : 0;
  sum({&number, 1});
  return number;
}

void Communicator::together(const std::function<void()>& body) {
  std::exception_ptr error;
  try {
    body();
  } catch (...) {
    error = std::current_exception();
  }
  Outcome first = outcome_of(rank(), error);
  for (int k = 0; k < rank_bits(); ++k) {
    Outcome theirs;
    trade(rank() ^ (1 << k), std::as_bytes(std::span(&first, 1)),
          std::as_writable_bytes(std::span(&theirs, 1)));
    if (theirs.rank < first.rank) first = theirs;
  }
  if (error) std::rethrow_exception(error);
  if (first.kind != Outcome::Kind::kFine) throw_outcome(first);
}

void Communicator::require_same(std::uint64_t hash, std::string_view what) {
  const std::vector<std::uint64_t> hashes = gather(hash);
  for (std::size_t k = 1; k < hashes.size(); ++k) {
    require(hashes[k] == hashes[0], "rank ", k, " has another ", what, " than rank 0");
  }
}

void require_power_of_two(int ranks) {
  require(ranks >= 1 && std::has_single_bit(static_cast<unsigned>(ranks)), "got ", ranks,
          " ranks; their number must be a power of two");
}

}  // namespace qsim
