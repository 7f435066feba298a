#include "qsim/engines/ranks/thread_ranks.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "qsim/core/error.h"

namespace qsim {
namespace {

// What a rank is told that waits for one that failed.
class PartnerEnded : public RankError {
 public:
  using RankError::RankError;
};

// The error of the lowest rank that did not only wait for another.
void rethrow_first(const std::vector<std::exception_ptr>& errors) {
  std::exception_ptr waited;
  for (const std::exception_ptr& error : errors) {
    try {
      if (error) std::rethrow_exception(error);
    } catch (const PartnerEnded&) {
      waited = error;
    }
  }
  if (waited) std::rethrow_exception(waited);
}

// What ranks have sent and nobody has taken yet, by (from, to).
class Mail {
 public:
  void send(int from, int to, std::span<const std::byte> bytes) {
    const std::lock_guard lock(mutex_);
    boxes_[{from, to}].emplace_back(bytes.begin(), bytes.end());
    arrived_.notify_all();
  }

  void receive(int from, int to, std::span<std::byte> bytes) {
    std::unique_lock lock(mutex_);
    auto& box = boxes_[{from, to}];
    arrived_.wait(lock, [&] { return !box.empty() || ended_.contains(from); });
    if (box.empty()) throw PartnerEnded(concat("rank ", to, ": rank ", from, " has ended"));
    require<std::logic_error>(box.front().size() == bytes.size(), "rank ", from, " sent ",
                              box.front().size(), " bytes, and rank ", to, " waits for ",
                              bytes.size());
    std::ranges::copy(box.front(), bytes.begin());
    box.erase(box.begin());
  }

  // Nobody waits for what it has not sent.
  void end(int rank) {
    const std::lock_guard lock(mutex_);
    ended_.insert(rank);
    arrived_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<std::pair<int, int>, std::vector<std::vector<std::byte>>> boxes_;
  std::set<int> ended_;
};

class ThreadCommunicator : public Communicator {
 public:
  ThreadCommunicator(Mail& mail, int rank, int size) : mail_(mail), rank_(rank), size_(size) {}

  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return size_; }
  void finish() override { mail_.receive(partner_, rank_, in_); }

 private:
  void start_trade(int partner, std::span<const std::byte> out, std::span<std::byte> in,
                   Traffic /*traffic*/) override {
    mail_.send(rank_, partner, out);
    partner_ = partner;
    in_ = in;
  }

  Mail& mail_;
  int rank_;
  int size_;
  int partner_ = 0;
  std::span<std::byte> in_;
};

}  // namespace

void run_ranks(int ranks, const std::function<void(Communicator&)>& body) {
  require_power_of_two(ranks);
  Mail mail;
  std::vector<std::exception_ptr> errors(static_cast<std::size_t>(ranks));
  std::vector<std::thread> threads;
  threads.reserve(errors.size());
  for (int rank = 0; rank < ranks; ++rank) {
    threads.emplace_back([&, rank] {
      ThreadCommunicator comm(mail, rank, ranks);
      try {
        body(comm);
      } catch (...) {
        errors[static_cast<std::size_t>(rank)] = std::current_exception();
      }
      mail.end(rank);
    });
  }
  for (std::thread& thread : threads) thread.join();
  rethrow_first(errors);
}

}  // namespace qsim
