#pragma once

#include <memory>
#include <span>
#include <vector>

#include "qsim/compile/segments.h"
#include "qsim/core/loan.h"
#include "qsim/core/memory.h"
#include "qsim/engines/execute.h"
#include "qsim/engines/tiles/tile_units.h"
#include "qsim/state/state.h"

// A program on a state, segment by segment, tile by tile. Each thread has scratch of two tiles for
// a state it takes through: half a megabyte forwards, one with gradients. Merged phases take up
// to 4 MiB a segment more and their derivatives 64 MiB while it is swept.

namespace qsim {

// The size of tiles in use: what suits the second-level cache, or what set_tile_size asked for.
template <class T>
TileSize tile_size();

// For tests and measurements: tiles of this size from now on (at least what the layout needs); {}
// restores the default. Not to be called while something runs.
void set_tile_size(TileSize size);

// Whether a state is wide enough to be cut into tiles: its amplitudes fill the blocks of the
// layout.
template <class T>
bool has_tiles(int n_qubits);

// How often a run takes the state through memory.
template <class T>
std::size_t pass_count(const Program& program);

// Plans a program once for states of one width, which start from |0…0⟩ or the program's initial
// amplitudes, or may be any.
template <class T>
class TileRunner {
 public:
  TileRunner(const Program& program, int n_qubits, Start start);

  void run(const Binding<T>& binding, State<T>& state, const PartDone& part_done);

  // What run_back of execute.h says.
  void run_back(const Binding<T>& binding, State<T>& ket, State<T>& bra, const SlopeSink& sink,
                Back back);

  // The runner of a program, made on first use and kept with it.
  static Loan<TileRunner> of(const Program& program, int n_qubits, Start start);

 private:
  struct TiledSegment {
    Segment segment{};
    TileSums<T> sums{};  // sized, all zero
    std::vector<TileUnit<T>> units{};
    std::vector<Index> runs{};   // where the runs of a tile start, without the outer qubits
    int run_qubits = 0;          // log2 of the amplitudes of a run
    std::vector<Qubit> outer{};  // the qubits that tell the tiles apart
    Index mixed = 0;             // of a step that acts on the whole state
    bool has_slots = false;
  };

  // The step of a segment that acts on the whole state.
  [[nodiscard]] const Step& whole_step(const TiledSegment& tiled) const {
    return program_->steps[static_cast<std::size_t>(tiled.segment.ops.front().steps.front())];
  }
  [[nodiscard]] TiledSegment tiled_of(const Segment& segment) const;
  void look_ahead();
  void bind(const Binding<T>& binding);
  static void prepare(TiledSegment& tiled, const Binding<T>& binding, Direction direction);
  static void release(TiledSegment& tiled);
  static Index chunk_count(const TiledSegment& tiled);
  static bool units_are_long(const TiledSegment& tiled);
  // Calls body(first, last, chunk, scratch) for ranges of tiles on the threads.
  template <class Body>
  void for_tiles(const TiledSegment& tiled, std::size_t tiles_of_scratch, const Body& body);
  // Calls body with the tile in cache and brings back what it has become.
  template <class Body>
  void with_tile(const TiledSegment& tiled, Index k, std::span<T* const> states, T* scratch,
                 const Body& body) const;
  void run_tiled(const TiledSegment& tiled, State<T>& state);
  void run_tiled_back(const Binding<T>& binding, const TiledSegment& tiled, bool is_last,
                      State<T>& ket, State<T>& bra, const SlopeSink& sink);

  const Program* program_;
  int n_qubits_;
  Start start_;
  std::string_view target_;  // the instruction set that the plan is for …
  TileSize size_;            // … and the tiles
  std::vector<TiledSegment> tiled_;
};

}  // namespace qsim
