#include "qsim/state/state_file.h"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

#include "qsim/core/atomic_file.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

namespace fs = std::filesystem;
using qsim::State;
using qsim::ValueError;
using reference::contains;
using reference::Dice;
using reference::error_of;
using reference::to_state;

// A folder of its own, gone with the test.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "state_file_test.XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  [[nodiscard]] std::string file(const char* name) const { return (path_ / name).string(); }
  [[nodiscard]] std::ptrdiff_t count() const {
    return std::distance(fs::directory_iterator(path_), {});
  }

 private:
  fs::path path_;
};

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

template <class T>
void check_round_trip(int n_qubits) {
  const Folder folder;
  const State<T> state = to_state<T>(Dice(1).state(n_qubits));
  qsim::save_state(state, folder.file("state"), {7, 8});
  CHECK(folder.count() == 1);
  const auto loaded = qsim::load_state(folder.file("state"));
  CHECK(loaded.notes == qsim::StateNotes{7, 8});
  REQUIRE(std::holds_alternative<State<T>>(loaded.state));
  CHECK(std::get<State<T>>(loaded.state).amplitudes() == state.amplitudes());
}

// What load_state says of a file after a change to its bytes.
std::string refusal(const std::function<void(std::string&)>& change) {
  const Folder folder;
  const std::string path = folder.file("state");
  qsim::save_state(to_state<double>(Dice(1).state(4)), path);
  std::string text = read(path);
  change(text);
  write(path, text);
  return error_of<ValueError>([&] { (void)qsim::load_state(path); });
}

// Of the header alone, made as the format says, with its checksum right.
std::string refusal_of_header(std::size_t at, std::uint32_t value, double file_bytes = 0) {
  const Folder folder;
  const std::string path = folder.file("state");
  qsim::save_state(State<double>(4), path);
  std::string header = read(path).substr(0, 64);
  std::memcpy(header.data() + at, &value, sizeof value);
  std::uint64_t hash = ~std::uint64_t{0} * 0x9E3779B97F4A7C15;
  for (std::size_t k = 0; k < 56; k += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, header.data() + k, sizeof word);
    hash = (hash ^ word) * 0x9E3779B97F4A7C15;
    hash ^= hash >> 32;
  }
  std::memcpy(header.data() + 56, &hash, sizeof hash);
  write(path, header);
  if (file_bytes > 0) fs::resize_file(path, static_cast<std::uintmax_t>(file_bytes));
  try {
    (void)qsim::load_state(path);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("states come back from files to the bit", "[state_file]") {
  for (const int n : {1, 2, 3, 4, 10, 17, 19}) {  // up to several chunks
    check_round_trip<float>(n);
    check_round_trip<double>(n);
  }
}

TEST_CASE("files that are no states are refused", "[state_file]") {
  CHECK(contains(refusal([](std::string& text) { text.clear(); }), "is not a state"));
  CHECK(contains(refusal([](std::string& text) { text = "{\"circuit\": []}"; }), "not a state"));
  CHECK(contains(refusal([](std::string& text) { text.resize(63); }), "is not a state"));
  CHECK(contains(refusal([](std::string& text) { text[0] = 'X'; }), "is not a state"));
  CHECK(contains(refusal([](std::string& text) { text[8] = 2; }), "version 2"));
  const Folder folder;
  CHECK(contains(error_of<std::runtime_error>([&] { (void)qsim::load_state(folder.file("none")); }),
                 "none"));
  CHECK(contains(error_of<qsim::FileError>([&] { (void)qsim::load_state(folder.file("none")); }),
                 "No such file"));
  CHECK(contains(error_of<qsim::FileError>(
                     [&] { (void)qsim::load_state(fs::temp_directory_path().string()); }),
                 "Is a directory"));
  CHECK(contains(error_of<qsim::FileError>([&] { (void)qsim::load_state("/dev/null"); }),
                 "not a file"));
}

TEST_CASE("every damaged byte of a file is seen", "[state_file]") {
  const std::size_t size = 64 + 16 * 16 + 8;
  for (std::size_t k = 0; k < size; ++k) {
    const std::string text = refusal([&](std::string& bytes) {
      REQUIRE(bytes.size() == size);
      bytes[k] = static_cast<char>(bytes[k] ^ 0x10);
    });
    INFO("byte " << k << ": " << text);
    CHECK(text != "nothing was thrown");
  }
}

TEST_CASE("files cut short, or too long, are refused", "[state_file]") {
  CHECK(contains(refusal([](std::string& text) { text.pop_back(); }), "only 327 bytes"));
  CHECK(contains(refusal([](std::string& text) { text.resize(64); }), "only 64 bytes"));
  CHECK(contains(refusal([](std::string& text) { text += "more"; }), "has 332 bytes"));
}

TEST_CASE("what a header must not say", "[state_file]") {
  CHECK(contains(refusal_of_header(12, 2), "2 bytes a number"));
  CHECK(contains(refusal_of_header(16, 0), "0 qubits"));
  CHECK(contains(refusal_of_header(16, 64), "64 qubits"));
  CHECK(contains(refusal_of_header(16, 1'000'000), "1000000 qubits"));
  CHECK(contains(refusal_of_header(16, 34), "only 64 bytes"));
  // A file of the size that 45 qubits take, most of it a hole.
  const double bytes = State<double>::bytes(38);
  const double all = 64 + bytes + bytes / (1 << 22) * 8;
  const std::string text = refusal_of_header(16, 38, all);
  INFO(text);
  CHECK((contains(text, "4398046511104 bytes") || contains(text, "resize")));
}

TEST_CASE("saving over a file replaces it whole", "[state_file]") {
  const Folder folder;
  const std::string path = folder.file("state");
  qsim::save_state(State<float>(3), path);
  qsim::save_state(State<double>(12), path);
  CHECK(std::get<State<double>>(qsim::load_state(path).state).n_qubits() == 12);
  CHECK(contains(
      error_of<std::runtime_error>([&] { qsim::save_state(State<double>(2), path + "/x"); }),
      "cannot write"));
}

TEST_CASE("an interrupted save leaves the old file", "[state_file]") {
  const Folder folder;
  const std::string path = folder.file("state");
  qsim::save_state(State<double>(2), path);
  const std::string before = read(path);
  qsim::set_interrupt_hook([] { throw std::runtime_error("interrupted"); });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));  // it is asked now and then
  const std::string text =
      error_of<std::runtime_error>([&] { qsim::save_state(State<double>(12), path); });
  qsim::set_interrupt_hook({});
  CHECK(text == "interrupted");
  CHECK(read(path) == before);
  CHECK(folder.count() == 1);
}

TEST_CASE("a file that is given up leaves nothing", "[state_file]") {
  using Way = qsim::AtomicFile::Way;
  for (const Way way : {Way::kNameless, Way::kNamed}) {
    const Folder folder;
    {
      qsim::AtomicFile file(folder.file("text"), way);
      file.write("half", 4);
      CHECK(folder.count() <= 1);  // where the file system has files without a name, 0
    }
    CHECK(folder.count() == 0);
  }
}

TEST_CASE("a file is new or replaced, with and without a name before", "[state_file]") {
  using Way = qsim::AtomicFile::Way;
  for (const Way way : {Way::kNameless, Way::kNamed}) {
    const Folder folder;
    const std::string path = folder.file("text");
    for (const std::string text : {"first", "second", "third"}) {
      qsim::AtomicFile file(path, way);
      file.write(text.data(), text.size());
      // Another writer of the same file, at the same time.
      qsim::AtomicFile other(path, way);
      other.write("other", 5);
      other.commit();
      CHECK(read(path) == "other");
      file.commit();
      CHECK(read(path) == text);
      CHECK(folder.count() == 1);
    }
  }
}

TEST_CASE("what a killed writer left goes with the next write", "[state_file]") {
  using Way = qsim::AtomicFile::Way;
  for (const Way way : {Way::kNameless, Way::kNamed}) {
    const Folder folder;
    const std::string path = folder.file("text");
    const pid_t child = ::fork();
    if (child == 0) {
      qsim::AtomicFile file(path, Way::kNamed);  // as between the two calls
      file.write("half", 4);
      ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(folder.count() == 1);
    for (int k = 0; k < 2; ++k) {  // to a new place, then over it
      qsim::AtomicFile file(path, way);
      file.write("whole", 5);
      file.commit();
    }
    CHECK(read(path) == "whole");
    CHECK(folder.count() == 1);
  }
}
