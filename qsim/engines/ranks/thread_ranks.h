#pragma once

#include <functional>

#include "qsim/engines/ranks/communicator.h"

namespace qsim {

// Ranks that are threads of this process: what runs on many machines runs on one, to be tested or
// tried. Calls body(communicator) on each and waits for all; throws the error of the lowest rank
// that failed. A rank that ends by an error while others wait for it ends them too. ValueError
// where the number of ranks is no power of two.
//
//   run_ranks(4, [](Communicator& comm) { RankState<double> state(comm, 10); … });
void run_ranks(int ranks, const std::function<void(Communicator&)>& body);

}  // namespace qsim
