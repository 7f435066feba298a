#include <memory>
#include <utility>

#include "qsim/qasm/qasm3_reader.h"

namespace qsim::qasm {

Operand Qasm3Reader::read_selection(Operand whole) {
  lexer_.require_at(!whole.is_single, whole.token, quoted(whole.token), " has no index");
  auto selection = std::make_shared<std::vector<int>>();
  const Token token = lexer_.peek();
  bool is_single = false;
  if (lexer_.accept("{")) {
    read_list(lexer_, "}", [&] { selection->push_back(read_index(whole)); });
    lexer_.expect("}");
    check_no_repeats(*selection, token);
  } else {
    is_single = read_range(whole, *selection);
  }
  lexer_.expect("]");
  charge(token, selection->size() / kWiresPerUnit);
  Operand out{.token = whole.token, .is_bits = whole.is_bits, .is_single = is_single};
  out.size = static_cast<int>(selection->size());
  if (is_single) {
    out.first = selection->front();
  } else {
    out.selection = std::move(selection);
  }
  return out;
}

int Qasm3Reader::read_index(const Operand& whole) {
  const Token token = lexer_.peek();
  return wire(whole, read_integer("the index"), token);
}

int Qasm3Reader::wire(const Operand& whole, std::int64_t index, const Token& token) const {
  lexer_.require_at(index >= -whole.size && index < whole.size, token, "index ", index,
                    " is out of range for ", quoted(whole.token), " of ", whole.size);
  return whole.at(static_cast<int>(index < 0 ? index + whole.size : index));
}

bool Qasm3Reader::read_range(const Operand& whole, std::vector<int>& out) {
  const Token token = lexer_.peek();
  std::int64_t first = 0;
  if (!token.is(":")) first = read_integer("the index");
  if (!lexer_.accept(":")) {
    out.push_back(wire(whole, first, token));
    return true;
  }
  std::int64_t step = 1;
  std::int64_t last = whole.size - 1;
  if (!lexer_.peek().is("]")) last = read_integer("the index");
  if (lexer_.accept(":")) {
    step = last;
    last = lexer_.peek().is("]") ? whole.size - 1 : read_integer("the index");
  }
  (void)wire(whole, first, token);
  (void)wire(whole, last, token);
  if (first < 0) first += whole.size;
  if (last < 0) last += whole.size;
  lexer_.require_at(step != 0, token, "the step of a range is 0");
  for (std::int64_t k = first; step > 0 ? k <= last : k >= last; k += step) {
    out.push_back(whole.at(static_cast<int>(k)));
  }
  lexer_.require_at(!out.empty(), token, "the range selects nothing");
  return false;
}

}  // namespace qsim::qasm
