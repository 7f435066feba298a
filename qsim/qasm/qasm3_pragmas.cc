#include <bit>
#include <memory>
#include <utility>
#include <vector>

#include "qsim/core/matrix.h"
#include "qsim/qasm/qasm3_reader.h"

namespace qsim::qasm {
namespace {

constexpr std::size_t kMostRows = 1024;  // of a matrix in a file

}  // namespace

// What a simulator may drop is dropped, with a note; noise is part of the circuit.
void Qasm3Reader::read_pragma() {
  const Token begin = lexer_.peek();
  if (lexer_.accept("#") && !lexer_.peek().is("pragma")) {
    lexer_.fail_expected(lexer_.peek(), "'pragma'");
  }
  const Token line{.kind = TokenKind::kSymbol, .text = lexer_.rest_of_line()};
  lexer_.next();
  if (lexer_.accept("braket") && lexer_.accept("unitary")) return read_unitary(begin, line);
  for (const std::string_view word : {"noise", "unitary"}) {
    lexer_.require_at(line.text.find(word) == std::string_view::npos, begin, quoted(line),
                      " changes what the circuit does; such a pragma is not supported");
  }
  note(begin, concat(quoted(line), " is dropped"));
  lexer_.seek(static_cast<std::size_t>(line.text.data() - lexer_.text().data()));
  lexer_.skip_line();
}

// "([[0, 1im], [1im, 0]]) q[0]" as Amazon Braket has it: the first qubit is the highest bit of a
// row's index.
void Qasm3Reader::read_unitary(const Token& begin, const Token& line) {
  std::vector<std::vector<Complex>> rows;
  lexer_.expect("(");
  lexer_.expect("[");
  read_list(lexer_, "]", [&] {
    lexer_.expect("[");
    lexer_.require_at(rows.size() < kMostRows, begin, "a matrix of more than ", kMostRows, " rows");
    std::vector<Complex>& row = rows.emplace_back();
    read_list(lexer_, "]", [&] {
      lexer_.require_at(row.size() < kMostRows, begin, "a matrix of more than ", kMostRows,
                        " columns");
      row.push_back(read_complex());
    });
    lexer_.expect("]");
  });
  lexer_.expect("]");
  lexer_.expect(")");
  const auto size = static_cast<Eigen::Index>(rows.size());
  Matrix matrix(size, size);
  for (Eigen::Index j = 0; j < size; ++j) {
    const std::vector<Complex>& row = rows[static_cast<std::size_t>(j)];
    lexer_.require_at(row.size() == rows.size(), begin, "row ", j, " of the matrix has ",
                      row.size(), " numbers, and there are ", rows.size(), " rows");
    for (Eigen::Index k = 0; k < size; ++k) matrix(j, k) = row[static_cast<std::size_t>(k)];
  }
  lexer_.placed(begin, [&] { require_unitary(matrix, "the matrix"); });
  std::vector<Operand> operands;
  read_operands("", false, operands);
  const std::size_t end =
      static_cast<std::size_t>(line.text.data() - lexer_.text().data()) + line.text.size();
  lexer_.require_at(lexer_.position() >= end, lexer_.peek(), "expected the end of the line, got ",
                    quoted(lexer_.peek()));
  std::vector<Qubit> qubits;
  for (const Operand& operand : operands) {
    for (int k = 0; k < operand.size; ++k) qubits.insert(qubits.begin(), operand.at(k));
  }
  lexer_.require_at(std::has_single_bit(rows.size()) &&
                        rows.size() == std::size_t{1} << std::min<std::size_t>(qubits.size(), 20),
                    begin, "a matrix of ", rows.size(), " rows on ", qubits.size(), " qubit(s)");
  check_no_repeats(qubits, begin);
  add(begin,
      {.row = &gate_row("unitary"),
       .targets = std::move(qubits),
       .matrix = std::make_shared<const Matrix>(std::move(matrix))},
      1 + rows.size() * rows.size() / kWiresPerUnit);
}

bool Qasm3Reader::is_feedback(const Token& token) const {
  return (token.is("measure_ff") || token.is("cc_prx")) && gates_.find(token.text) == nullptr &&
         find(token) == nullptr;
}

// "measure_ff(0) q[0];" as Amazon Braket has it: the outcome has a key in the place of a bit.
void Qasm3Reader::read_feedback() {
  lexer_.next();
  lexer_.expect("(");
  const std::int64_t key = read_integer("a feedback key");
  lexer_.expect(")");
  const Operand qubit = read_operand(false);
  lexer_.require_at(qubit.size == 1, qubit.token, "measure_ff measures one qubit, got ",
                    qubit.size);
  settle();
  const Bit outcome = measured(qubit).bits.front();
  Bit& held = feedback_[key];
  held = where_.condition ? merged(outcome, held) : outcome;
}

// "cc_prx(pi, 0, 0) q[1];": a prx where the outcome of the key is 1.
void Qasm3Reader::read_fed_back() {
  CallHead head{.gate = gates_.find("prx"), .token = lexer_.next()};
  lexer_.require_at(head.gate != nullptr && head.gate->angles == 2 && head.gate->qubits == 1,
                    head.token,
                    "cc_prx is a prx of two angles on one qubit, and the file has another");
  lexer_.expect("(");
  for (int k = 0; k < 2; ++k) {
    const Token token = lexer_.peek();
    const Value angle = known_number(lexer_, token, read_term());
    head.angles.push_back(lexer_.placed(token, [&] { return to_expression(angle); }));
    lexer_.expect(",");
  }
  const std::int64_t key = read_integer("a feedback key");
  lexer_.expect(")");
  const auto found = feedback_.find(key);
  lexer_.require_at(found != feedback_.end(), head.token,
                    "no measure_ff before it has the feedback ", "key ", key);
  std::vector<Operand> operands;
  read_operands(";", false, operands);
  require_qubits(lexer_, head, operands.size());
  settle();
  lexer_.placed(head.token, [&] { apply_where(found->second, head, operands); });
}

// "-0.5", "2im" or "0.5-0.5im".
Complex Qasm3Reader::read_complex() {
  Complex out;
  do {
    double sign = 1;
    while (lexer_.peek().is("-") || lexer_.peek().is("+")) sign *= lexer_.next().is("-") ? -1 : 1;
    Token token = lexer_.next();
    const bool is_imaginary = token.kind == TokenKind::kImaginary;
    if (is_imaginary) token.text.remove_suffix(2);
    const bool is_number = token.kind == TokenKind::kInteger || token.kind == TokenKind::kReal;
    if (!is_imaginary && !is_number) lexer_.fail_expected(token, "a number");
    const double value = sign * number_value(lexer_, token);
    out += is_imaginary ? Complex(0, value) : Complex(value, 0);
  } while (lexer_.peek().is("-") || lexer_.peek().is("+"));
  return out;
}

}  // namespace qsim::qasm
