#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qsim/core/file.h"
#include "tests/catch.h"
#include "tests/fuzz/targets.h"

// What the fuzzers begin with, and every input on which they once found something, runs through the
// same functions in every build.
TEST_CASE("The readers take the corpus of hostile files") {
  using Target = std::function<void(std::string_view)>;
  const std::vector<std::pair<std::string, Target>> targets{
      {"qasm2", fuzz::qasm2}, {"qasm3", fuzz::qasm3}, {"pauli", fuzz::pauli}, {"json", fuzz::json}};
  for (const auto& [name, target] : targets) {
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(KETGRAD_CORPUS "/" + name)) {
      CAPTURE(entry.path().string());
      const std::string text = qsim::read_file(entry.path().string());
      CHECK_NOTHROW(target(text));
      // Cut short anywhere, a file is refused or read, and nothing else.
      for (std::size_t size = 0; size < text.size(); size += 1 + text.size() / 50) {
        CHECK_NOTHROW(target(text.substr(0, size)));
      }
      ++files;
    }
    CHECK(files > 0);
  }
}
