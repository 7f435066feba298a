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

// Body() reads the rounds.
template <class Body>
void Qasm3Reader::in_loop(const Token& token, const Body& body) {
  const auto outer = std::exchange(loop_where_, where_.condition);
  const Left left = std::exchange(left_, {});
  ++loops_;
  body();
  if (flow_ == Flow::kBreak) flow_ = Flow::kOn;
  --loops_;
  loop_where_ = outer;
  const Left inner = std::exchange(left_, left);
  add_exit(token, left_.call, inner.call);
  add_exit(token, left_.file, inner.file);
}

// False where none is read, as all has been left.
template <class Read>
bool Qasm3Reader::read_round(const Token& token, const Read& read) {
  left_.round = {};
  const bool is_read = left_.times() == 0 ? (read(), true) : where_not_left(token, read);
  if (flow_ == Flow::kContinue) flow_ = Flow::kOn;
  return is_read;
}

template <class At>
void Qasm3Reader::run_loop(const Token& token, const Token& name, std::int64_t rounds,
                           const At& at) {
  const std::size_t position = lexer_.position();
  if (rounds == 0) skip_body();
  lexer_.placed(token, [&] { budget_.require_room(rounds); });
  in_loop(token, [&] {
    for (std::int64_t k = 0; k < rounds && flow_ == Flow::kOn; ++k) {
      lexer_.seek(position);
      const std::size_t first = operations_.size();
      const bool is_read = read_round(token, [&] {
        in_scope([&] {
          declare_value(name, lexer_.placed(name, [&] { return at(k); }));
          read_body();
        });
      });
      if (!is_read) return skip_body();
      charge_round(token, first, position);
    }
  });
}

// Round by round; one of measured bits makes each round depend on it. Where it does not end by
// itself, how many there are is up to whoever reads the file.
void Qasm3Reader::read_while() {
  const Token token = lexer_.next();
  const std::size_t position = lexer_.position();
  in_loop(token, [&] {
    bool goes_on = true;
    Cases before;  // of the last round, where its own bits are as they were
    for (std::int64_t round = 0; goes_on && flow_ == Flow::kOn; ++round) {
      poll_interrupt();
      lexer_.seek(position);
      goes_on = false;
      const std::size_t first = operations_.size();
      const bool is_left = left_.times() > 0;
      const bool is_read = read_round(token, [&] {
        if (is_left) before.reset();
        if (read_while_once(token, round, is_left, before)) goes_on = true;
      });
      if (!is_read) {
        skip_brackets({"("});
        return skip_body();
      }
      charge_round(token, first, position);
    }
  });
}

bool Qasm3Reader::read_while_once(const Token& token, std::int64_t round, bool is_left,
                                  Cases& before) {
  const int nested = nested_;
  const std::size_t n_operations = operations_.size();
  const std::size_t position = lexer_.position();
  Bit condition;
  try {
    condition = simplified(read_condition());
  } catch (const Undecided& undecided) {
    if (n_operations != operations_.size()) throw;
    nested_ = nested;
    lexer_.seek(position);
    bool goes_on = false;
    by_cases(token, undecided, [&] {
      before.reset();
      if (read_while_once(token, round, true, before)) goes_on = true;
    });
    before.reset();
    return goes_on;
  }
  Cases cases = guard_of(condition)->holds;
  cases = lexer_.placed(token, [&] { return Cases(possible_here(cases)); });
  // Where the last round was not, nothing has changed: there is none behind it.
  const Cases together = before ? possible(joined(before, cases)) : cases;
  if (together && together->empty()) cases = together;
  const bool is_known = cases->empty() || (cases->front().empty() && !is_left);
  lexer_.require_at(is_known || max_rounds_ > 0 || round < kMostOwnRounds, token,
                    "a while on measured bits goes on behind ", kMostOwnRounds,
                    " rounds, and perhaps for ever; max_rounds says how many the circuit has");
  const std::int64_t most = max_rounds_ > 0 ? max_rounds_ : kMostOwnRounds;
  if (is_known ? cases->empty() : round >= most) {
    skip_body();
    return false;
  }
  const std::size_t first = operations_.size();
  Condition read;
  for (const Condition& one : *cases) read.insert(read.end(), one.begin(), one.end());
  const std::size_t times = cells_.times_measured(read);
  const std::size_t changes = n_changes_;
  read_body_in(token, cases, read);
  const bool is_same = is_known && left_.times() == 0 && n_changes_ == changes;
  lexer_.require_at(!is_same || flow_ > Flow::kContinue, token,
                    "the loop never ends: its condition holds, and no round changes anything");
  forget_measured();
  check_condition(token, read, first);
  before = cells_.times_measured(read) == times ? cases : std::nullopt;
  return true;
}

}  // namespace qsim::qasm
