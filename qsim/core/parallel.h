#pragma once

#include <functional>

#include "qsim/core/processors.h"
#include "qsim/core/types.h"

// The only place that knows OpenMP. Work is split into parts whose number depends on the problem
// and never on the number of threads, so every reduction has the same bits on one thread and on
// many. In a forked child the threads of OpenMP are gone: a crew of our own stands in for them, as
// it does where there is no OpenMP.

namespace qsim {

// Threads used from now on; 0 restores the default: OMP_NUM_THREADS, else this process's share of
// the machine (processors.h). Throws ValueError below 0 or above 1024.
void set_num_threads(int threads);
int num_threads();
ThreadShare thread_share();  // the same number, and why
int openmp_version();        // the date of its specification, as 201511; 0 without OpenMP

// Whether the caller is a thread of a parallel region other than the one that entered it.
bool is_helper_thread();
// Inside a region in which some thread has failed already, throws to abandon the caller's part too;
// for long parts to call now and then.
void leave_failed_region();

// Runs body(i) for i in [0, count), on the threads unless already inside a parallel region.
// The first exception (by index) is rethrown on the caller. Every part asks for interrupts first.
void parallel_for(Index count, const std::function<void(Index)>& body);

// body(i, worker) with 0 <= worker < workers on that many threads, so that each can own a
// workspace.
void parallel_for_workers(Index count, int workers, const std::function<void(Index, int)>& body);

}  // namespace qsim
