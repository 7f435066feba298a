#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "bindings/functions.h"

// pybind11 heads every docstring by a signature with all that a type may be. The type stub is made
// of these; people read help(), where one long line says little. The package, when it is imported,
// has them say it in few words, on lines that fit a terminal.

namespace ketgrad {
namespace {

constexpr std::size_t kWidth = 88;  // help() adds a margin

// pybind11 joins a signature while it is compiled, a character a template argument: that of long
// types took a seventh of all compiling. So our arguments' types are short words until the module
// is loaded. Later rows see what earlier ones wrote.
using Spellings = std::span<const std::pair<std::string_view, std::string_view>>;
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kInFull{
    {{"#observable", "ketgrad._core.MatrixObservable | #sum"},
     {"#sum", "ketgrad._core.PauliSum | str | #map[str, #float]"},
     {"#terms", "#map[str, #float] | collections.abc.Sequence[tuple[str, #float]] | #sparse"},
     {"#sparse", "collections.abc.Sequence[tuple[str, collections.abc.Sequence[#int], #float]]"},
     {"#named", "#map[typing.Any, #array]"},
     {"#names",
      "ketgrad._core.ParameterVector | ketgrad._core.Parameter | str | #many[typing.Any]"},
     {"#matrix", "typing.Annotated[#array, numpy.complex128, \"[m, n]\"]"},
     {"#angle", "ketgrad._core.Expression | ketgrad._core.Parameter | #float"},
     {"#array", "numpy.typing.ArrayLike"},
     {"#many", "collections.abc.Iterable"},
     {"#map", "collections.abc.Mapping"},
     {"#int", "typing.SupportsInt | typing.SupportsIndex"},
     {"#float", "typing.SupportsFloat | typing.SupportsIndex"}}};

// What readers get. Later rows see what earlier ones wrote.
constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kShorter{
    {{"ketgrad._core.", ""},
     {"collections.abc.", ""},
     {"numpy.typing.", ""},
     {"numpy.", ""},
     {"typing.", ""},
     {"SupportsInt | SupportsIndex", "int"},
     {"SupportsFloat | SupportsIndex", "float"},
     {"Expression | Parameter | float", "float | Parameter | Expression"},
     {" | Sequence[tuple[str, float]] | Sequence[tuple[str, Sequence[int], float]]", " | list"},
     {"PauliSum | str | Mapping[str, float]", "PauliSum | str | dict"},
     {"Mapping[str, float] | list", "dict | list"},
     {"MatrixObservable | PauliSum | str | dict", "Observable"},
     {"Iterable[Iterable[int]]", "Iterable[tuple[int, int]]"},
     {"PathLike | str | bytes", "PathLike"},
     {" inputs: object", " inputs: ArrayLike | dict"},
     {" weights: object", " weights: ArrayLike | dict"}}};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
}

void replace_all(std::string& text, Spellings rows) {
  for (const auto& [from, to] : rows) replace_all(text, from, to);
}

// Such text as pybind11 frees, which has it of strdup().
template <class Character>
void replace(Character*& text, const std::string& by) {
  char* const own = strdup(by.c_str());
  if (own == nullptr) return;
  std::free(const_cast<char*>(text));
  text = own;
}

bool opens(char c) { return c == '(' || c == '[' || c == '{'; }
bool closes(char c) { return c == ')' || c == ']' || c == '}'; }

// "Annotated[ArrayLike, complex128, "[m, n]"]" becomes its first part.
void drop_annotations(std::string& text) {
  constexpr std::string_view kOpen = "Annotated[";
  for (std::size_t at = text.find(kOpen); at != std::string::npos; at = text.find(kOpen, at)) {
    const std::size_t first = at + kOpen.size();
    std::size_t comma = std::string::npos;
    std::size_t end = first;
    for (int depth = 1; end < text.size(); ++end) {
      depth += opens(text[end]) ? 1 : (closes(text[end]) ? -1 : 0);
      if (depth == 0) break;
      if (depth == 1 && text[end] == ',') comma = std::min(comma, end);
    }
    const std::string kept = text.substr(first, std::min(comma, end) - first);
    text.replace(at, std::min(end + 1, text.size()) - at, kept);
  }
}

// Lines of at most kWidth: between arguments if that can be, else within the type of one.
std::string folded(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t margin = 0;
  while (margin + text.size() > kWidth) {
    std::size_t outer = 0;  // where to break the line, behind a space
    std::size_t inner = 0;
    int depth = out.empty() ? 0 : 1;
    for (std::size_t k = 0; margin + k < kWidth; ++k) {
      depth += opens(text[k]) ? 1 : (closes(text[k]) ? -1 : 0);
      if (text[k] != ' ') continue;
      if (k > 0 && text[k - 1] == ',' && depth == 1) outer = k + 1;
      if (k > 0 && (text[k - 1] == ',' || text[k - 1] == '|')) inner = k + 1;
    }
    const std::size_t end = outer > 0 ? outer : inner;
    if (end == 0) break;
    out += text.substr(0, end - 1);
    out += '\n';
    out.append(indent, ' ');
    margin = indent;
    text.remove_prefix(end);
  }
  out += text;
  return out;
}

std::string shortened(std::string_view signature, std::size_t indent) {
  std::string text(signature);
  replace_all(text, kShorter);
  drop_annotations(text);
  return folded(text, indent);
}

// How long the number of an overload is, "1. ", at the start of a line; 0: there is none.
std::size_t number_length(std::string_view line) {
  std::size_t k = 0;
  while (k < line.size() && std::isdigit(static_cast<unsigned char>(line[k])) != 0) ++k;
  return k > 0 && line.substr(k).starts_with(". ") ? k + 2 : 0;
}

// A docstring with its signatures shortened: the first line, and those of overloads.
std::string readable(std::string_view doc, std::string_view name) {
  constexpr std::size_t kIndent = 4;
  std::string out;
  out.reserve(doc.size());
  bool is_first = true;
  while (!doc.empty()) {
    const std::string_view line = doc.substr(0, doc.find('\n'));
    const std::size_t number = number_length(line);
    const std::string_view head = line.substr(number);
    const bool is_signature = (is_first || number > 0) && head.starts_with(name) &&
                              head.substr(name.size()).starts_with('(');
    is_first = false;
    if (is_signature) {
      out += shortened(line, number + kIndent);
    } else {
      out += line;
    }
    doc.remove_prefix(line.size());
    if (doc.empty()) break;
    out += '\n';
    doc.remove_prefix(1);
  }
  return out;
}

}  // namespace

void write_out_types(py::handle owner) {
  for_functions(owner, [](PyCFunctionObject& function) {
    const auto write_out = [](auto& text) {
      if (text == nullptr || std::strchr(text, '#') == nullptr) return;
      std::string full(text);
      replace_all(full, kInFull);
      replace(text, full);
    };
    write_out(function.m_ml->ml_doc);
#if PYBIND11_VERSION_HEX >= 0x03000000
    // Errors list those of all overloads.
    auto* record = py::detail::function_record_ptr_from_PyObject(function.m_self);
    for (; record != nullptr; record = record->next) write_out(record->signature);
#endif
  });
}

void shorten_signatures(py::handle owner) {
  for_functions(owner, [](PyCFunctionObject& function) {
    PyMethodDef* const definition = function.m_ml;
    if (definition->ml_doc == nullptr || definition->ml_name == nullptr) return;
    replace(definition->ml_doc, readable(definition->ml_doc, definition->ml_name));
  });
}

}  // namespace ketgrad
