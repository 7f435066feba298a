#include "qsim/core/pauli.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <ostream>
#include <sstream>
#include <utility>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/matrix.h"
#include "qsim/core/memory.h"

namespace qsim {
namespace {

constexpr std::string_view kLetters = "IXZY";  // indexed by x + 2z

// A character for a message: bytes that are not printable ASCII would make the message unreadable.
std::string quoted(char c) {
  constexpr char kFirst = ' ';
  constexpr char kLast = '~';
  if (c >= kFirst && c <= kLast) return concat("'", c, "'");
  return concat("byte ", static_cast<int>(static_cast<unsigned char>(c)));
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= ' ' && c <= '~' ? c : '?';
  return out;
}

void set_letter(PauliString& string, char letter, Qubit q) {
  const auto code = kLetters.find(letter);
  if (code == std::string_view::npos) {
    fail(quoted(letter), " is not a Pauli letter (I, X, Y or Z)");
  }
  string.x |= (code & 1U) << q;
  string.z |= (code >> 1U) << q;
}

// Reads "0.5 * Z0 Z1 - X2 + 1.25", or "0.5*IZZ - XII", from left to right.
class SumReader {
 public:
  explicit SumReader(std::string_view text) : text_(text) {}

  // The length of the strings, where they are written out; 0 where qubits are numbered.
  [[nodiscard]] int word_length() const { return word_length_; }

  std::vector<PauliTerm> read() {
    skip_space();
    for (; at_ < text_.size(); count_work()) terms_.push_back(term());
    if (terms_.empty()) error("a Pauli term");
    return terms_;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) {
      ++at_;
    }
  }
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  [[noreturn]] void error(const char* expected) const {
    fail("Pauli text \"", printable(text_), "\": expected ", expected, " at position ", at_,
         at_ < text_.size() ? concat(", found ", quoted(text_[at_])) : ", found the end");
  }

  PauliTerm term() {
    double coefficient = 1.0;
    if (peek() == '+' || peek() == '-') {
      if (peek() == '-') coefficient = -1.0;
      ++at_;
      skip_space();
    } else if (!terms_.empty()) {
      error("'+' or '-'");
    }
    const bool has_number =
        std::string_view("0123456789.").find(peek()) != std::string_view::npos && peek() != '\0';
    if (has_number) {
      coefficient *= number();
      if (peek() == '*') {
        ++at_;
        skip_space();
        if (!at_letter()) error("a Pauli letter");
      }
    } else if (!at_letter()) {
      error("a number or a Pauli letter");
    }
    if (at_word()) return {coefficient, word()};
    PauliString string;
    while (at_letter()) factor(string);
    return {coefficient, string};
  }

  // A letter without a number behind it; a lone I is the identity of a sparse sum.
  [[nodiscard]] bool at_word() const {
    if (!at_letter()) return false;
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : ' ';
    const bool another = kLetters.find(next) != std::string_view::npos;
    return another ||
           (peek() != 'I' && std::string_view(" \t\n+-").find(next) != std::string_view::npos);
  }

  PauliString word() {
    const std::size_t start = at_;
    while (at_letter()) ++at_;
    const std::string_view letters = text_.substr(start, at_ - start);
    const int length = static_cast<int>(letters.size());
    if (word_length_ == 0 && terms_.empty()) word_length_ = length;
    if (length != word_length_) {
      fail("Pauli text \"", printable(text_), "\": \"", letters, "\" at position ", start,
           " does not have as many letters as the other terms, or those number their qubits");
    }
    skip_space();
    return PauliString::parse(letters);
  }

  [[nodiscard]] bool at_letter() const {
    return peek() != '\0' && kLetters.find(peek()) != std::string_view::npos;
  }

  double number() {
    double value = 0.0;
    const auto [end, code] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (code != std::errc()) error("a number");
    at_ = static_cast<std::size_t>(end - text_.data());
    skip_space();
    return value;
  }

  void factor(PauliString& string) {
    const char letter = text_[at_++];
    int qubit = -1;
    const auto [end, code] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), qubit);
    if (letter == 'I' && (code != std::errc() || qubit < 0)) {
      skip_space();
      return;
    }
    if (code != std::errc() || qubit < 0) error("a qubit number");
    if (qubit >= kMaxQubits) {
      fail("Pauli text \"", printable(text_), "\": qubit ", qubit, " is above the limit of ",
           kMaxQubits - 1);
    }
    if (has_bit(string.support(), qubit)) {
      fail("Pauli text \"", printable(text_), "\": qubit ", qubit, " appears twice in one term");
    }
    at_ = static_cast<std::size_t>(end - text_.data());
    set_letter(string, letter, qubit);
    skip_space();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int word_length_ = 0;
  std::vector<PauliTerm> terms_;
};

// Adds up the coefficients of equal strings, in the order in which they come. Sorting now and then
// takes a tenth of the time of a map of millions of strings, and half its memory.
template <class Number>
class TermSums {
 public:
  using Term = std::pair<PauliString, Number>;

  void add(const PauliString& string, Number coefficient) {
    count_work();
    terms_.emplace_back(string, coefficient);
    if (terms_.size() >= limit_) add_up();
  }

  // Sorted by string.
  std::vector<Term> take() {
    add_up();
    return std::move(terms_);
  }

 private:
  void add_up() {
    std::ranges::stable_sort(terms_,
                             [](const Term& a, const Term& b) { return a.first < b.first; });
    std::size_t last = 0;
    for (std::size_t k = 1; k < terms_.size(); ++k) {
      if (terms_[k].first == terms_[last].first) {
        terms_[last].second += terms_[k].second;
      } else {
        terms_[++last] = terms_[k];
      }
    }
    if (!terms_.empty()) terms_.resize(last + 1);
    limit_ = std::max(kFewest, 2 * terms_.size());
  }

  static constexpr std::size_t kFewest = std::size_t{1} << 16;
  std::vector<Term> terms_;
  std::size_t limit_ = kFewest;
};

std::vector<PauliTerm> real_terms(const std::vector<TermSums<Complex>::Term>& sums) {
  constexpr double kImaginaryTolerance = 1e-12;
  std::vector<PauliTerm> terms;
  terms.reserve(sums.size());
  for (const auto& [string, sum] : sums) {
    count_work();
    require(std::abs(sum.imag()) <= kImaginaryTolerance * std::max(1.0, std::abs(sum)),
            "the product of these Pauli sums is not Hermitian: a coefficient is ", sum);
    terms.push_back({sum.real(), string});
  }
  return terms;
}

}  // namespace

char PauliString::letter(Qubit q) const {
  return kLetters[static_cast<std::size_t>(has_bit(x, q)) +
                  2 * static_cast<std::size_t>(has_bit(z, q))];
}

std::string PauliString::text(int n_qubits) const {
  std::string out;
  for (Qubit q = n_qubits - 1; q >= 0; --q) out += letter(q);
  return out;
}

PauliString PauliString::parse(std::string_view dense) {
  require(!dense.empty() && dense.size() <= kMaxQubits, "a Pauli string has 1 to ", kMaxQubits,
          " letters, got ", dense.size());
  PauliString string;
  for (std::size_t k = 0; k < dense.size(); ++k) {
    set_letter(string, dense[k], static_cast<Qubit>(dense.size() - 1 - k));
  }
  return string;
}

PauliString PauliString::on(std::string_view letters, std::span<const Qubit> qubits) {
  if (letters.size() != qubits.size()) {
    fail("Pauli text \"", printable(letters), "\" has ", counted(letters.size(), "letter"), " for ",
         counted(qubits.size(), "qubit"));
  }
  PauliString string;
  Index seen = 0;
  for (std::size_t k = 0; k < qubits.size(); ++k) {
    const Qubit q = qubits[k];
    require<IndexError>(q >= 0 && q < kMaxQubits, "qubit ", q, " is outside [0, ", kMaxQubits - 1,
                        "]");
    require(!has_bit(seen, q), "qubit ", q, " appears twice in one Pauli term");
    seen |= bit(q);
    set_letter(string, letters[k], q);
  }
  return string;
}

Complex power_of_i(int power) {
  constexpr std::array<Complex, 4> kPowers{Complex{1, 0}, Complex{0, 1}, Complex{-1, 0},
                                           Complex{0, -1}};
  return kPowers.at(static_cast<std::size_t>(power & 3));
}

PauliProduct multiply(const PauliString& a, const PauliString& b) {
  // With P = i^|x&z| X^x Z^z, moving Z^{a.z} past X^{b.x} gives (−1)^|a.z & b.x|.
  const PauliString string{a.x ^ b.x, a.z ^ b.z};
  const int power = std::popcount(a.x & a.z) + std::popcount(b.x & b.z) -
                    std::popcount(string.x & string.z) + 2 * std::popcount(a.z & b.x);
  return {power_of_i(power), string};
}

namespace {

// sum += c·P: one entry a column.
void add_pauli(double c, const PauliString& string, Matrix& sum) {
  const Complex phase = c * power_of_i(std::popcount(string.x & string.z));
  const auto size = static_cast<Index>(sum.cols());
  count_work(size / 64);
  for (Index j = 0; j < size; ++j) {
    sum(static_cast<Eigen::Index>(j ^ string.x), static_cast<Eigen::Index>(j)) +=
        parity(j & string.z) ? -phase : phase;
  }
}

}  // namespace

Matrix pauli_matrix(const PauliString& string, int n_qubits) {
  const auto size = static_cast<Eigen::Index>(bit(n_qubits));
  Matrix out = Matrix::Zero(size, size);
  add_pauli(1, string, out);
  return out;
}

PauliSum::PauliSum(int n_qubits, const std::vector<PauliTerm>& terms) : n_qubits_(n_qubits) {
  require(n_qubits >= 1 && n_qubits <= kMaxQubits, "number of qubits ", n_qubits,
          " is outside [1, ", kMaxQubits, "]");
  TermSums<double> sums;
  for (const auto& [coefficient, string] : terms) {
    require<IndexError>(string.support() < bit(n_qubits), "a Pauli string reaches qubit ",
                        std::bit_width(string.support()) - 1, ", out of range for ", n_qubits,
                        " qubits");
    if (!std::isfinite(coefficient)) {
      fail("the coefficient of ", string.text(n_qubits), " is ", coefficient,
           "; it must be finite");
    }
    sums.add(string, coefficient);
  }
  for (const auto& [string, coefficient] : sums.take()) {
    count_work();
    if (!std::isfinite(coefficient)) {
      fail("the coefficients of ", string.text(n_qubits), " sum to ", coefficient,
           "; the sum must be finite");
    }
    if (coefficient != 0) terms_.push_back({coefficient, string});
  }
}

PauliSum PauliSum::parse(std::string_view text, int n_qubits) {
  require(n_qubits >= 0, "number of qubits ", n_qubits, " is below 0");
  SumReader reader(text);
  const std::vector<PauliTerm> terms = reader.read();
  int needed = std::max(1, reader.word_length());
  for (const auto& term : terms) {
    needed = std::max(needed, static_cast<int>(std::bit_width(term.string.support())));
  }
  return {n_qubits > 0 ? n_qubits : needed, terms};
}

std::string PauliSum::text() const {
  if (terms_.empty()) return "0";
  std::ostringstream out;
  out.precision(12);
  for (std::size_t k = 0; k < terms_.size(); ++k) {
    count_work();
    const double c = terms_[k].coefficient;
    if (k == 0) {
      out << (std::signbit(c) ? "-" : "");
    } else {
      out << (std::signbit(c) ? " - " : " + ");
    }
    if (std::abs(c) != 1.0) out << std::abs(c) << '*';
    out << terms_[k].string.text(n_qubits_);
  }
  return out.str();
}

Matrix PauliSum::matrix() const {
  require(n_qubits_ <= kMaxMatrixQubits, "the matrix of a ", n_qubits_,
          "-qubit Pauli sum is above the limit of ", kMaxMatrixQubits, " qubits");
  const auto size = static_cast<Eigen::Index>(bit(n_qubits_));
  Matrix out = Matrix::Zero(size, size);
  for (const auto& [c, string] : terms_) add_pauli(c, string, out);
  return out;
}

PauliSum PauliSum::operator+(const PauliSum& other) const {
  std::vector<PauliTerm> terms = terms_;
  terms.insert(terms.end(), other.terms_.begin(), other.terms_.end());
  return {std::max(n_qubits_, other.n_qubits_), terms};
}

PauliSum PauliSum::operator-(const PauliSum& other) const { return *this + -other; }

PauliSum PauliSum::operator-() const { return *this * -1.0; }

PauliSum PauliSum::operator*(double factor) const {
  std::vector<PauliTerm> terms = terms_;
  for (auto& term : terms) term.coefficient *= factor;
  return {n_qubits_, terms};
}

namespace {

using ComplexTerms = std::vector<TermSums<Complex>::Term>;

int qubits_of_both(const PauliSum& a, const PauliSum& b) {
  return std::max(a.n_qubits(), b.n_qubits());
}

ComplexTerms product(const PauliSum& a, const PauliSum& b) {
  // A product of two terms is a node of the sums; there are no more than 4^n different ones.
  constexpr double kNode = sizeof(std::pair<const PauliString, Complex>) + 48;
  const std::size_t left = a.terms().size();
  const std::size_t right = b.terms().size();
  require_memory(kNode * std::min(static_cast<double>(left) * static_cast<double>(right),
                                  std::ldexp(1.0, 2 * qubits_of_both(a, b))),
                 concat("the product of ", left, " terms with ", right));
  TermSums<Complex> sums;
  for (const auto& x : a.terms()) {
    for (const auto& y : b.terms()) {
      const auto [phase, string] = multiply(x.string, y.string);
      sums.add(string, x.coefficient * y.coefficient * phase);
    }
  }
  return sums.take();
}

double total_weight(const PauliSum& sum) {
  double out = 0;
  for (const auto& term : sum.terms()) out += std::abs(term.coefficient);
  return out;
}

// The sum of factor(coefficient of the product)·P, without what rounding errors leave.
template <class Factor>
PauliSum part_of_product(const PauliSum& a, const PauliSum& b, const Factor& factor) {
  const double weight = 2 * (total_weight(a) * total_weight(b));
  require(std::isfinite(weight), "twice the product of all coefficients, which sum to ",
          total_weight(a), " and ", total_weight(b), ", is ", weight, "; it must be finite");
  const double rounding = std::numeric_limits<double>::epsilon() * weight;
  std::vector<PauliTerm> terms;
  for (const auto& [string, coefficient] : product(a, b)) {
    count_work();
    const double c = factor(coefficient);
    if (std::abs(c) > rounding) terms.push_back({c, string});
  }
  return {qubits_of_both(a, b), terms};
}

}  // namespace

PauliSum PauliSum::operator*(const PauliSum& other) const {
  return {qubits_of_both(*this, other), real_terms(product(*this, other))};
}

std::ostream& operator<<(std::ostream& out, const PauliSum& sum) { return out << sum.text(); }

// With ab = Σ (r + is) P and ba its adjoint Σ (r − is) P.
PauliSum i_commutator(const PauliSum& a, const PauliSum& b) {
  return part_of_product(a, b, [](Complex c) { return -2 * c.imag(); });
}

PauliSum anticommutator(const PauliSum& a, const PauliSum& b) {
  return part_of_product(a, b, [](Complex c) { return 2 * c.real(); });
}

}  // namespace qsim
