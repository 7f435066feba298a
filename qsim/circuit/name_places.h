#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qsim {

// Where the parameters of a list stand, by name, and the elements of a vector by the vector's.
class NamePlaces {
 public:
  // Names, which have to outlive it, and what they are called in messages.
  explicit NamePlaces(std::span<const std::string> names, std::string_view kind = "parameter");

  struct Found {
    bool is_vector = false;
    std::vector<std::size_t> places{};  // in the list: one, or those of the elements in order
  };
  // Throws ValueError, naming the closest, for a name there is none of, and for that of a vector
  // of which the list has not all elements from the first on.
  [[nodiscard]] Found find(std::string_view name) const;

 private:
  // Neighbours in the list: elements of a vector one after the other, or a single parameter.
  struct Run {
    std::string_view name;  // of the vector or the parameter
    int element = -1;       // the first one; −1: no vector
    std::size_t place = 0;
    std::size_t count = 1;
  };
  [[nodiscard]] std::span<const Run> runs_of(std::string_view name) const;

  std::span<const std::string> names_;
  std::string_view kind_;
  std::vector<Run> runs_;  // by name and element
};

}  // namespace qsim
