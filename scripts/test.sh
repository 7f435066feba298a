#!/usr/bin/env bash
# Builds everything and runs every check: format, lint, types, C++ and Python tests, doctests,
# examples. Fails on the first that fails.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

step "Setup"
scripts/setup.sh test
export PATH="$PWD/.venv/bin:$PATH" MPLBACKEND=Agg

step "Format and lint"
scripts/lint.sh

step "Build (warnings are errors)"
options=(--config-settings=cmake.define.KETGRAD_UNITY=OFF)  # each file includes what it uses
for name in BUILD_TESTS BUILD_EXAMPLES BUILD_BENCHMARKS MPI WARNINGS_AS_ERRORS; do
  options+=("--config-settings=cmake.define.KETGRAD_$name=ON")
done
python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps \
  --config-settings=build-dir=build/test \
  "${options[@]}" .

step "Types"
mypy

step "C++ tests and examples"
ctest --test-dir build/test --output-on-failure -j2

step "Other builds and processors, in part"
scripts/nightly.sh --quick

step "Python tests, doctests and examples"
# One process a core, each with one thread unless a test asks for more.
OMP_NUM_THREADS=1 python -m pytest -n 2

step "States over MPI"
scripts/mpi.sh

step "Tests of clients"
scripts/clients.sh

step "All checks passed"
