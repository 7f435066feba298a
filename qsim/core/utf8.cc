#include "qsim/core/utf8.h"

#include <array>
#include <cstddef>

namespace qsim {
namespace {

// The number of bytes that the first byte of a UTF-8 sequence announces, 0 where it cannot be one.
std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

// Overlong forms and surrogates are not UTF-8 either.
bool is_scalar(char32_t value, std::size_t length) {
  constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value < 0xE000;
  return value >= kSmallest.at(length) && value < 0x110000 && !surrogate;
}

// Reads one code point and moves past it; past one byte where that is not UTF-8.
char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [text](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const std::size_t start = at++;
  const std::size_t length = sequence_length(byte(start));
  if (length == 1) return byte(start);
  if (length == 0 || start + length > text.size()) return kReplacementCharacter;
  char32_t value = byte(start) & (0x7FU >> length);
  for (std::size_t k = start + 1; k < start + length; ++k) {
    if ((byte(k) & 0xC0U) != 0x80U) return kReplacementCharacter;
    value = (value << 6U) | (byte(k) & 0x3FU);
  }
  if (!is_scalar(value, length)) return kReplacementCharacter;
  at = start + length;
  return value;
}

}  // namespace

std::u32string decode_utf8(std::string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) out += next_code_point(text, at);
  return out;
}

std::string encode_utf8(std::u32string_view text) {
  std::string out;
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  const auto tail = [&put](char32_t c, unsigned shift) { put(0x80U | ((c >> shift) & 0x3FU)); };
  for (const char32_t c : text) {
    if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xC0U | (c >> 6U));
      tail(c, 0);
    } else if (c < 0x10000) {
      put(0xE0U | (c >> 12U));
      tail(c, 6);
      tail(c, 0);
    } else {
      put(0xF0U | (c >> 18U));
      tail(c, 12);
      tail(c, 6);
      tail(c, 0);
    }
  }
  return out;
}

}  // namespace qsim
