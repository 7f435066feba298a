#pragma once

#include <cstdint>
#include <functional>

#include "bindings/arguments.h"
#include "bindings/common.h"
#include "qml/models/ranks.h"

namespace ketgrad {

// The ranks of a communicator of mpi4py; null of None. A call of all of them.
qml::RanksPtr ranks_of(const py::object& comm);

// The seed that was given, or, where none was on any rank, fresh entropy of rank 0. A call of all.
std::uint64_t seed_of(const SeedArg& seed, const qml::RanksPtr& ranks);

// Calls body, with the lock held; what it throws on one rank is raised on all. Without ranks, it
// just calls it.
void together(const qml::RanksPtr& ranks, const std::function<void()>& body);

}  // namespace ketgrad
