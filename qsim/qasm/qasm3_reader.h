#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qsim/qasm/cells.h"
#include "qsim/qasm/reader.h"

namespace qsim::qasm {

inline constexpr int kMostNested = 300;  // blocks, calls and indices; each takes some stack
inline constexpr int kMostDecided = 10;  // measured bits of whose values a statement has one each
inline constexpr std::size_t kComparisonsPerUnit = 3;
inline constexpr std::size_t kUnitsOfIdleRound = 100;
inline constexpr std::size_t kBytesPerUnit = 64;  // of a body, for each time that it is read again

// The reader of version 3; each part of the language in a file of its own. It runs the file: what
// variables hold is known while it is read, or follows from bits of the circuit.
class Qasm3Reader final : public Reader {
 public:
  Qasm3Reader(std::string_view text, const QasmOptions& options)
      : Reader(text, options, 3),
        max_rounds_(options.max_rounds),
        inputs_(options.inputs),
        notes_(options.notes) {}

  Circuit read();

 private:
  // ---- Statements, names and blocks: qasm3_reader.cc ----

  void read_statement();
  void read_action(const Token& token);
  // What may stand outside of blocks only.
  [[nodiscard]] static bool is_declaration(const Token& token);
  void refuse_in_block(const Token& token) const;
  // False where it is none.
  bool read_declaration(const Token& token);
  void refuse_outside(const Token& token) const;
  void read_include();
  void read_gate() { read_gate_definition(lookup_); }
  std::int64_t read_integer(std::string_view what) { return parse_integer(lexer_, lookup_, what); }
  Term read_term();
  void read_qubits();
  void read_input();
  void read_input_value();
  void read_alias();
  void read_delay();
  void skip_to_end();  // of what leaves no trace
  void read_calibration();
  void note(const Token& token, const std::string& text);
  void read_box();
  void read_arrow_measurement();
  void measure_into_value(const Operand& qubits);
  void check_no_repeats(const std::vector<int>& wires, const Token& token) const;
  // In the innermost scope, at whose end it is forgotten and what it hid is there again.
  void declare_here(const Token& name, Symbol symbol);
  template <class Body>
  void in_scope(const Body& body);
  // With what finding cases has cost meanwhile.
  void charge(const Token& token, std::size_t units);
  // Of what has been read from the position on: more where it did nothing, so that it ends soon.
  void charge_round(const Token& token, std::size_t first_operation, std::size_t position);
  // A statement, or several in "{ … }".
  void for_each_in_body(void (Qasm3Reader::*read_one)());
  // Up to "}".
  void read_statements(void (Qasm3Reader::*read_one)());
  void read_body();

  // ---- Pragmas: qasm3_pragmas.cc ----

  void read_pragma();
  void read_unitary(const Token& begin, const Token& line);
  // Whether it begins "measure_ff(…)" or "cc_prx(…)", unless a gate of the file has the name.
  [[nodiscard]] bool is_feedback(const Token& token) const;
  void read_feedback();
  void read_fed_back();
  Complex read_complex();

  // ---- Types, variables and what names stand for: qasm3_variables.cc ----

  // "[n]" of a type; nothing without one.
  std::optional<std::int64_t> read_designator(std::string_view what);
  Type read_type(std::initializer_list<std::string_view> types);
  // What is behind the word, "[8]".
  Type read_size_of_type(const Token& word);
  // Whether the type holds the value of that name.
  void check_fits(const Type& type, double value, const Token& name) const;
  void read_constant();
  void read_variable();
  void read_output();
  void declare_value(const Token& name, Term value, bool is_constant = false);
  void read_assignment();
  // What an assignment gives to what has `now`; `type` is that of what it is given to.
  Term read_assigned(const Token& target, const Type& type, const Term& now);
  Term read_decided(const Token& target, const Type& type, const Term& now);
  // Of a variable or some of its bits, by what `given` reads for what these hold.
  template <class Given>
  void assign_to_value(const Given& given);
  void assign(const Token& name, Symbol& symbol, Term value);
  // Where the statement acts, `value`, and `now` elsewhere.
  Term merged(const Token& name, Term value, const Term& now,
              const std::shared_ptr<const Condition>& where);
  [[nodiscard]] Term merged_parts(const Term& value, const Term& now) const;
  std::optional<Term> look_up(Lexer& lexer, const Token& name);
  Term value_of(const Token& name, const Symbol& symbol);
  Term selected_bits(const Token& name, const Term& whole);
  Term element_of_parameters(const Token& name, std::int64_t size);
  [[nodiscard]] bool is_assigned(const Token& token);

  // ---- Arrays of variables: qasm3_arrays.cc ----

  void read_array();
  void read_elements(const Token& name, Numbers& out, std::size_t depth, std::size_t& next);
  // Behind the name: the first element that the indices name, and how many.
  std::pair<std::size_t, std::size_t> read_indices(const Token& name, const Numbers& numbers);
  void read_array_assignment();
  Term read_sizeof();

  // ---- Bits: qasm3_bits.cc ----

  [[nodiscard]] bool is_bits(const Token& token) const;
  void declare_bits(const Token& name, std::int64_t size, bool is_single);
  void read_bits(bool is_old);
  [[nodiscard]] Term bits_at(const Operand& operand);
  void assign_bits(const Operand& operand, const Term& value);
  void read_bits_assignment();
  void measure_into(const Operand& qubits, const Operand& bits);
  // "measure q" by itself, as its outcomes.
  Term read_measured();
  Term measured(const Operand& qubits);
  struct Slot;
  std::pair<Cell, std::size_t> cell_to_measure(std::size_t slot);  // and mark_measured()
  void settle() override;
  // That nothing holds and no open condition reads.
  Cell free_cell(bool clean);
  // Behind all that depends on one condition.
  void forget_measured();
  // Whether what is read, or its other cases, depend on the bit of the circuit.
  [[nodiscard]] bool is_read(int cell) const;
  // Where all that is read now acts.
  [[nodiscard]] Bit here() const;
  [[nodiscard]] bool can_be(Condition condition) const;
  [[nodiscard]] bool can_be_here(const Condition& condition) const;
  [[nodiscard]] Bit merged(const Bit& value, const Bit& now) const;
  // What a variable holds where all that is read now acts: perhaps known, though not elsewhere.
  [[nodiscard]] Term as_here(const Term& term) const;
  // Without cases that cannot be, as they take outcomes of measurements that did not happen.
  [[nodiscard]] Cases possible(const Cases& cases) const;
  // Of required cases, those that can be where all that is read now acts.
  [[nodiscard]] std::vector<Condition> possible_here(const Cases& cases) const;
  // Which bit of the circuit each cell is, when all is read.
  void place_bits();
  void place_register(std::size_t k, const std::vector<bool>& is_own, std::vector<int>& places,
                      int& first);
  void rename_bits(const std::vector<int>& places);

  // ---- Selections, q[2], q[-1], q[0:2], q[0:2:6], q[{0, 3}]: qasm3_selections.cc ----

  Operand read_selection(Operand whole) override;
  int read_index(const Operand& whole);
  [[nodiscard]] int wire(const Operand& whole, std::int64_t index, const Token& token) const;
  // True for a single index.
  bool read_range(const Operand& whole, std::vector<int>& out);

  // ---- Conditions: qasm3_conditions.cc ----

  // In brackets.
  Bit read_condition();
  void read_if();
  void read_switch();
  Bit read_labels(const Term& value, std::vector<std::int64_t>& seen);
  // The body is read once for each case; adds the cases to `read`.
  void read_body_in(const Token& token, const Cases& where, Condition& read);
  // So does read(), for one at least; within what `outer` says.
  template <class Read>
  void in_cases(const Token& token, const Where& outer, const std::vector<Condition>& cases,
                Condition& all, const Read& read);
  // read(), once where the bit that is not decided is 1 and once where it is 0.
  template <class Read>
  void by_cases(const Token& token, const Undecided& undecided, const Read& read);

  // ---- Loops: qasm3_loops.cc ----

  void read_for();
  Type read_loop_type();
  std::vector<Term> read_loop_values(const Type& type, const Token& name);
  // at(k): the variable's value in round k.
  template <class At>
  void run_loop(const Token& token, const Token& name, std::int64_t rounds, const At& at);
  void read_while();
  // From the condition on; false where there is no round any more. `is_left`: some rounds before it
  // have left the loop.
  bool read_while_once(const Token& token, std::int64_t round, bool is_left, Cases& before);
  template <class Body>
  void in_loop(const Token& token, const Body& body);
  template <class Read>
  bool read_round(const Token& token, const Read& read);

  // ---- Leaving rounds, loops, subroutines and the file: qasm3_leaving.cc ----

  void read_break();
  void read_continue();
  void read_return();
  void read_end();
  enum class Flow : unsigned char;
  struct Exit;
  // `where`: where what is left acts.
  void leave(const Token& token, Flow flow, Exit& exit,
             const std::shared_ptr<const Condition>& where);
  // As it was left meanwhile, from what it calls or has in it.
  void add_exit(const Token& token, Exit& exit, const Exit& more);
  // With all that what is read now depends on.
  [[nodiscard]] std::vector<Condition> cases_not_left(const Token& token) const;
  // read(), once for each case in which nothing has been left. False where there is none.
  template <class Read>
  bool where_not_left(const Token& token, const Read& read);
  // The rest of the file.
  void go_on_where_not_left(const Token& token);

  // ---- What is not run: qasm3_skipping.cc ----

  // Of a body that is not read. Only its structure is followed: its indices need not be in range,
  // and its names are not declared.
  void skip_body();
  void skip_statement();
  void skip_if();
  void skip_for();
  void skip_brackets(std::initializer_list<std::string_view> opening);
  // One token, or all from an opening bracket to the one that closes it.
  void skip_item();

  // ---- Subroutines: qasm3_subroutines.cc ----

  void read_definition_of_subroutine();
  void read_extern();
  void read_call_of_subroutine();
  struct Argument {
    Token token{};
    std::optional<Operand> qubits{};
    std::shared_ptr<Numbers> numbers{};
    bool is_constant = false;
    Term value{};
  };
  std::optional<Term> call(const Token& name);
  void run_subroutine(const Token& name);
  std::vector<Argument> read_arguments(const Token& name);
  Argument read_argument();
  void read_parameters(const Token& name, const std::vector<Argument>& arguments);
  void read_parameter(const Argument& argument);
  void bind_array(const Argument& argument);
  template <class Body>
  void outside_of_scopes(const Body& body);

  const Lookup lookup_ = [this](Lexer& lexer, const Token& name) { return look_up(lexer, name); };
  struct Local {
    std::string_view name{};
    std::optional<Symbol> hidden{};
  };
  void exchange(Local& local);
  std::vector<Local> locals_;
  int scope_ = 0;
  int nested_ = 0;

  // A bit that the file declares: what it holds, and where its declaration acts.
  struct Slot {
    Bit bit{};
    std::shared_ptr<const Condition> where{};
    int own = -1;              // the cell that it had first, of a register of the whole file
    bool is_measured = false;  // whether what it holds comes from a measurement into it
  };
  std::vector<Slot> slots_;
  struct DeclaredBits {
    Token name{};
    int first = 0;
    int size = 0;
  };
  std::vector<DeclaredBits> declared_bits_;
  std::map<std::int64_t, Bit> feedback_;  // outcomes by their keys
  // Measurements in place into bits that their own condition reads. Where more depends on it, they
  // are moved to other bits.
  struct Measured {
    std::size_t slot = 0;
    std::size_t operation = 0;
    Cell cell{};
    std::size_t time = 0;  // of the cell
    Where where{};
  };
  std::vector<Measured> measured_;
  mutable std::pair<std::shared_ptr<const Condition>, Guard> here_;  // and where; without cells
  std::vector<std::vector<Cell>> watched_;  // that cases of open statements read
  std::vector<Cell> kept_;                  // that what is left of a block reads, to the end
  Cells cells_;
  std::size_t looked_at_ = comparisons_looked_at();
  std::size_t n_changes_ = 0;  // assignments, measurements and what else a condition may depend on

  // What goes on behind the statement that is read.
  enum class Flow : unsigned char { kOn, kContinue, kBreak, kReturn, kEnd };
  Flow flow_ = Flow::kOn;
  // Where something has been left, as measured bits have it, and how often the file says so.
  struct Exit {
    Bit where{};
    int times = 0;
  };
  struct Left {
    Exit round{};
    Exit loop{};
    Exit call{};
    Exit file{};
    [[nodiscard]] int times() const { return round.times + loop.times + call.times + file.times; }
  };
  Left left_;
  std::vector<std::pair<std::size_t, Condition>>
      ends_;       // what the file goes on under, and since when
  int loops_ = 0;  // of the subroutine that is read
  std::shared_ptr<const Condition> loop_where_;
  int calls_ = 0;
  std::shared_ptr<const Condition> call_where_;
  struct Returns {
    Token word{};
    Type type{};
  };
  std::optional<Returns> returns_;  // of the subroutine that is read
  std::optional<Term> returned_;
  int decided_ = 0;  // bits whose values the statement is read for, one by one
  std::int64_t max_rounds_;
  std::map<std::string, double> inputs_;
  std::set<std::string> told_;  // of the inputs, those that the file has
  std::vector<std::string>* notes_;
};

template <class Read>
void Qasm3Reader::in_cases(const Token& token, const Where& outer,
                           const std::vector<Condition>& cases, Condition& all, const Read& read) {
  const Where now = where_;
  const std::size_t position = lexer_.position();
  for (const Condition& condition : cases) {
    lexer_.seek(position);
    act_within(token, outer, condition);
    read();
    where_ = now;
    if (!condition.empty()) flow_ = Flow::kOn;  // elsewhere
    all.insert(all.end(), condition.begin(), condition.end());
  }
}

template <class Read>
bool Qasm3Reader::where_not_left(const Token& token, const Read& read) {
  const std::vector<Condition> cases = cases_not_left(token);
  if (cases.empty()) return false;
  const std::size_t first = operations_.size();
  watched_.emplace_back();
  for (const Exit* exit : {&left_.round, &left_.loop, &left_.call, &left_.file}) {
    const auto guard = guard_of(exit->where);
    watched_.back().insert(watched_.back().end(), guard->cells.begin(), guard->cells.end());
  }
  Condition all;
  in_cases(token, {}, cases, all, read);
  watched_.pop_back();
  forget_measured();
  check_condition(token, all, first);
  return true;
}

template <class Read>
void Qasm3Reader::by_cases(const Token& token, const Undecided& undecided, const Read& read) {
  if (decided_ == kMostDecided) {
    throw PlacedError(
        concat(undecided.what(), ", on more than ", kMostDecided, " whose values would be tried"));
  }
  ++decided_;
  const auto guard = guard_of(undecided.bit);
  std::vector<Condition> cases;
  for (const Cases& where : {guard->holds, guard->fails}) {
    const std::vector<Condition> more = lexer_.placed(token, [&] { return possible_here(where); });
    cases.insert(cases.end(), more.begin(), more.end());
  }
  if (cases.empty()) cases = required(guard->holds);  // below what cannot be
  const std::size_t first = operations_.size();
  watched_.push_back(guard->cells);
  Condition all;
  in_cases(token, Where(where_), cases, all, read);
  watched_.pop_back();
  --decided_;
  forget_measured();
  check_condition(token, all, first);
}

template <class Body>
void Qasm3Reader::in_scope(const Body& body) {
  const std::size_t first = locals_.size();
  const std::size_t first_slot = slots_.size();
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
  slots_.resize(first_slot);
}

}  // namespace qsim::qasm
