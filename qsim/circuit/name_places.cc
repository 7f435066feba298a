#include "qsim/circuit/name_places.h"

#include <algorithm>

#include "qsim/circuit/parameter.h"
#include "qsim/circuit/parameter_order.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"

namespace qsim {

NamePlaces::NamePlaces(std::span<const std::string> names, std::string_view kind)
    : names_(names), kind_(kind) {
  for (std::size_t k = 0; k < names.size(); ++k) {
    count_work();
    const ElementName element = element_name(names[k]);
    if (element.index < 0) {
      runs_.push_back({.name = names[k], .place = k});
      continue;
    }
    if (!runs_.empty()) {
      Run& last = runs_.back();
      if (last.element >= 0 && last.name == element.vector &&
          element.index == last.element + static_cast<int>(last.count)) {
        ++last.count;
        continue;
      }
    }
    runs_.push_back({.name = element.vector, .element = element.index, .place = k});
  }
  std::ranges::sort(runs_, [](const Run& a, const Run& b) {
    return a.name != b.name ? a.name < b.name : a.element < b.element;
  });
}

std::span<const NamePlaces::Run> NamePlaces::runs_of(std::string_view name) const {
  const auto first = std::ranges::lower_bound(runs_, name, {}, &Run::name);
  const auto last = std::ranges::upper_bound(runs_, name, {}, &Run::name);
  return std::span(runs_).subspan(static_cast<std::size_t>(first - runs_.begin()),
                                  static_cast<std::size_t>(last - first));
}

NamePlaces::Found NamePlaces::find(std::string_view name) const {
  std::span<const Run> runs = runs_of(name);
  if (!runs.empty() && runs.front().element < 0) return {.places = {runs.front().place}};
  Found out{.is_vector = !runs.empty()};
  for (const Run& run : runs) {
    require(run.element == static_cast<int>(out.places.size()), "of the vector '", name,
            "' there is no element ", out.places.size(), " here but there is ", run.element,
            "; give each that there is by its own name");
    for (std::size_t k = 0; k < run.count; ++k) out.places.push_back(run.place + k);
  }
  if (out.is_vector) return out;
  const ElementName element = element_name(name);
  for (const Run& run : runs_of(element.vector)) {
    const int k = element.index - run.element;
    if (run.element >= 0 && k >= 0 && k < static_cast<int>(run.count)) {
      return {.places = {run.place + static_cast<std::size_t>(k)}};
    }
  }
  fail_unknown(name, {names_.begin(), names_.end()}, kind_);
}

}  // namespace qsim
