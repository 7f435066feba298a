#pragma once

#include <cmath>
#include <complex>
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

// Complex numbers are printed as 0.5-1j, not as pairs; what is no number has no sign.
template <class Part>
const Part& printed(const Part& part) {
  return part;
}
inline double printed(double x) { return std::isnan(x) ? std::abs(x) : x; }
template <class Real>
std::string printed(const std::complex<Real>& z) {
  std::ostringstream out;
  const auto imaginary = printed(static_cast<double>(z.imag()));
  out << printed(static_cast<double>(z.real())) << (std::signbit(imaginary) ? "" : "+") << imaginary
      << 'j';
  return out.str();
}

template <class... Parts>
std::string concat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << qsim::printed(parts));
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
