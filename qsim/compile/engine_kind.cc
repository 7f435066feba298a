#include "qsim/compile/engine_kind.h"

#include <array>
#include <string>
#include <utility>

#include "qsim/core/error.h"

namespace qsim {
namespace {

constexpr std::array kNames{std::pair{EngineKind::kBlocks, std::string_view("blocks")},
                            std::pair{EngineKind::kStages, std::string_view("stages")},
                            std::pair{EngineKind::kTiles, std::string_view("tiles")},
                            std::pair{EngineKind::kCones, std::string_view("cones")}};

}  // namespace

EngineKind engine_kind(std::string_view name) {
  std::string names;
  for (const auto& [kind, text] : kNames) {
    if (name == text) return kind;
    names += concat(names.empty() ? "" : ", ", text);
  }
  fail("there is no engine '", name, "'; there is ", names);
}

std::string_view name_of(EngineKind kind) {
  return kNames.at(static_cast<std::size_t>(kind)).second;
}

}  // namespace qsim
