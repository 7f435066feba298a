#include "qsim/hamiltonians/fermion_operator.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"

namespace qsim {
namespace {

void check_mode(int mode) {
  require<IndexError>(mode >= 0 && mode < kMaxQubits, "mode ", mode, " of fermions is outside [0, ",
                      kMaxQubits - 1, "]");
}

std::string printable_product(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= ' ' && c <= '~' ? c : '?';
  return out;
}

// Whether a normal-ordered product may have these two in a row.
bool in_order(const Ladder& left, const Ladder& right) {
  if (left.creates != right.creates) return left.creates;
  return left.mode > right.mode;
}

}  // namespace

FermionOperator::FermionOperator(Product product, Complex coefficient) {
  for (const Ladder& ladder : product) check_mode(ladder.mode);
  if (!std::isfinite(coefficient.real()) || !std::isfinite(coefficient.imag())) {
    fail("the coefficient of '", text(product), "' is ", coefficient, "; it must be finite");
  }
  add(std::move(product), coefficient);
}

void FermionOperator::add(Product product, Complex coefficient) {
  count_work(1 + product.size());
  if (coefficient == 0.0) return;
  const auto [place, is_new] = terms_.try_emplace(std::move(product), coefficient);
  if (is_new) return;
  place->second += coefficient;
  if (place->second == 0.0) terms_.erase(place);
}

FermionOperator::Product FermionOperator::parse(std::string_view text) {
  Product out;
  std::size_t at = 0;
  const auto fail_at = [&](const char* wanted) {
    fail("fermion text '", printable_product(text), "': expected ", wanted, " at position ", at);
  };
  while (true) {
    while (at < text.size() && text[at] == ' ') ++at;
    if (at == text.size()) return out;
    count_work();
    Ladder ladder;
    const auto [end, code] =
        std::from_chars(text.data() + at, text.data() + text.size(), ladder.mode);
    if (code != std::errc() || ladder.mode < 0) fail_at("the number of a mode, as in '0^ 1',");
    at = static_cast<std::size_t>(end - text.data());
    check_mode(ladder.mode);
    ladder.creates = at < text.size() && text[at] == '^';
    if (ladder.creates) ++at;
    if (at < text.size() && text[at] != ' ') fail_at("'^' or a space");
    out.push_back(ladder);
  }
}

std::string FermionOperator::text(const Product& product) {
  std::string out;
  for (const auto& [mode, creates] : product) {
    if (!out.empty()) out += ' ';
    out += std::to_string(mode) + (creates ? "^" : "");
  }
  return out;
}

int FermionOperator::n_modes() const {
  int out = 0;
  for (const auto& [product, coefficient] : terms_) {
    count_work(1 + product.size());
    for (const Ladder& ladder : product) out = std::max(out, ladder.mode + 1);
  }
  return out;
}

FermionOperator& FermionOperator::operator+=(const FermionOperator& other) {
  for (const auto& [product, coefficient] : other.terms_) add(product, coefficient);
  return *this;
}

FermionOperator FermionOperator::operator+(const FermionOperator& other) const {
  FermionOperator out = *this;
  return out += other;
}

FermionOperator FermionOperator::operator-(const FermionOperator& other) const {
  return *this + other * -1.0;
}

FermionOperator FermionOperator::operator*(Complex factor) const {
  FermionOperator out;
  for (const auto& [product, coefficient] : terms_) out.add(product, coefficient * factor);
  return out;
}

FermionOperator FermionOperator::operator*(const FermionOperator& other) const {
  FermionOperator out;
  for (const auto& [left, a] : terms_) {
    for (const auto& [right, b] : other.terms_) {
      Product product = left;
      product.insert(product.end(), right.begin(), right.end());
      out.add(std::move(product), a * b);
    }
  }
  return out;
}

FermionOperator FermionOperator::adjoint() const {
  FermionOperator out;
  for (const auto& [product, coefficient] : terms_) {
    Product turned(product.rbegin(), product.rend());
    for (Ladder& ladder : turned) ladder.creates = !ladder.creates;
    out.add(std::move(turned), std::conj(coefficient));
  }
  return out;
}

FermionOperator FermionOperator::normal_ordered() const {
  FermionOperator out;
  std::vector<std::pair<Product, Complex>> open(terms_.begin(), terms_.end());
  while (!open.empty()) {
    auto [product, coefficient] = std::move(open.back());
    open.pop_back();
    count_work(1 + product.size());
    const auto wrong = std::ranges::adjacent_find(
        product, [](const Ladder& a, const Ladder& b) { return !in_order(a, b); });
    if (wrong == product.end()) {
      out.add(std::move(product), coefficient);
      continue;
    }
    if (*wrong == wrong[1]) continue;    // a_i a_i = 0
    if (wrong->mode == wrong[1].mode) {  // a_i a†_i = 1 − a†_i a_i
      Product contracted(product.begin(), wrong);
      contracted.insert(contracted.end(), wrong + 2, product.end());
      open.emplace_back(std::move(contracted), coefficient);
    }
    std::iter_swap(wrong, wrong + 1);
    open.emplace_back(std::move(product), -coefficient);
  }
  return out;
}

}  // namespace qsim
