#include "qsim/core/error.h"

#include <cmath>
#include <complex>
#include <cstddef>
#include <initializer_list>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

namespace qsim {

std::string printed(const std::complex<double>& z) {
  std::ostringstream out;
  const double imaginary = printed(z.imag());
  out << printed(z.real()) << (std::signbit(imaginary) ? "" : "+") << imaginary << 'j';
  return std::move(out).str();
}

std::string in_full(double count) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(0) << count;
  return std::move(out).str();
}

std::string counted(std::size_t count, std::string_view what) {
  return concat(count, " ", what, count == 1 ? "" : "s");
}

void MessagePart::print_text(std::ostream& out, const void* text) {
  out << static_cast<const char*>(text);
}

std::string message_of(std::initializer_list<MessagePart> parts) {
  std::ostringstream out;
  for (const MessagePart& part : parts) out << part;
  return std::move(out).str();
}

std::string readable(std::string message) {
  constexpr std::size_t kBeginning = 1000;
  constexpr std::size_t kEnd = 500;
  const auto is_inside = [&message](std::size_t k) {  // of a character of UTF-8
    return k < message.size() && (static_cast<unsigned char>(message[k]) & 0xC0U) == 0x80U;
  };
  if (message.size() > kBeginning + kEnd) {
    std::size_t first = kBeginning;
    std::size_t last = message.size() - kEnd;
    while (first > 0 && is_inside(first)) --first;
    while (is_inside(last)) ++last;
    message = message.substr(0, first) + "…" + message.substr(last);
  }
  std::string out;
  for (const char letter : message) {
    const auto code = static_cast<unsigned char>(letter);
    if (code >= 0x20 && code != 0x7F) {
      out += letter;
      continue;
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += "\\x";
    out += kDigits[code / 16];
    out += kDigits[code % 16];
  }
  return out;
}

}  // namespace qsim
