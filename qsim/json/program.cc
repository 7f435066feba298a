#include <nlohmann/json.hpp>
#include <utility>

#include "qsim/json/json.h"
#include "qsim/json/parts.h"
#include "qsim/json/pieces.h"

namespace qsim {
namespace {

using namespace json;  // NOLINT(google-build-using-namespace)

constexpr std::string_view kProgramFormat = "ketgrad.program";

std::vector<std::string> read_names(const Json& value, const Place& place) {
  return read_list(value, place,
                   [](const Json& name, const Place& at) { return read_string(name, at); });
}

bool read_precision(const Json& value, const Place& place) {
  const std::string& name = read_string(value, place);
  expect(name == "double" || name == "single", place, "expected 'double' or 'single', got '",
         excerpt(name), "'");
  return name == "single";
}

// The program without its circuit and observables.
Json write_program_frame(const ProgramSource& program) {
  Json out = header(kProgramFormat);
  out["inputs"] = program.inputs;
  out["weights"] = program.weights;
  out["precision"] = program.single ? "single" : "double";
  return out;
}

}  // namespace

Json to_json(const ProgramSource& program) {
  Json out = write_program_frame(program);
  out["circuit"] = to_json(program.circuit);
  Json& observables = out["observables"] = Json::array();
  for (const Observable& observable : program.observables) {
    observables.push_back(to_json(observable));
  }
  return out;
}

std::string to_json_text(const ProgramSource& program) {
  Json frame = write_program_frame(program);
  frame["circuit"] = nullptr;
  frame["observables"] = nullptr;
  const auto add_observables = [&program](const auto& add) {
    for (const Observable& observable : program.observables) add(to_json_text(observable));
  };
  return object_text(frame, [&](const std::string& key) {
    return key == "circuit" ? to_json_text(program.circuit) : list_text(add_observables);
  });
}

ProgramSource program_from_json(const Json& value) {
  const Place root{.key = "program"};
  require_object(value, root,
                 {"format", "version", "circuit", "observables", "inputs", "weights", "precision"});
  read_header(value, kProgramFormat, root);
  const auto part = [&](std::string_view key) -> const Json& { return member(value, key, root); };
  return {.circuit = read_circuit(part("circuit"), root.at("circuit")),
          .observables = read_list(part("observables"), root.at("observables"), read_observable),
          .inputs = read_names(part("inputs"), root.at("inputs")),
          .weights = read_names(part("weights"), root.at("weights")),
          .single = read_precision(part("precision"), root.at("precision"))};
}

}  // namespace qsim
