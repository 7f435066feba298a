#pragma once

#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace qsim {

// A request for more memory than the machine has, refused before anything is allocated.
// (Derives from bad_alloc so that Python sees a MemoryError.)
class MemoryError : public std::bad_alloc {
 public:
  explicit MemoryError(std::string message) : message_(std::move(message)) {}
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

using ValueError = std::invalid_argument;  // Python: ValueError
using IndexError = std::out_of_range;      // Python: IndexError

template <class... Parts>
std::string concat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

// Throws E with the parts joined: require<IndexError>(q < n, "qubit ", q, " is out of range").
template <class E = ValueError, class... Parts>
void require(bool condition, const Parts&... parts) {
  if (!condition) throw E(concat(parts...));
}

template <class E = ValueError, class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  throw E(concat(parts...));
}

}  // namespace qsim
