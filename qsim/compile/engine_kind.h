#pragma once

#include <string_view>

namespace qsim {

// How programs run on numbers; qsim/engines has a folder each.
enum class EngineKind : unsigned char {
  kBlocks,  // samples side by side in the lanes of registers
  kStages,  // small programs, one sample at a time, by the plan of blocks
  kTiles,   // any program, one sample at a time, through the cache in tiles
  kCones,   // expectation values alone, from the light cones of observables (compile/light_cone.h)
};

// "blocks", "stages", "tiles" or "cones"; ValueError listing them otherwise.
EngineKind engine_kind(std::string_view name);
std::string_view name_of(EngineKind kind);

}  // namespace qsim
