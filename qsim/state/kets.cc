#include "qsim/state/kets.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <ostream>
#include <queue>
#include <utility>
#include <vector>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"

namespace qsim {
namespace {

constexpr double kNegligible = 1e-6;  // of the largest amplitude
constexpr std::size_t kColumns = 80;

struct LargestTerms {
  std::vector<Index> basis_states;
  Index others = 0;
};

// The largest in the order of their basis states; of those that differ by rounding alone the first.
template <class T>
LargestTerms largest_terms(const State<T>& state, std::size_t most) {
  double top = 0;
  for (Index i = 0; i < state.size(); ++i) {
    count_work();
    top = std::max(top, static_cast<double>(std::norm(state.get(i))));
  }
  LargestTerms out;
  // (share of the largest probability, −basis state), the least on top.
  using Term = std::pair<std::int64_t, std::int64_t>;
  std::priority_queue<Term, std::vector<Term>, std::greater<>> kept;
  for (Index i = 0; i < state.size(); ++i) {
    count_work();
    const double share = static_cast<double>(std::norm(state.get(i))) / top;
    if (!(share > kNegligible * kNegligible)) continue;
    constexpr double kSame = 1e5;  // shares are told apart to 1e-5
    kept.emplace(std::llround(share * kSame), -static_cast<std::int64_t>(i));
    if (kept.size() > most) {
      kept.pop();
      ++out.others;
    }
  }
  for (; !kept.empty(); kept.pop())
    out.basis_states.push_back(static_cast<Index>(-kept.top().second));
  std::ranges::sort(out.basis_states);
  return out;
}

std::string rounded(double value) {
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.3g", value);
  return {text.data(), static_cast<std::size_t>(length)};
}

// Three significant digits of the larger part; a part that vanishes beside it is 0.
Complex without_noise(Complex a) {
  const double least = 1e-4 * std::abs(a);
  return {std::abs(a.real()) < least ? 0.0 : a.real(), std::abs(a.imag()) < least ? 0.0 : a.imag()};
}

// A sign and what follows it: ('-', "0.5i").
std::pair<char, std::string> coefficient(Complex amplitude) {
  const Complex a = without_noise(amplitude);
  if (a.imag() == 0) {
    const std::string size = rounded(std::abs(a.real()));
    return {a.real() < 0 ? '-' : '+', size == "1" ? "" : size};
  }
  if (a.real() == 0) {
    const std::string size = rounded(std::abs(a.imag()));
    return {a.imag() < 0 ? '-' : '+', size == "1" ? "i" : size + "i"};
  }
  return {'+', concat("(", rounded(a.real()), a.imag() < 0 ? "-" : "+", rounded(std::abs(a.imag())),
                      "i)")};
}

std::string ket(Index basis_state, int n_qubits, KetStyle style) {
  std::string out = "|";
  for (int q = n_qubits; q-- > 0;) out += has_bit(basis_state, q) ? '1' : '0';
  return out + (style == KetStyle::kLatex ? "\\rangle" : "⟩");
}

}  // namespace

template <class T>
std::string ket_text(const State<T>& state, KetStyle style, std::size_t most) {
  const auto [basis_states, others] = largest_terms(state, most);
  const bool latex = style == KetStyle::kLatex;
  std::vector<std::string> terms;
  for (const Index i : basis_states) {
    const auto [sign, size] = coefficient(Complex(state.get(i)));
    const std::string lead = terms.empty() ? (sign == '-' ? "-" : "") : concat(sign, " ");
    terms.push_back(lead + size + ket(i, state.n_qubits(), style));
  }
  if (others > 0) terms.push_back(concat("+ ", latex ? "\\ldots" : "…"));
  std::string out;
  std::size_t column = 0;
  for (const std::string& term : terms) {
    const std::size_t width = term.size() - 2;  // ⟩ is one column in three bytes
    const bool folds = !latex && !out.empty() && column + 1 + width > kColumns;
    if (!out.empty()) out += folds ? "\n" : " ";
    column = (folds || out.empty() ? 0 : column + 1) + width;
    out += term;
  }
  if (others > 0 && !latex) out += concat(" (", others, " more)");
  return latex ? "$" + out + "$" : out;
}

template <class T>
std::ostream& operator<<(std::ostream& out, const State<T>& state) {
  return out << ket_text(state);
}

template std::string ket_text(const State<float>&, KetStyle, std::size_t);
template std::string ket_text(const State<double>&, KetStyle, std::size_t);
template std::ostream& operator<<(std::ostream&, const State<float>&);
template std::ostream& operator<<(std::ostream&, const State<double>&);

}  // namespace qsim
