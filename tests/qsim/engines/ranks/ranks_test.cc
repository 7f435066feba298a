#include <filesystem>
#include <fstream>
#include <mutex>

#include "qsim/core/atomic_file.h"
#include "qsim/core/parallel.h"
#include "qsim/engines/ranks/moves.h"
#include "qsim/engines/ranks/rank_file.h"
#include "qsim/engines/ranks/rank_observables.h"
#include "qsim/engines/ranks/thread_ranks.h"
#include "tests/catch.h"
#include "tests/qsim/engines/ranks/rank_cases.h"
#include "tests/scratch_path.h"

namespace {

using qsim::Communicator;
using reference::RankCase;

class OneThread {
 public:
  OneThread() { qsim::set_num_threads(1); }
  ~OneThread() { qsim::set_num_threads(0); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;
};

// What ranks throw, each for itself, as the lowest tells it.
template <class E>
std::string rank_error(int ranks, const std::function<void(Communicator&)>& body) {
  const OneThread one;
  return reference::error_of<E>([&] { qsim::run_ranks(ranks, body); });
}

// While it lives, amplitudes travel in pieces of so many bytes.
class Pieces {
 public:
  explicit Pieces(std::size_t bytes) { qsim::set_piece_bytes(bytes); }
  ~Pieces() { qsim::set_piece_bytes(0); }
  Pieces(const Pieces&) = delete;
  Pieces& operator=(const Pieces&) = delete;
};

class Folder {
 public:
  Folder() : path_(reference::scratch_path("ketgrad_rank_files")) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file() const { return path_ / "state"; }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      out.push_back(entry.path());
    }
    std::ranges::sort(out);
    return out;
  }

 private:
  std::filesystem::path path_;
};

// The largest of what ranks find; −1 where the program is too wide for them.
double largest_of(int ranks, const std::function<double(Communicator&)>& find) {
  const OneThread one;
  std::mutex mutex;
  double out = 0;
  try {
    qsim::run_ranks(ranks, [&](Communicator& comm) {
      const double found = find(comm);
      const std::lock_guard lock(mutex);
      out = reference::larger(out, found);
    });
  } catch (const qsim::ValueError& error) {
    if (reference::contains(error.what(), "take fewer ranks")) return -1;
    throw;
  }
  return out;
}

}  // namespace

TEMPLATE_TEST_CASE("random programs on ranks: states", "[ranks]", double, float) {
  int too_wide = 0;
  for (int seed = 0; seed < 60; ++seed) {
    const int n_qubits = 4 + seed % 5;
    const RankCase c(n_qubits, 25, static_cast<std::uint64_t>(seed), seed % 4 == 0);
    for (const int ranks : {1, 2, 4, 8}) {
      if (ranks > 1 << (n_qubits - 2)) continue;
      INFO("seed " << seed << ", ranks " << ranks);
      const double error = largest_of(
          ranks, [&](Communicator& comm) { return reference::state_error<TestType>(comm, c); });
      CHECK(error < reference::kTolerance<TestType>);
      too_wide += error < 0 ? 1 : 0;
    }
  }
  CHECK(too_wide < 60);  // of 234
}

TEST_CASE("amplitudes travel in pieces of any size", "[ranks]") {
  const RankCase c(8, 40, 31);
  for (const std::size_t bytes : {16U, 64U, 256U, 1024U}) {
    const Pieces pieces(bytes);
    CHECK(largest_of(4, [&](Communicator& comm) {
            return reference::state_error<double>(comm, c);
          }) < 1e-13);
  }
}

TEST_CASE("a program acts on any state on ranks", "[ranks]") {
  const RankCase first(6, 20, 41);
  const RankCase second(6, 20, 42);
  const auto both = reference::apply(second.circuit, second.values,
                                     reference::simulate(first.circuit, first.values));
  const auto start = reference::simulate(first.circuit, first.values);
  CHECK(largest_of(4, [&](Communicator& comm) {
          qsim::RankProgram<double> program(comm, second.program);
          auto state = qsim::RankProgram<double>(comm, first.program).run(first.parameters);
          program.apply(second.parameters, state);
          reference::Largest error;
          error.add(reference::parts(state.amplitudes(0, 64)), reference::parts(both));
          state.set_amplitudes([&](qsim::Index i) { return start[static_cast<Eigen::Index>(i)]; });
          program.apply(second.parameters, state);
          error.add(reference::parts(state.amplitudes(0, 64)), reference::parts(both));
          error.add({state.norm()}, {1.0});
          return error.value();
        }) < 1e-13);
}

TEST_CASE("marginals on ranks", "[ranks]") {
  const RankCase c(6, 30, 51);
  const auto whole = reference::to_state<double>(reference::simulate(c.circuit, c.values));
  CHECK(largest_of(8, [&](Communicator& comm) {
          const auto state = qsim::RankProgram<double>(comm, c.program).run(c.parameters);
          reference::Largest error;
          for (const std::vector<int>& qubits : reference::arrangements(2, 6)) {
            error.add(state.probabilities(qubits), whole.probabilities(qubits));
          }
          error.add(state.probabilities({}), whole.probabilities());
          return error.value();
        }) < 1e-13);
}

TEST_CASE("any number of ranks loads what any number saved", "[ranks]") {
  const RankCase c(6, 30, 61);
  const auto expected = reference::parts(reference::simulate(c.circuit, c.values));
  const Folder folder;
  for (const int savers : {1, 2, 8, 32}) {
    largest_of(savers, [&](Communicator& comm) {
      qsim::RankState<double> state(comm, 6);
      state.set_amplitudes([&](qsim::Index i) {
        return std::complex<double>(expected[2 * i], expected[2 * i + 1]);
      });
      qsim::save_ranks(state, folder.file());
      return 0.0;
    });
    CHECK(folder.names().size() == static_cast<std::size_t>(savers) + 1);
    for (const int loaders : {1, 2, 4, 32}) {
      CHECK(largest_of(loaders, [&](Communicator& comm) {
              reference::Largest error;
              error.add(
                  reference::parts(qsim::load_ranks<double>(comm, folder.file()).amplitudes(0, 64)),
                  expected);
              return error.value();
            }) == 0);
    }
  }
}

TEST_CASE("damaged states on ranks are refused by all of them", "[ranks]") {
  const Folder folder;
  const auto save = [&] {
    largest_of(2, [&](Communicator& comm) {
      qsim::RankState<double> state(comm, 6);
      qsim::save_ranks(state, folder.file());
      return 0.0;
    });
  };
  const auto error = [&] {
    return rank_error<qsim::ValueError>(
        4, [&](Communicator& comm) { qsim::load_ranks<double>(comm, folder.file()); });
  };
  const auto change = [](const std::string& path, long at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file.put('#');
  };
  save();
  const std::vector<std::string> names = folder.names();
  change(names[2], 100);  // amplitudes of the second half
  CHECK(reference::contains(error(), "is damaged"));
  std::filesystem::copy_file(names[1], names[2], std::filesystem::copy_options::overwrite_existing);
  CHECK(reference::contains(error(), "belongs to another state"));
  save();
  change(folder.file(), 20);
  CHECK(reference::contains(error(), "is damaged"));
  CHECK(reference::contains(
      rank_error<qsim::ValueError>(
          2, [&](Communicator& comm) { qsim::load_ranks<float>(comm, folder.file()); }),
      "is damaged"));
  save();
  for (const std::string& name : folder.names()) {
    if (name != folder.file()) std::filesystem::remove(name);
  }
  CHECK(rank_error<qsim::FileError>(4, [&](Communicator& comm) {
          qsim::load_ranks<double>(comm, folder.file());
        }) != "nothing was thrown");
}

TEST_CASE("what differs or fails on one rank is an error on all", "[ranks]") {
  const RankCase c(6, 20, 5);
  const RankCase other(6, 20, 6);
  const auto error = [&](const std::function<void(Communicator&, bool)>& body) {
    std::mutex mutex;
    std::vector<std::string> found;
    const OneThread one;
    qsim::run_ranks(4, [&](Communicator& comm) {
      std::string text =
          reference::error_of<qsim::ValueError>([&] { body(comm, comm.rank() == 2); });
      const std::lock_guard lock(mutex);
      found.push_back(std::move(text));
    });
    for (const std::string& text : found) CHECK(text.size() > 0);
    std::ranges::sort(found);
    return found.front() + " | " + found.back();
  };
  using reference::contains;
  CHECK(contains(error([&](Communicator& comm, bool odd) {
                   qsim::RankProgram<double>(comm, odd ? other.program : c.program);
                 }),
                 "rank 2 has another program than rank 0 | rank 2 has another program"));
  CHECK(contains(error([&](Communicator& comm, bool odd) {
                   qsim::RankState<double> state(comm, 6);
                   static_cast<void>(state.sample(5, odd ? 1 : 2));
                 }),
                 "rank 2 has another seed or number of shots than rank 0"));
  const std::string failed = error([&](Communicator& comm, bool odd) {
    qsim::RankProgram<double> program(comm, c.program);
    std::vector<double> parameters = c.parameters;
    if (odd) parameters[0] = NAN;
    program.run(parameters);
  });
  CHECK(contains(failed, "is nan; it must be finite | rank 2: parameter"));
}

TEST_CASE("numbers of ranks are refused", "[ranks]") {
  CHECK(rank_error<qsim::ValueError>(3, [](Communicator&) {}) ==
        "got 3 ranks; their number must be a power of two");
  CHECK(rank_error<qsim::ValueError>(
            4, [](Communicator& comm) { qsim::RankState<double>(comm, 2); }) ==
        "4 ranks are too many for a state of 2 qubits; each must hold two amplitudes at least");
}

TEST_CASE("random programs on ranks: values, Jacobians, products", "[ranks]") {
  for (int seed = 100; seed < 120; ++seed) {
    const int n_qubits = 4 + seed % 3;
    const RankCase c(n_qubits, 20, static_cast<std::uint64_t>(seed), seed % 4 == 0);
    for (const int ranks : {2, 4}) {
      INFO("seed " << seed << ", ranks " << ranks);
      CHECK(largest_of(ranks, [&](Communicator& comm) {
              return reference::values_error<double>(comm, c);
            }) < 1e-12);
      CHECK(largest_of(ranks, [&](Communicator& comm) {
              return reference::vjp_error<double>(comm, c);
            }) < 1e-12);
    }
  }
}

TEST_CASE("samples on ranks are those of one process", "[ranks]") {
  for (int seed = 200; seed < 206; ++seed) {
    const RankCase c(7, 30, static_cast<std::uint64_t>(seed));
    for (const int ranks : {1, 2, 8}) {
      CHECK(largest_of(ranks, [&](Communicator& comm) {
              return static_cast<double>(reference::different_samples<double>(comm, c));
            }) == 0);
    }
  }
}
