#!/usr/bin/env bash
# Format and lint of everything: clang-format, ruff, clang-tidy. Fails on any finding.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
export PATH="$PWD/.venv/bin:$PATH"

mapfile -t cpp < <(git ls-files '*.cc' '*.h')
[ ${#cpp[@]} -gt 0 ] || { echo "git lists no source files here" >&2; exit 1; }
clang-format --dry-run --Werror "${cpp[@]}"
ruff format --check --quiet .
ruff check --quiet .
bash -n scripts/*.sh .ci/run

# The files of a folder at once: most of the time goes into headers of other projects.
cmake -S . -B build/lint -G Ninja -DKETGRAD_UNITY=ON -DKETGRAD_BUILD_PYTHON=ON -DKETGRAD_MPI=ON \
  -DKETGRAD_BUILD_TESTS=OFF -DKETGRAD_BUILD_EXAMPLES=OFF -DPython_EXECUTABLE="$PWD/.venv/bin/python" \
  >/dev/null
# clang-tidy does not know every warning of g++, has no omp.h, and takes what std::stable_sort needs
# for ours.
run-clang-tidy.py -quiet -p build/lint -j "$(nproc)" -extra-arg=-Wno-unknown-warning-option \
  -extra-arg=-Wno-deprecated-declarations -extra-arg=-idirafter"$(g++ -print-file-name=include)" \
  >build/lint/findings.txt 2>build/lint/log.txt || { cat build/lint/findings.txt; exit 1; }
