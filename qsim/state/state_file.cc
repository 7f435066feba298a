#include "qsim/state/state_file.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "qsim/core/atomic_file.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"

namespace qsim {
namespace {

static_assert(std::endian::native == std::endian::little, "state files are little-endian");

constexpr std::array<char, 8> kMagic = {'K', 'G', 'S', 'T', 'A', 'T', 'E', '\n'};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kChunkBytes = std::size_t{1} << 22;

struct Header {
  std::array<char, 8> magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t real_bytes = 0;  // 4 or 8
  std::uint64_t n_qubits = 0;
  std::uint64_t chunk_bytes = kChunkBytes;
  StateNotes notes{};
  std::uint64_t reserved = 0;
  std::uint64_t checksum = 0;  // of all before
};
static_assert(sizeof(Header) == 64);

std::uint64_t checksum(const Header& header) {
  return file_checksum(&header, sizeof header - sizeof header.checksum, 0);
}

// Calls body(chunk, its first byte, its bytes) for one chunk of the buffer after the other.
template <class Byte, class Body>
void for_chunks(Byte* data, std::size_t bytes, const Body& body) {
  for (std::size_t k = 0; k * kChunkBytes < bytes; ++k) {
    poll_interrupt();
    body(k, data + k * kChunkBytes, std::min(kChunkBytes, bytes - k * kChunkBytes));
  }
}

template <class T>
std::size_t buffer_bytes(const State<T>& state) {
  return static_cast<std::size_t>(State<T>::bytes(state.n_qubits()));
}

Header read_header(std::ifstream& file, const std::string& path) {
  Header header;
  file.read(reinterpret_cast<char*>(&header), sizeof header);
  require(static_cast<std::size_t>(file.gcount()) == sizeof header && header.magic == kMagic, path,
          " is not a state of ketgrad");
  require(header.version == kVersion, path, " is of version ", header.version,
          " of state files; this library reads version ", kVersion);
  require(header.checksum == checksum(header), "the header of ", path, " is damaged");
  require((header.real_bytes == sizeof(float) || header.real_bytes == sizeof(double)) &&
              header.chunk_bytes == kChunkBytes,
          "the header of ", path, " says ", header.real_bytes, " bytes a number and chunks of ",
          header.chunk_bytes, "; it must be 4 or 8, and ", kChunkBytes);
  require(header.n_qubits >= 1 && header.n_qubits <= kMaxQubits, "the header of ", path, " says ",
          header.n_qubits, " qubits; it must be in [1, ", kMaxQubits, "]");
  return header;
}

void require_size(const std::string& path, double buffer_bytes) {
  const double chunks = std::max(1.0, buffer_bytes / double{kChunkBytes});
  const double expected = sizeof(Header) + buffer_bytes + chunks * sizeof(std::uint64_t);
  const auto size = static_cast<double>(std::filesystem::file_size(path));
  require(size == expected, path, " has ", size < expected ? "only " : "",
          static_cast<std::uint64_t>(size), " bytes; its header says ",
          static_cast<std::uint64_t>(expected));
}

template <class T>
State<T> read_state(std::ifstream& file, const std::string& path, int n_qubits) {
  require_size(path, State<T>::bytes(n_qubits));
  State<T> state(n_qubits);
  for_chunks(reinterpret_cast<char*>(state.data()), buffer_bytes(state),
             [&](std::size_t k, char* data, std::size_t bytes) {
               std::uint64_t written = 0;
               file.read(data, static_cast<std::streamsize>(bytes));
               file.read(reinterpret_cast<char*>(&written), sizeof written);
               if (!file.good()) {
                 throw FileError(concat("cannot read ", path, ": it ended in chunk ", k), EIO);
               }
               require(written == file_checksum(data, bytes, k), "chunk ", k, " of ", path,
                       " is damaged");
             });
  return state;
}

Header header_of(std::ifstream& file, const std::string& path) {
  if (!std::filesystem::is_regular_file(path)) {
    throw FileError(concat("cannot read ", path, ": it is not a file"), EINVAL);
  }
  return read_header(file, path);
}

// One chunk of the buffer, which has so many bytes; `buffer` becomes its numbers.
template <class T>
void read_chunk(std::ifstream& file, const std::string& path, std::size_t chunk, std::size_t bytes,
                std::vector<T>& buffer) {
  buffer.resize(bytes / sizeof(T));
  file.seekg(
      static_cast<std::streamoff>(sizeof(Header) + chunk * (kChunkBytes + sizeof(std::uint64_t))));
  std::uint64_t written = 0;
  file.read(reinterpret_cast<char*>(buffer.data()), static_cast<std::streamsize>(bytes));
  file.read(reinterpret_cast<char*>(&written), sizeof written);
  if (!file.good()) {
    throw FileError(concat("cannot read ", path, ": it ended in chunk ", chunk), EIO);
  }
  require(written == file_checksum(buffer.data(), bytes, chunk), "chunk ", chunk, " of ", path,
          " is damaged");
}

}  // namespace

// A 64-bit hash of words: every step is a bijection of the hash and of the word, so a single wrong
// word is always seen.
std::uint64_t file_checksum(const void* data, std::size_t bytes, std::uint64_t start) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  const char* at = static_cast<const char*>(data);
  std::uint64_t hash = ~start * kOdd;
  for (std::size_t k = 0; k < bytes; k += sizeof hash) {
    std::uint64_t word = 0;
    std::memcpy(&word, at + k, sizeof word);
    hash = (hash ^ word) * kOdd;
    hash ^= hash >> 32;
  }
  return hash;
}

template <class T>
void save_state(const State<T>& state, const std::string& path, const StateNotes& notes) {
  Header header{.real_bytes = sizeof(T),
                .n_qubits = static_cast<std::uint64_t>(state.n_qubits()),
                .notes = notes};
  header.checksum = checksum(header);
  AtomicFile file(path);
  file.write(&header, sizeof header);
  for_chunks(reinterpret_cast<const char*>(state.data()), buffer_bytes(state),
             [&](std::size_t k, const char* data, std::size_t bytes) {
               const std::uint64_t sum = file_checksum(data, bytes, k);
               file.write(data, bytes);
               file.write(&sum, sizeof sum);
             });
  file.commit();
}

LoadedState load_state(const std::string& path) {
  std::ifstream file = open_to_read(path);
  const Header header = header_of(file, path);
  const int n_qubits = static_cast<int>(header.n_qubits);
  if (header.real_bytes == sizeof(float)) {
    return {read_state<float>(file, path, n_qubits), header.notes};
  }
  return {read_state<double>(file, path, n_qubits), header.notes};
}

template <class T>
void load_amplitudes(const std::string& path, const StateNotes& notes, Index first, Index count,
                     State<T>& out, Index at) {
  std::ifstream file = open_to_read(path);
  const Header header = header_of(file, path);
  const double bytes = State<T>::bytes(static_cast<int>(header.n_qubits));
  require(header.real_bytes == sizeof(T), path, " has numbers of ", header.real_bytes,
          " bytes; it was asked for ", sizeof(T));
  require(header.notes == notes, path, " belongs to another state");
  const Index size = bit(static_cast<int>(header.n_qubits));
  require(first <= size && count <= size - first, path, " has ", size, " amplitudes; asked for ",
          count, " from ", first, " on");
  require_size(path, bytes);
  constexpr Index kOfChunk = kChunkBytes / (2 * sizeof(T));
  std::vector<T> buffer;
  for (Index k = first; k < first + count;) {
    poll_interrupt();
    const Index chunk = k / kOfChunk;
    const double left = bytes - static_cast<double>(chunk * kChunkBytes);
    read_chunk(file, path, chunk, std::min(kChunkBytes, static_cast<std::size_t>(left)), buffer);
    for (const Index end = std::min((chunk + 1) * kOfChunk, first + count); k < end; ++k) {
      const std::size_t place = real_offset<T>(k - chunk * kOfChunk);
      out.set(at + k - first, {buffer[place], buffer[place + kBlock<T>]});
    }
  }
}

template void load_amplitudes(const std::string&, const StateNotes&, Index, Index, State<float>&,
                              Index);
template void load_amplitudes(const std::string&, const StateNotes&, Index, Index, State<double>&,
                              Index);
template void save_state(const State<float>&, const std::string&, const StateNotes&);
template void save_state(const State<double>&, const std::string&, const StateNotes&);

}  // namespace qsim
