#!/usr/bin/env bash
# Random trials of everything on fresh seeds, for hours; writes docs/reliability.md and its JSON.
#   scripts/campaign.sh [--hours H] [--only SECTION ...] [--seed N] [--append] [--output FOLDER]
# Fails where any trial failed. Exits early, keeping what there is, on Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
export PATH="$PWD/.venv/bin:$PATH" MPLBACKEND=Agg
echo "Building ketgrad and the fuzzers (some minutes the first time)"
python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps \
  --config-settings=build-dir=build/campaign .
compiler=$(command -v clang++ || command -v clang++-14 || true)
if [ -n "$compiler" ]; then
  cmake --preset fuzz -DCMAKE_CXX_COMPILER="$compiler" >/dev/null
  cmake --build --preset fuzz
else
  echo "no clang: the fuzzers are left out" >&2
fi
PYTHONPATH=tests:tests/python exec python -m campaign "$@"
