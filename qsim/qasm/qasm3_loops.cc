#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "qsim/core/interrupt.h"
#include "qsim/qasm/qasm3_reader.h"

namespace qsim::qasm {
namespace {

constexpr std::int64_t kMostOwnRounds = 100;  // of a while on measured bits that ends by itself

}  // namespace

void Qasm3Reader::read_for() {
  const Token token = lexer_.next();
  const Type type = read_loop_type();
  const Token name = lexer_.expect_name("the name of a loop variable");
  lexer_.expect("in");
  if (!lexer_.accept("[")) {
    const std::vector<Term> values = read_loop_values(type, name);
    return run_loop(token, name, static_cast<std::int64_t>(values.size()),
                    [&](std::int64_t k) { return values[static_cast<std::size_t>(k)]; });
  }
  const Token range = lexer_.peek();
  const std::int64_t first = read_integer("the first value");
  lexer_.expect(":");
  std::int64_t last = read_integer("the last value");
  std::int64_t step = 1;
  if (lexer_.accept(":")) {
    step = last;
    last = read_integer("the last value");
  }
  lexer_.expect("]");
  lexer_.require_at(step != 0, range, "the step of a range is 0");
  const std::int64_t rounds = (last - first) / step + 1;
  const bool none = step > 0 ? last < first : last > first;
  if (!none) {  // the ends of the range are its extremes
    check_fits(type, static_cast<double>(first), name);
    check_fits(type, static_cast<double>(first + (rounds - 1) * step), name);
  }
  run_loop(token, name, none ? 0 : rounds, [&](std::int64_t k) {
    return converted(type,
                     number_term(static_cast<double>(first + k * step), Type::Kind::kWritten));
  });
}

// Early versions of the language had none.
Type Qasm3Reader::read_loop_type() {
  if (!is_type(lexer_.peek())) return {Type::Kind::kInt, 0};
  return read_type({"int", "uint", "float", "angle", "bool", "bit"});
}

// "{1, 2}", an array or bits.
std::vector<Term> Qasm3Reader::read_loop_values(const Type& type, const Token& name) {
  std::vector<Term> out;
  const Token token = lexer_.peek();
  const auto add = [&](const Term& value) {
    if (value.number() != nullptr) check_fits(type, *value.number(), name);
    out.push_back(lexer_.placed(token, [&] { return converted(type, value); }));
  };
  if (lexer_.accept("{")) {
    read_list(lexer_, "}", [&] { add(read_term()); });
    lexer_.expect("}");
    return out;
  }
  const Symbol* symbol = token.kind == TokenKind::kName ? find(token) : nullptr;
  if (symbol != nullptr && symbol->kind == Symbol::Kind::kNumbers) {
    lexer_.next();
    const std::shared_ptr<Numbers> numbers = symbol->numbers;
    const auto [first, count] = read_indices(token, *numbers);
    for (std::size_t k = 0; k < count; ++k) add(numbers->elements[first + k]);
    return out;
  }
  const Term bits = is_bits(token) ? read_term() : Term{};
  if (!bits.type.is_bits()) lexer_.fail_expected(token, "'[', '{', an array or bits");
  for (const Bit& bit : bits_of(bits, static_cast<std::size_t>(bits.type.size))) {
    add(bits_term({bit}));
  }
  return out;
}

template <class At>
void Qasm3Reader::run_loop(const Token& token, const Token& name, std::int64_t rounds,
                           const At& at) {
  const std::size_t position = lexer_.position();
  if (rounds == 0) skip_body();
  lexer_.placed(token, [&] { budget_.require_room(rounds); });
  const auto outer = std::exchange(loop_where_, where_.condition);
  ++loops_;
  for (std::int64_t k = 0; k < rounds && flow_ == Flow::kOn; ++k) {
    lexer_.seek(position);
    in_scope([&] {
      declare_value(name, lexer_.placed(name, [&] { return at(k); }));
      read_body();
    });
    if (flow_ == Flow::kContinue) flow_ = Flow::kOn;
    charge(token, 1 + (lexer_.position() - position) / kBytesPerUnit);
  }
  if (flow_ == Flow::kBreak) flow_ = Flow::kOn;
  --loops_;
  loop_where_ = outer;
}

// Round by round; one of measured bits makes each round depend on it. Where it does not end by
// itself, how many there are is up to whoever reads the file.
void Qasm3Reader::read_while() {
  const Token token = lexer_.next();
  const std::size_t position = lexer_.position();
  const auto outer = std::exchange(loop_where_, where_.condition);
  ++loops_;
  bool goes_on = true;
  Cases before;  // of the last round, where its own bits are as they were
  for (std::int64_t round = 0; goes_on && flow_ == Flow::kOn; ++round) {
    poll_interrupt();
    lexer_.seek(position);
    Cases cases = guard_of(simplified(read_condition())).holds;
    cases = lexer_.placed(token, [&] { return possible(required(cases)); });
    // Where the last round was not, nothing has changed: there is none behind it.
    const Cases together = before ? possible(joined(before, cases)) : cases;
    if (together && together->empty()) cases = together;
    const bool is_known = cases->empty() || cases->front().empty();
    lexer_.require_at(is_known || max_rounds_ > 0 || round < kMostOwnRounds, token,
                      "a while on measured bits goes on behind ", kMostOwnRounds,
                      " rounds, and perhaps for ever; max_rounds says how many the circuit has");
    const std::int64_t most = max_rounds_ > 0 ? max_rounds_ : kMostOwnRounds;
    goes_on = is_known ? !cases->empty() : round < most;
    if (!goes_on) {
      skip_body();
      break;
    }
    const std::size_t first = operations_.size();
    Condition read;
    for (const Condition& condition : *cases)
      read.insert(read.end(), condition.begin(), condition.end());
    const std::size_t times = cells_.times_measured(read);
    read_body_in(token, cases, read);
    forget_measured();
    check_condition(token, read, first);
    before = cells_.times_measured(read) == times ? cases : std::nullopt;
    if (flow_ == Flow::kContinue) flow_ = Flow::kOn;
    charge(token, 1 + (lexer_.position() - position) / kBytesPerUnit);
  }
  if (flow_ == Flow::kBreak) flow_ = Flow::kOn;
  --loops_;
  loop_where_ = outer;
}

void Qasm3Reader::leave(const Token& token, const std::shared_ptr<const Condition>& where) {
  lexer_.require_at(where == where_.condition, token, quoted(token),
                    " inside of what depends on measured bits is not supported");
}

void Qasm3Reader::read_break() {
  const Token token = lexer_.next();
  lexer_.require_at(loops_ > 0, token, quoted(token), " outside of a loop");
  leave(token, loop_where_);
  flow_ = Flow::kBreak;
}

void Qasm3Reader::read_continue() {
  const Token token = lexer_.next();
  lexer_.require_at(loops_ > 0, token, quoted(token), " outside of a loop");
  leave(token, loop_where_);
  flow_ = Flow::kContinue;
}

void Qasm3Reader::read_end() {
  leave(lexer_.next(), nullptr);
  flow_ = Flow::kEnd;
}

}  // namespace qsim::qasm
