#include "qsim/core/error.h"

#include <cmath>
#include <complex>
#include <initializer_list>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <string>
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

void MessagePart::print_text(std::ostream& out, const void* text) {
  out << static_cast<const char*>(text);
}

std::string message_of(std::initializer_list<MessagePart> parts) {
  std::ostringstream out;
  for (const MessagePart& part : parts) out << part;
  return std::move(out).str();
}

}  // namespace qsim
