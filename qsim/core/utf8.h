#pragma once

#include <string>
#include <string_view>

namespace qsim {

inline constexpr char32_t kReplacementCharacter = U'\uFFFD';

// Code points; what is not UTF-8 becomes U+FFFD.
std::u32string decode_utf8(std::string_view text);
std::string encode_utf8(std::u32string_view text);

}  // namespace qsim
