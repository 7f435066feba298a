#pragma once

// What Emscripten's standard library lacks of C++20 (libc++ 13: the algorithms of std::ranges,
// std::bit_cast, std::from_chars and std::to_chars of floating-point numbers, <=> of strings), in
// the forms that the core uses. The build for browsers alone includes it, before everything else
// (cmake/web.cmake), so that the core is written for the standard.

#include <version>

#ifndef __cpp_lib_ranges

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <compare>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>

// NOLINTBEGIN(cert-dcl58-cpp): names of the standard, where it puts them.
namespace std {

template <class To, class From>
requires(sizeof(To) == sizeof(From)) To bit_cast(const From& from)
noexcept {
  To to;
  std::memcpy(&to, &from, sizeof(To));
  return to;
}

inline strong_ordering operator<=>(const string& a, const string& b) noexcept {
  return a.compare(b) <=> 0;
}

inline from_chars_result from_chars(const char* first, const char* last, double& value) {
  const std::string text(first, last);  // strtod wants an end
  if (text.empty() || text.front() == '+' || std::isspace(static_cast<unsigned char>(text[0])))
    return {first, errc::invalid_argument};
  char* end = nullptr;
  errno = 0;
  const double found = std::strtod(text.c_str(), &end);
  if (end == text.c_str()) return {first, errc::invalid_argument};
  const char* const stop = first + (end - text.c_str());
  // Beyond the largest; what is denormal is a number all the same.
  if (errno == ERANGE && (found > 1 || found < -1 || found == 0)) {
    return {stop, errc::result_out_of_range};
  }
  value = found;
  return {stop, errc()};
}

// No shorter form than the standard's shortest: as many digits as tell it from its neighbours.
inline to_chars_result to_chars(char* first, char* last, double value) {
  constexpr int kMostDigits = 17;
  constexpr int kRoom = 32;
  std::string text(kRoom, '\0');
  for (int digits = 1; digits <= kMostDigits; ++digits) {
    const int length = std::snprintf(text.data(), text.size(), "%.*g", digits, value);
    if (std::strtod(text.c_str(), nullptr) != value && digits < kMostDigits) continue;
    if (last - first < length) return {last, errc::value_too_large};
    return {std::copy_n(text.data(), length, first), errc()};
  }
  return {last, errc::value_too_large};
}

namespace ranges {

template <class R>
using iter = decltype(ranges::begin(std::declval<R&>()));

// A comparison of what projections make of two elements.
template <class F, class P1, class P2 = P1>
auto projected_pair(F& f, P1& p1, P2& p2) {
  return [&f, &p1, &p2](auto&& a, auto&& b) -> bool {
    return std::invoke(f, std::invoke(p1, a), std::invoke(p2, b));
  };
}

template <class F, class P>
auto projected_one(F& f, P& p) {
  return [&f, &p](auto&& a) -> bool { return std::invoke(f, std::invoke(p, a)); };
}

template <class In, class Out>
struct in_out_result {
  In in;
  Out out;
};

template <class T>
struct min_max_result {
  T min;
  T max;
};

// Whether all, any or none of the elements are as asked.
#define KETGRAD_OF_PREDICATE(name)                                                   \
  template <class R, class F, class P = identity>                                    \
  auto name(R&& r, F f, P p = {}) {                                                  \
    return std::name(ranges::begin(r), ranges::end(r), ranges::projected_one(f, p)); \
  }
KETGRAD_OF_PREDICATE(all_of)
KETGRAD_OF_PREDICATE(any_of)
KETGRAD_OF_PREDICATE(none_of)
KETGRAD_OF_PREDICATE(find_if)
KETGRAD_OF_PREDICATE(find_if_not)
KETGRAD_OF_PREDICATE(count_if)
#undef KETGRAD_OF_PREDICATE

// What takes an order of the elements.
#define KETGRAD_OF_ORDER(name, order)                                                    \
  template <class R, class F = order, class P = identity>                                \
  auto name(R&& r, F f = {}, P p = {}) {                                                 \
    return std::name(ranges::begin(r), ranges::end(r), ranges::projected_pair(f, p, p)); \
  }
KETGRAD_OF_ORDER(sort, less)
KETGRAD_OF_ORDER(stable_sort, less)
KETGRAD_OF_ORDER(is_sorted, less)
KETGRAD_OF_ORDER(max_element, less)
KETGRAD_OF_ORDER(min_element, less)
KETGRAD_OF_ORDER(adjacent_find, equal_to)
#undef KETGRAD_OF_ORDER

template <class R, class F = less, class P = identity>
auto minmax_element(R&& r, F f = {}, P p = {}) {
  const auto [low, high] =
      std::minmax_element(ranges::begin(r), ranges::end(r), ranges::projected_pair(f, p, p));
  return min_max_result<iter<R>>{low, high};
}

template <class R>
auto minmax(R&& r) {
  const auto [low, high] = std::minmax_element(ranges::begin(r), ranges::end(r));
  return min_max_result<remove_cvref_t<decltype(*low)>>{*low, *high};
}

template <class R>
auto max(R&& r) {
  return *std::max_element(ranges::begin(r), ranges::end(r));
}
template <class R>
auto min(R&& r) {
  return *std::min_element(ranges::begin(r), ranges::end(r));
}

// Places of a value in a sorted range.
template <class R, class T, class F = less, class P = identity>
auto lower_bound(R&& r, const T& value, F f = {}, P p = {}) {
  return std::lower_bound(ranges::begin(r), ranges::end(r), value, [&](auto&& a, const T& b) {
    return bool(std::invoke(f, std::invoke(p, a), b));
  });
}
template <class R, class T, class F = less, class P = identity>
auto upper_bound(R&& r, const T& value, F f = {}, P p = {}) {
  return std::upper_bound(ranges::begin(r), ranges::end(r), value, [&](const T& a, auto&& b) {
    return bool(std::invoke(f, a, std::invoke(p, b)));
  });
}
template <class R, class T, class F = less, class P = identity>
bool binary_search(R&& r, const T& value, F f = {}, P p = {}) {
  const auto at = ranges::lower_bound(r, value, f, p);
  return at != ranges::end(r) && !std::invoke(f, value, std::invoke(p, *at));
}

template <class R, class T, class P = identity>
auto find(R&& r, const T& value, P p = {}) {
  return std::find_if(ranges::begin(r), ranges::end(r),
                      [&](auto&& a) -> bool { return std::invoke(p, a) == value; });
}
template <class R, class T, class P = identity>
auto count(R&& r, const T& value, P p = {}) {
  return std::count_if(ranges::begin(r), ranges::end(r),
                       [&](auto&& a) -> bool { return std::invoke(p, a) == value; });
}
template <class R1, class R2, class F = equal_to>
bool equal(R1&& a, R2&& b, F f = {}) {
  return std::equal(ranges::begin(a), ranges::end(a), ranges::begin(b), ranges::end(b), f);
}
template <class R1, class R2, class F = less, class P1 = identity, class P2 = identity>
bool lexicographical_compare(R1&& a, R2&& b, F f = {}, P1 p1 = {}, P2 p2 = {}) {
  auto i = ranges::begin(a);
  auto j = ranges::begin(b);
  for (; i != ranges::end(a) && j != ranges::end(b); ++i, ++j) {
    if (std::invoke(f, std::invoke(p1, *i), std::invoke(p2, *j))) return true;
    if (std::invoke(f, std::invoke(p2, *j), std::invoke(p1, *i))) return false;
  }
  return i == ranges::end(a) && j != ranges::end(b);
}

// What writes.
template <class R, class Out>
auto copy(R&& r, Out out) {
  const Out end = std::copy(ranges::begin(r), ranges::end(r), out);
  return in_out_result<iter<R>, Out>{ranges::end(r), end};
}
template <class R, class Out, class F>
auto copy_if(R&& r, Out out, F f) {
  const Out end = std::copy_if(ranges::begin(r), ranges::end(r), out, f);
  return in_out_result<iter<R>, Out>{ranges::end(r), end};
}
template <class R, class Out>
auto move(R&& r, Out out) {
  const Out end = std::move(ranges::begin(r), ranges::end(r), out);
  return in_out_result<iter<R>, Out>{ranges::end(r), end};
}
template <class R, class T>
void fill(R&& r, const T& value) {
  std::fill(ranges::begin(r), ranges::end(r), value);
}
template <class R>
void reverse(R&& r) {
  std::reverse(ranges::begin(r), ranges::end(r));
}
template <class I>
struct tail_result {
  I first;
  I last;
  [[nodiscard]] size_t size() const { return static_cast<size_t>(last - first); }
};
template <class R, class F>
auto stable_partition(R&& r, F f) {
  return tail_result<iter<R>>{std::stable_partition(ranges::begin(r), ranges::end(r), f),
                              ranges::end(r)};
}
template <class R, class F>
void for_each(R&& r, F f) {
  for (auto&& element : r) std::invoke(f, element);
}
template <class R, class Out, class F>
requires(!ranges::range<Out>) void transform(R&& r, Out out, F f) {
  std::transform(ranges::begin(r), ranges::end(r), out,
                 [&f](auto&& a) -> decltype(auto) { return std::invoke(f, a); });
}
template <class R1, class R2, class Out, class F>
void transform(R1&& a, R2&& b, Out out, F f) {
  auto j = ranges::begin(b);
  for (auto i = ranges::begin(a); i != ranges::end(a) && j != ranges::end(b); ++i, ++j, ++out) {
    *out = std::invoke(f, *i, *j);
  }
}

}  // namespace ranges
}  // namespace std
// NOLINTEND(cert-dcl58-cpp)

#endif  // __cpp_lib_ranges
