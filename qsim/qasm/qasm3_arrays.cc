#include <algorithm>
#include <memory>
#include <utility>

#include "qsim/qasm/qasm3_reader.h"

namespace qsim::qasm {
namespace {

constexpr std::size_t kMostDimensions = 7;  // that the language has
constexpr std::int64_t kMostNumbers = 1'000'000;

}  // namespace

void Qasm3Reader::read_array() {
  const Token array = lexer_.next();
  lexer_.expect("[");
  auto numbers = std::make_shared<Numbers>();
  numbers->type = read_type({"int", "uint", "float", "angle", "bool"});
  std::int64_t total = 1;
  while (lexer_.accept(",")) {
    const Token token = lexer_.peek();
    const std::int64_t size = read_integer("the size of an array");
    lexer_.require_at(size >= 1 && size <= kMostNumbers / total, token, "an array has ", size,
                      " in one dimension; it must have 1 to ", kMostNumbers, " elements in all");
    numbers->shape.push_back(size);
    total *= size;
  }
  lexer_.expect("]");
  lexer_.require_at(!numbers->shape.empty() && numbers->shape.size() <= kMostDimensions, array,
                    "an array has ", numbers->shape.size(), " dimensions; it must have 1 to ",
                    kMostDimensions);
  const Token name = lexer_.expect_name("the name of an array");
  charge(name, static_cast<std::size_t>(total));
  const Term zero = number_term(0, numbers->type.kind, numbers->type.size);
  numbers->elements.assign(static_cast<std::size_t>(total), zero);
  if (lexer_.accept("=")) {
    std::size_t next = 0;
    read_elements(name, *numbers, 0, next);
  }
  declare_here(name,
               {.kind = Symbol::Kind::kNumbers, .numbers = numbers, .where = where_.condition});
}

// "{{1, 2}, {3, 4}}", or another array of the shape that is left at this depth.
void Qasm3Reader::read_elements(const Token& name, Numbers& out, std::size_t depth,
                                std::size_t& next) {
  const Token token = lexer_.peek();
  if (depth == out.shape.size()) {
    const Term value = read_term();
    out.elements[next++] = lexer_.placed(token, [&] { return converted(out.type, value); });
    return;
  }
  if (lexer_.accept("{")) {
    std::int64_t count = 0;
    const std::int64_t size = out.shape[depth];
    read_list(lexer_, "}", [&] {
      lexer_.require_at(++count <= size, token, quoted(name), " is given more than ", size,
                        " elements");
      read_elements(name, out, depth + 1, next);
    });
    lexer_.require_at(count == size, token, quoted(name), " is given ", count,
                      " elements, and has ", size);
    lexer_.expect("}");
    return;
  }
  const Token other = lexer_.expect_name("'{' or an array");
  const Symbol* symbol = find(other);
  lexer_.require_at(symbol != nullptr && symbol->kind == Symbol::Kind::kNumbers, other,
                    quoted(other), " is no array");
  const std::shared_ptr<Numbers> source = symbol->numbers;
  const auto [first, count] = read_indices(other, *source);
  std::size_t wanted = 1;
  for (std::size_t k = depth; k < out.shape.size(); ++k) {
    wanted *= static_cast<std::size_t>(out.shape[k]);
  }
  lexer_.require_at(count == wanted, other, quoted(name), " takes ", wanted, " elements, got ",
                    count);
  const std::vector<Term> copied(
      source->elements.begin() + static_cast<std::ptrdiff_t>(first),
      source->elements.begin() + static_cast<std::ptrdiff_t>(first + count));
  for (const Term& value : copied) {
    out.elements[next++] = lexer_.placed(other, [&] { return converted(out.type, value); });
  }
}

// a[1, 2], a[1][2], a[1], which is a row, or a[1:2], which is some; rows are behind each other.
std::pair<std::size_t, std::size_t> Qasm3Reader::read_indices(const Token& name,
                                                              const Numbers& numbers) {
  std::size_t first = 0;
  std::size_t count = numbers.elements.size();
  std::int64_t rows = 1;
  std::size_t depth = 0;
  const auto read_one = [&](std::int64_t size) {
    const Token token = lexer_.peek();
    const std::int64_t index = read_integer("the index");
    lexer_.require_at(index >= -size && index < size, token, "index ", index,
                      " is out of range for ", quoted(name), " of ", size);
    return index < 0 ? index + size : index;
  };
  while (depth < numbers.shape.size() && rows == 1 && lexer_.accept("[")) {
    do {
      const Token token = lexer_.peek();
      lexer_.require_at(depth < numbers.shape.size() && rows == 1, token, quoted(name), " has ",
                        depth, " indices here");
      const std::int64_t size = numbers.shape[depth++];
      const std::int64_t index = read_one(size);
      count /= static_cast<std::size_t>(size);
      first += count * static_cast<std::size_t>(index);
      if (lexer_.accept(":")) rows = read_one(size) - index + 1;
      lexer_.require_at(rows >= 1, token, "the range selects nothing");
    } while (lexer_.accept(","));
    lexer_.expect("]");
  }
  return {first, count * static_cast<std::size_t>(rows)};
}

void Qasm3Reader::read_array_assignment() {
  const Token name = lexer_.next();
  const Symbol symbol = *find(name);  // NOLINT(performance-unnecessary-copy-initialization)
  lexer_.require_at(!symbol.is_constant, name, quoted(name), " is not assigned to here");
  Numbers& numbers = *symbol.numbers;
  ++n_changes_;
  const auto [first, count] = read_indices(name, numbers);
  if (count == 1) {
    const Term now = numbers.elements[first];
    Term value = read_assigned(name, numbers.type, as_here(now));
    numbers.elements[first] = merged(name, std::move(value), now, symbol.where);
    return;
  }
  charge(name, 1 + count / kWiresPerUnit);
  lexer_.expect("=");
  Numbers part{.type = numbers.type, .elements = std::vector<Term>(count)};
  // Rows of the same lengths, as many as there are.
  std::size_t left = count;
  for (std::size_t k = numbers.shape.size(); k-- > 0 && left > 1;) {
    const std::size_t size = std::min(static_cast<std::size_t>(numbers.shape[k]), left);
    part.shape.insert(part.shape.begin(), static_cast<std::int64_t>(size));
    left /= size;
  }
  std::size_t next = 0;
  read_elements(name, part, 0, next);
  for (std::size_t k = 0; k < count; ++k) {
    Term& element = numbers.elements[first + k];
    element = merged(name, part.elements[k], element, symbol.where);
  }
}

Term Qasm3Reader::read_sizeof() {
  lexer_.expect("(");
  const Token name = lexer_.expect_name("the name of an array");
  const Symbol* symbol = find(name);
  lexer_.require_at(symbol != nullptr && symbol->kind == Symbol::Kind::kNumbers, name, quoted(name),
                    " is no array");
  const std::vector<std::int64_t> shape = symbol->numbers->shape;
  const auto dimensions = static_cast<std::int64_t>(shape.size());
  const Token token = lexer_.peek();
  const std::int64_t k = lexer_.accept(",") ? read_integer("the dimension") : 0;
  lexer_.require_at(k >= 0 && k < dimensions, token, quoted(name), " has ", dimensions,
                    " dimensions, not one of number ", k);
  lexer_.expect(")");
  return number_term(static_cast<double>(shape[static_cast<std::size_t>(k)]), Type::Kind::kUint);
}

}  // namespace qsim::qasm
