#pragma once

#include <cmath>
#include <complex>
#include <cstddef>
#include <initializer_list>
#include <new>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
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
template <class Value>
const Value& printed(const Value& value) {
  return value;
}
inline double printed(double x) { return std::isnan(x) ? std::abs(x) : x; }
std::string printed(const std::complex<double>& z);
inline std::string printed(const std::complex<float>& z) {
  return printed(std::complex<double>(z));
}

// A count in all its digits, where a stream would give large ones an exponent.
std::string in_full(double count);

// A count with its noun: "1 qubit", "2 qubits".
std::string counted(std::size_t count, std::string_view what);

// What stands in a message: text, or any value that a stream prints, which it refers to. There are
// a thousand messages; so that a compiler has little to do for each, they are joined in one place.
class MessagePart {
 public:
  explicit MessagePart(const char* text) : value_(text), print_(&print_text) {}
  template <class Value>
  explicit MessagePart(const Value& value) : value_(&value), print_(&print_value<Value>) {}

  friend std::ostream& operator<<(std::ostream& out, const MessagePart& part) {
    part.print_(out, part.value_);
    return out;
  }

 private:
  static void print_text(std::ostream& out, const void* text);
  template <class Value>
  static void print_value(std::ostream& out, const void* value) {
    out << qsim::printed(*static_cast<const Value*>(value));
  }
  const void* value_;
  void (*print_)(std::ostream& out, const void* value);
};
std::string message_of(std::initializer_list<MessagePart> parts);

// A message as people can read it, whatever it quotes: the middle of a long one is left out, and
// control characters are written as \x1b is.
std::string readable(std::string message);

template <class E>
[[noreturn, gnu::cold]] void throw_message(std::initializer_list<MessagePart> parts) {
  throw E(readable(message_of(parts)));
}

template <class... Parts>
std::string concat(const Parts&... parts) {
  return message_of({MessagePart(parts)...});
}

// Throws E with the parts joined: require<IndexError>(q < n, "qubit ", q, " is out of range"). The
// parts are made before: where one costs something and the condition is asked often, fail() behind
// an `if` is better.
template <class E = ValueError, class... Parts>
void require(bool condition, const Parts&... parts) {
  if (!condition) throw_message<E>({MessagePart(parts)...});
}

template <class E = ValueError, class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  throw_message<E>({MessagePart(parts)...});
}

}  // namespace qsim
