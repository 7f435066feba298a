#include <memory>
#include <utility>

#include "qsim/qasm/qasm3_reader.h"

// Subroutines are read anew at each call, in place of the call.

namespace qsim::qasm {
namespace {

constexpr int kMostCalls = 50;  // in each other; each takes some stack

}  // namespace

// Until it is called, only the structure of its body is checked.
void Qasm3Reader::read_definition_of_subroutine() {
  lexer_.next();
  const Token name = lexer_.expect_name("the name of a subroutine");
  declare_here(name, {.kind = Symbol::Kind::kSubroutine, .position = lexer_.position()});
  skip_brackets({"("});
  if (lexer_.accept("->")) {
    lexer_.next();
    if (lexer_.peek().is("[")) skip_item();
  }
  if (!lexer_.peek().is("{")) lexer_.fail_expected(lexer_.peek(), "'->' or '{'");
  skip_body();
}

void Qasm3Reader::read_extern() {
  lexer_.next();
  const Token name = lexer_.expect_name("the name of a function");
  declare_here(name, {.kind = Symbol::Kind::kExtern});
  skip_to_end();
}

void Qasm3Reader::read_call_of_subroutine() { (void)call(lexer_.next()); }

std::optional<Term> Qasm3Reader::call(const Token& name) {
  const Symbol& symbol = *find(name);
  lexer_.require_at(symbol.kind == Symbol::Kind::kSubroutine, name, quoted(name),
                    " is extern: nothing says what it does");
  lexer_.require_at(++calls_ <= kMostCalls, name, "subroutines call each other more than ",
                    kMostCalls, " deep");
  const std::size_t parameters = symbol.position;
  const std::vector<Argument> arguments = read_arguments(name);
  std::optional<Term> outer_returned = std::exchange(returned_, std::nullopt);
  const std::size_t back = lexer_.position();
  const std::size_t first = operations_.size();
  const auto where = std::exchange(call_where_, where_.condition);
  const int loops = std::exchange(loops_, 0);
  const Left left = std::exchange(left_, {});
  const auto returns = std::exchange(returns_, std::nullopt);
  outside_of_scopes([&] {
    in_scope([&] {
      lexer_.seek(parameters);
      read_parameters(name, arguments);
      run_subroutine(name);
    });
  });
  if (flow_ == Flow::kReturn) flow_ = Flow::kOn;
  const Exit file = left_.file;
  left_ = left;
  add_exit(name, left_.file, file);
  returns_ = returns;
  charge_round(name, first, parameters);
  lexer_.seek(back);
  --calls_;
  loops_ = loops;
  call_where_ = where;
  return std::exchange(returned_, std::move(outer_returned));
}

// What is behind its parameters.
void Qasm3Reader::run_subroutine(const Token& name) {
  if (lexer_.accept("->")) {
    const Token word = lexer_.next();
    if (!is_type(word)) lexer_.fail_expected(word, "a type");
    returns_ = {word, read_size_of_type(word)};
  }
  for_each_in_body(&Qasm3Reader::read_statement);
  const bool has_returned =
      flow_ != Flow::kOn || (returned_ && left_.call.times > 0 && cases_not_left(name).empty());
  lexer_.require_at(!returns_ || (returned_ && has_returned), name, quoted(name),
                    " ends without a return");
}

// "(a, b)"; early versions of the language have qubits behind the brackets, or none.
std::vector<Qasm3Reader::Argument> Qasm3Reader::read_arguments(const Token& name) {
  std::vector<Argument> out;
  const auto read_one = [&] {
    out.push_back(read_argument());
    charge(name, 1 + (out.back().qubits ? static_cast<std::size_t>(out.back().qubits->size) : 0) /
                         kWiresPerUnit);
  };
  if (lexer_.accept("(")) {
    if (!lexer_.peek().is(")")) read_list(lexer_, ")", read_one);
    lexer_.expect(")");
  }
  const bool has_more = lexer_.peek().kind == TokenKind::kName || lexer_.peek().is("$");
  if (has_more) read_list(lexer_, ";", read_one);
  return out;
}

Qasm3Reader::Argument Qasm3Reader::read_argument() {
  Argument out{.token = lexer_.peek()};
  const Symbol* symbol = out.token.kind == TokenKind::kName ? find(out.token) : nullptr;
  const bool is_qubits =
      out.token.is("$") ||
      (symbol != nullptr && symbol->kind == Symbol::Kind::kOperand && !symbol->operand.is_bits);
  if (is_qubits) {
    out.qubits = read_operand(false);
    return out;
  }
  if (symbol != nullptr && symbol->kind == Symbol::Kind::kNumbers) {
    const std::size_t position = lexer_.position();
    lexer_.next();
    if (lexer_.peek().is(",") || lexer_.peek().is(")")) {
      out.numbers = symbol->numbers;
      out.is_constant = symbol->is_constant;
      return out;
    }
    lexer_.seek(position);
  }
  out.value = read_term();
  return out;
}

void Qasm3Reader::read_parameters(const Token& name, const std::vector<Argument>& arguments) {
  lexer_.expect("(");
  std::size_t count = 0;
  if (!lexer_.peek().is(")")) {
    read_list(lexer_, ")", [&] {
      lexer_.require_at(count < arguments.size(), name, quoted(name), " takes more than ",
                        arguments.size(), " argument(s)");
      read_parameter(arguments[count++]);
    });
  }
  lexer_.require_at(count == arguments.size(), name, quoted(name), " takes ", count,
                    " argument(s), got ", arguments.size());
  lexer_.expect(")");
}

void Qasm3Reader::read_parameter(const Argument& argument) {
  const Token word = lexer_.peek();
  if (word.is("readonly") || word.is("mutable") || word.is("const")) return bind_array(argument);
  const bool is_qubits = word.is("qubit") || word.is("qreg");
  const bool is_old = word.is("qreg") || word.is("creg");
  const bool is_bits = word.is("bit") || word.is("creg");
  if (!is_qubits && !is_bits) {
    const Type type = read_type({"int", "uint", "float", "angle", "bool"});
    const Token name = lexer_.expect_name("the name of a parameter");
    lexer_.require_at(!argument.qubits && !argument.numbers, argument.token,
                      "expected a number for ", quoted(name), ", got ", quoted(argument.token));
    return declare_value(
        name, lexer_.placed(argument.token, [&] { return converted(type, argument.value); }));
  }
  lexer_.next();
  constexpr std::string_view kSize = "the size of a register";
  std::optional<std::int64_t> size = is_old ? std::nullopt : read_designator(kSize);
  const Token name = lexer_.expect_name("the name of a parameter");
  if (is_old) size = read_designator(kSize);
  if (is_bits) {
    lexer_.require_at(!argument.qubits && !argument.numbers, argument.token, "expected bits for ",
                      quoted(name), ", got ", quoted(argument.token));
    declare_bits(name, size.value_or(1), !size);
    const Operand bits = find(name)->operand;
    lexer_.placed(argument.token, [&] {
      assign_bits(bits, converted({Type::Kind::kBit, bits.size}, argument.value));
    });
    return;
  }
  lexer_.require_at(argument.qubits.has_value(), argument.token, "expected qubits for ",
                    quoted(name), ", got ", quoted(argument.token));
  Operand qubits = *argument.qubits;
  lexer_.require_at(qubits.size == size.value_or(1), argument.token, quoted(name), " takes ",
                    size.value_or(1), " qubit(s), got ", qubits.size);
  qubits.is_single = !size;
  declare_here(name, {.operand = std::move(qubits)});
}

// "mutable array[int[8], 3] a" or "readonly array[int[8], #dim = 2] a": another name of an array.
void Qasm3Reader::bind_array(const Argument& argument) {
  const bool is_constant = !lexer_.next().is("mutable");
  lexer_.expect("array");
  lexer_.expect("[");
  (void)read_type({"int", "uint", "float", "angle", "bool"});
  std::vector<std::int64_t> shape;
  std::int64_t dimensions = -1;
  while (lexer_.accept(",")) {
    if (lexer_.accept("#")) {
      if (lexer_.next().text != "dim") lexer_.fail_expected(lexer_.peek(), "'#dim'");
      lexer_.expect("=");
      dimensions = read_integer("the number of dimensions");
    } else {
      shape.push_back(read_integer("the size of an array"));
    }
  }
  lexer_.expect("]");
  const Token name = lexer_.expect_name("the name of a parameter");
  lexer_.require_at(argument.numbers != nullptr, argument.token, "expected an array for ",
                    quoted(name), ", got ", quoted(argument.token));
  const std::vector<std::int64_t>& own = argument.numbers->shape;
  const bool fits = dimensions >= 0 ? std::cmp_equal(dimensions, own.size()) : shape == own;
  lexer_.require_at(fits, argument.token, "the array ", quoted(argument.token),
                    " has another shape than ", quoted(name));
  lexer_.require_at(is_constant || !argument.is_constant, argument.token, "the array ",
                    quoted(argument.token), " may not be changed here, as ", quoted(name), " is");
  declare_here(name, {.kind = Symbol::Kind::kNumbers,
                      .is_constant = is_constant,
                      .numbers = argument.numbers,
                      .where = where_.condition});
}

// What the name stands for, and what it hid, change places.
void Qasm3Reader::exchange(Local& local) {
  std::optional<Symbol> now;
  if (const auto found = symbols_.find(local.name); found != symbols_.end()) {
    now = std::move(found->second);
    symbols_.erase(found);
  }
  if (local.hidden) symbols_.emplace(local.name, std::move(*local.hidden));
  local.hidden = std::move(now);
}

// Names of the blocks around a call are not those of the subroutine.
template <class Body>
void Qasm3Reader::outside_of_scopes(const Body& body) {
  std::vector<Local> locals = std::exchange(locals_, {});
  for (std::size_t k = locals.size(); k-- > 0;) exchange(locals[k]);
  body();
  for (Local& local : locals) exchange(local);
  locals_ = std::move(locals);
}

}  // namespace qsim::qasm
