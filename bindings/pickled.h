#pragma once

#include <string_view>
#include <tuple>
#include <utility>

#include "bindings/common.h"

namespace ketgrad {

// The parts of a pickled object, as __setstate__ gets them; ValueError where they are not of the
// number and the types that __getstate__ gave.
template <class... Parts>
std::tuple<Parts...> parts_of(const py::tuple& state, std::string_view what) {
  qsim::require(state.size() == sizeof...(Parts), "the pickled ", what, " has ", state.size(),
                " part(s), not ", sizeof...(Parts));
  return [&]<std::size_t... k>(std::index_sequence<k...>) {
    try {
      return std::tuple<Parts...>{state[k].template cast<Parts>()...};
    } catch (const py::cast_error& error) {
      qsim::fail("the pickled ", what, " is damaged: ", error.what());
    }
  }
  (std::index_sequence_for<Parts...>());
}

}  // namespace ketgrad
