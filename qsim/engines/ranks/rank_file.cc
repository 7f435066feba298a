#include "qsim/engines/ranks/rank_file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <optional>
#include <random>
#include <sstream>

#include "qsim/core/atomic_file.h"
#include "qsim/core/error.h"
#include "qsim/core/hash.h"
#include "qsim/state/state_file.h"

namespace qsim {
namespace {

constexpr std::array<char, 8> kIndexMagic = {'K', 'G', 'R', 'A', 'N', 'K', 'S', '\n'};

struct RankIndex {
  std::array<char, 8> magic = kIndexMagic;
  std::uint32_t version = 1;
  std::uint32_t real_bytes = 0;
  std::uint64_t n_qubits = 0;
  std::uint64_t n_parts = 0;
  std::uint64_t number = 0;  // of the state
  std::array<std::uint64_t, 2> reserved{};
  std::uint64_t checksum = 0;  // of all before
};
static_assert(sizeof(RankIndex) == 64);

std::uint64_t checksum_of(const RankIndex& index) {
  return file_checksum(&index, sizeof index - sizeof index.checksum, 0);
}

std::string part_path(const std::string& path, std::uint64_t number, std::uint64_t part) {
  std::ostringstream out;
  out << path << '.' << std::hex << std::setw(16) << std::setfill('0') << number << '.' << std::dec
      << part;
  return out.str();
}

RankIndex read_index(const std::string& path) {
  std::ifstream file = open_to_read(path);
  RankIndex out;
  file.read(reinterpret_cast<char*>(&out), sizeof out);
  require(static_cast<std::size_t>(file.gcount()) == sizeof out && out.magic == kIndexMagic, path,
          " is not the index of a state of ketgrad on ranks");
  require(out.checksum == checksum_of(out), path, " is damaged");
  require(out.version == 1, path, " is of version ", out.version,
          " of such indices; this library reads version 1");
  require(out.n_qubits >= 1 && out.n_qubits <= kMaxQubits && std::has_single_bit(out.n_parts) &&
              out.n_parts < bit(static_cast<int>(out.n_qubits)),
          path, " says ", out.n_qubits, " qubits on ", out.n_parts, " ranks");
  return out;
}

// What is saved there, if anything that can be read is.
std::optional<RankIndex> index_before(const std::string& path) {
  try {
    return read_index(path);
  } catch (const std::exception&) {
    return {};
  }
}

void write_index(const std::string& path, RankIndex index) {
  index.checksum = checksum_of(index);
  AtomicFile file(path);
  file.write(&index, sizeof index);
  file.commit();
}

void remove_quietly(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
}

std::uint64_t new_number() {
  std::random_device device;
  constexpr unsigned kWord = 32;
  return (static_cast<std::uint64_t>(device()) << kWord) | device();
}

}  // namespace

template <class T>
void save_ranks(RankState<T>& state, const std::string& path) {
  Communicator& comm = state.comm();
  const std::vector<double> letters(path.begin(), path.end());
  comm.require_same(hash_of(kHashStart, letters), "path to save to");
  state.in_order();
  const std::uint64_t number = comm.of_first(comm.rank() == 0 ? new_number() : 0);
  const std::uint64_t place = state.first() >> state.order().n_local();
  const std::string own = part_path(path, number, place);
  try {
    comm.together([&] { save_state(state.local(), own, {number, place}); });
    comm.together([&] {
      if (comm.rank() != 0) return;
      const std::optional<RankIndex> before = index_before(path);
      write_index(path, {.real_bytes = sizeof(T),
                         .n_qubits = static_cast<std::uint64_t>(state.n_qubits()),
                         .n_parts = static_cast<std::uint64_t>(comm.size()),
                         .number = number});
      if (!before) return;
      for (std::uint64_t k = 0; k < before->n_parts; ++k) {
        remove_quietly(part_path(path, before->number, k));
      }
    });
  } catch (...) {
    remove_quietly(own);
    throw;
  }
}

template <class T>
RankState<T> load_ranks(Communicator& comm, const std::string& path) {
  RankIndex index;
  comm.together([&] {
    index = read_index(path);
    require(index.real_bytes == sizeof(T), path, " has numbers of ", index.real_bytes,
            " bytes; it was asked for ", sizeof(T));
  });
  comm.require_same(index.number, "state to load");
  RankState<T> out(comm, static_cast<int>(index.n_qubits));
  comm.together([&] {
    const Index of_part = bit(out.n_qubits()) / index.n_parts;
    const Index end = out.first() + out.local().size();
    for (Index at = out.first(); at < end;) {
      const Index part = at / of_part;
      const Index count = std::min(end, (part + 1) * of_part) - at;
      load_amplitudes(part_path(path, index.number, part), {index.number, part}, at % of_part,
                      count, out.local(), at - out.first());
      at += count;
    }
  });
  return out;
}

template void save_ranks(RankState<float>&, const std::string&);
template void save_ranks(RankState<double>&, const std::string&);
template RankState<float> load_ranks(Communicator&, const std::string&);
template RankState<double> load_ranks(Communicator&, const std::string&);

}  // namespace qsim
