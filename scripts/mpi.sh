#!/usr/bin/env bash
# States over MPI, on 1 to 8 processes of this machine.
#     scripts/mpi.sh [BUILD]              build/test, as scripts/test.sh makes it, by default
#     scripts/mpi.sh --sanitize BUILD     less of it, for an instrumented build
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

command -v mpirun > /dev/null || { echo "no mpirun: on Debian install libopenmpi-dev and openmpi-bin" >&2; exit 1; }
export PATH="$PWD/.venv/bin:$PATH" OMP_NUM_THREADS=1
# As root, on more processes than cores, with no network but this machine.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
run() { timeout 300 mpirun --oversubscribe --mca btl self,vader "$@"; }

sanitized=false
if [ "${1:-}" = --sanitize ]; then
  sanitized=true
  shift
fi
build=${1:-build/test}
tests=$build/tests/mpi/ketgrad_mpi_tests
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if $sanitized; then
  step "Under AddressSanitizer, two processes"
  export ASAN_OPTIONS=detect_leaks=0  # Open MPI keeps what it has allocated
  for command in differential bytes errors; do run -n 2 "$tests" "$command"; done
  exit 0
fi

for n in 1 2 4 8; do
  step "Random programs, gradients, samples on $n processes"
  run -n "$n" "$tests" differential
done

step "Bytes that MPI is given are those of the plan"
for n in 2 4 8; do run -n "$n" "$tests" bytes; done

step "The same bits twice"
for n in 2 4; do
  run -n "$n" "$tests" bits > "$scratch/first"
  run -n "$n" "$tests" bits > "$scratch/second"
  cmp "$scratch/first" "$scratch/second"
done

step "Files, for any number of processes"
for n in 1 4; do
  run -n "$n" "$tests" save "$scratch/state"
  for m in 1 2 8; do run -n "$m" "$tests" load "$scratch/state"; done
done

step "A full disk on one process"
before=$(ls "$scratch")
# By TCP: what shares memory would fail on its own files.
timeout 300 mpirun --oversubscribe --mca btl self,tcp --mca btl_tcp_if_include lo \
  -n 1 "$tests" full-disk "$scratch/state" : -n 1 bash -c "trap '' XFSZ; ulimit -f 1; exec '$tests' full-disk '$scratch/state'"
[ "$(ls "$scratch")" = "$before" ]  # what was there stays, and nothing else
run -n 2 "$tests" load "$scratch/state"

step "Errors on one process raise on all"
for n in 2 4; do run -n "$n" "$tests" errors; done
run -n 4 "$tests" halves
run -n 3 "$tests" refused | grep -q "got 3 ranks; their number must be a power of two"
run -n 1 "$tests" single-threads | grep -q "MPI was started without support for threads"
"$tests" not-started | grep -q "MPI does not run"

step "A killed process ends the others"
start=$SECONDS
if run -n 4 "$tests" killed 2> "$scratch/killed"; then exit 1; fi
grep -q "exited on signal 9" "$scratch/killed"
[ $((SECONDS - start)) -le 10 ]

step "Examples"
run -n 4 "$build/examples/mpi/ketgrad_mpi_example" 10
run -n 4 python -m mpi4py examples/mpi/ising.py 10

step "Python"
# Temporary files of its own for each process: another's pytest would clean up what it looks at.
own='PYTEST_DEBUG_TEMPROOT=$(mktemp -d -p "$0") exec python -m mpi4py -m pytest -q -p no:cacheprovider tests/mpi'
for n in 1 2 4; do run -n "$n" bash -c "$own" "$scratch"; done
