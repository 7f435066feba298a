#include <array>
#include <exception>
#include <string>
#include <string_view>

#include "bindings/web/circuits.h"
#include "bindings/web/models.h"
#include "qsim/core/error.h"
#include "qsim/core/parallel.h"
#include "qsim/json/text.h"

// What JavaScript calls: one function, by name, from JSON to JSON.

namespace web {
namespace {

struct Function {
  std::string_view name;
  Json (*call)(const Json& request);
};

constexpr std::array kFunctions{
    Function{"read_circuit", read_circuit},     Function{"circuit_state", circuit_state},
    Function{"circuit_counts", circuit_counts}, Function{"circuit_gradient", circuit_gradient},
    Function{"open_model", open_model},         Function{"predict", predict},
    Function{"model_state", model_state},
};

Json answer(std::string_view name, std::string_view request) {
  try {
    for (const Function& function : kFunctions) {
      if (function.name == name) return function.call(qsim::parse_json(request));
    }
    qsim::fail("there is no function '", name, "'");
  } catch (const Json::exception& error) {
    return {{"error", qsim::concat("the request or the model is damaged: ", qsim::reason(error))}};
  } catch (const std::exception& error) {
    return {{"error", error.what()}};
  }
}

}  // namespace
}  // namespace web

// The answer to a request, {"error": text} where it fails; it stays until the next call.
extern "C" const char* ketgrad_call(const char* name, const char* request) {
  static std::string text;
  qsim::set_num_threads(1);  // a page has no others
  text = qsim::json_text(web::answer(name, request));
  return text.c_str();
}
