#include "qsim/circuit/named_values.h"

#include "qsim/circuit/closest.h"
#include "qsim/circuit/name_places.h"
#include "qsim/circuit/parameter_order.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"

namespace qsim {

template <class Number>
std::vector<std::optional<Number>> NamedValues<Number>::of(
    std::span<const std::string> parameters) const {
  std::vector<std::optional<Number>> out(parameters.size());
  if (const auto* in_order = std::get_if<std::vector<Number>>(&given_)) {
    if (in_order->size() != parameters.size()) {
      fail("got ", counted(in_order->size(), "value"), " for ",
           counted(parameters.size(), "parameter"), parameters.empty() ? "" : ": ",
           quoted(parameters));
    }
    out.assign(in_order->begin(), in_order->end());
    return out;
  }
  const NamePlaces places(parameters);
  for (const auto& [name, value] : std::get<Named>(given_)) {
    count_work();
    const auto found = places.find(name);
    require(found.is_vector || !value.is_list, "'", name, "' is a single parameter; it got ",
            value.numbers.size(), " values in a list");
    require(found.places.size() == value.numbers.size(), "the vector '", name, "' has ",
            found.places.size(), " elements; it got ", value.numbers.size(), " value(s)");
    for (std::size_t k = 0; k < found.places.size(); ++k) {
      std::optional<Number>& to = out[found.places[k]];
      require(!to.has_value(), "parameter '", parameters[found.places[k]],
              "' is given twice: by its own name and by that of its vector");
      to = value.numbers[k];
    }
  }
  return out;
}

template class NamedValues<double>;
template class NamedValues<Expression>;

}  // namespace qsim
