#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "qsim/qasm/reader.h"

namespace qsim::qasm {

inline constexpr int kMostNested = 300;  // blocks and brackets; each takes some stack

// Where a statement acts: in any of some cases that exclude each other (always in an empty one).
struct Guard {
  std::vector<Condition> cases{};
  bool is_bit = false;  // of bits by themselves, which '&' and '|' join
};

// The reader of version 3; each part of the language in a file of its own.
class Qasm3Reader final : public Reader {
 public:
  Qasm3Reader(std::string_view text, const QasmOptions& options) : Reader(text, options, 3) {}

  Circuit read();

 private:
  // ---- Statements, names and blocks: qasm3_reader.cc ----

  void read_statement();
  // What may stand outside of blocks only.
  [[nodiscard]] static bool is_declaration(const Token& token);
  [[nodiscard]] static bool is_type(const Token& token);
  void refuse_in_block(const Token& token) const;
  // False where it is none.
  bool read_declaration(const Token& token);
  void refuse_outside(const Token& token) const;
  void read_include();
  std::int64_t read_integer(std::string_view what) { return parse_integer(lexer_, lookup_, what); }
  // "[n]" of a type; nothing without one.
  std::optional<std::int64_t> read_designator(std::string_view what);
  void read_register();
  struct ScalarType {
    Token token{};
    std::optional<std::int64_t> bits{};
  };
  ScalarType read_scalar_type(std::initializer_list<std::string_view> types);
  // Whether the type holds the value of that name.
  void check_fits(const ScalarType& type, double value, const Token& name) const;
  void read_input();
  void read_constant();
  void read_alias();
  void read_delay();
  void read_box();
  void read_arrow_measurement();
  void read_assignment();
  [[nodiscard]] bool is_bits(const Token& token) const;
  void check_no_repeats(const std::vector<int>& wires, const Token& token) const;
  // In the innermost scope, at whose end it is forgotten and what it hid is there again.
  void declare_here(const Token& name, Symbol symbol);
  template <class Body>
  void in_scope(const Body& body);
  std::optional<Value> look_up(Lexer& lexer, const Token& name);
  void charge(const Token& token, std::size_t units) {
    lexer_.placed(token, [&] { budget_.charge(units); });
  }
  // A statement, or several in "{ … }".
  void for_each_in_body(void (Qasm3Reader::*read_one)());
  void read_body();

  // ---- Selections, q[2], q[-1], q[0:2], q[0:2:6], q[{0, 3}]: qasm3_selections.cc ----

  Operand read_selection(Operand whole) override;
  int read_index(const Operand& whole);
  [[nodiscard]] int wire(const Operand& whole, std::int64_t index, const Token& token) const;
  // True for a single index.
  bool read_range(const Operand& whole, std::vector<int>& out);

  // ---- Conditions: qasm3_conditions.cc ----

  // Never without a condition.
  void read_body_under(const Token& token, const Where& outer, const Condition* condition);
  void read_if();
  // The body is read once for each case.
  void read_body_in(const Token& token, const std::vector<Condition>& cases);
  // What is joined by that of '||', '&&', '|' and '&', and by what binds closer.
  Guard read_guard(std::size_t join = 0);
  Guard read_comparison();
  // Bits as a number: all, those of a mask, or as a type has them.
  struct Compared {
    Operand bits{};
    std::optional<std::int64_t> mask{};
    int signed_size = 0;  // bits of a number with a sign
    bool is_bool = false;
  };
  bool begins_masked();
  Compared read_compared();
  // '!' binds tighter than '==': (!c) == 1 is not what !(c == 1) is.
  Guard read_bits_comparison(bool after_not);
  std::vector<Condition> read_order(const Compared& compared, const Token& sign);
  // Decimal digits of any length, "0101", true, false, or a constant expression.
  std::optional<Comparison> read_number_for(const Compared& compared);
  static std::optional<Comparison> in_some_bits(const Compared& compared, std::int64_t number);
  Comparison read_bit_string(const Operand& bits);

  // ---- Loops: qasm3_loops.cc ----

  void read_for();
  ScalarType read_loop_type();
  // at(k): the variable's value in round k.
  template <class At>
  void run_loop(const Token& token, const Token& name, std::int64_t rounds, const At& at);
  // Of a loop without rounds. Only its structure is followed: its indices need not be in range, and
  // its names are not declared.
  void skip_body();
  void skip_statement();
  void skip_if();
  void skip_for();
  void skip_box();
  void skip_brackets(std::initializer_list<std::string_view> opening);
  // One token, or all from an opening bracket to the one that closes it.
  void skip_item();

  const Lookup lookup_ = [this](Lexer& lexer, const Token& name) { return look_up(lexer, name); };
  struct Local {
    std::string_view name{};
    std::optional<Symbol> hidden{};
  };
  std::vector<Local> locals_;
  int scope_ = 0;
  int nested_ = 0;
};

template <class Body>
void Qasm3Reader::in_scope(const Body& body) {
  const std::size_t first = locals_.size();
  ++scope_;
  body();
  --scope_;
  for (; locals_.size() > first; locals_.pop_back()) {
    Local& local = locals_.back();
    if (local.hidden) {
      symbols_.insert_or_assign(local.name, std::move(*local.hidden));
    } else {
      symbols_.erase(local.name);
    }
  }
}

}  // namespace qsim::qasm
