#!/usr/bin/env bash
# Installs, builds, trains quantum classifiers on three real data sets, and shows the result.
# Arguments go to `ketgrad demo` (see `--help`).
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh run
echo "Building ketgrad (some minutes the first time)"
# Kernels for the processor of this machine alone.
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps \
  --config-settings=build-dir=build/quickstart \
  --config-settings=cmake.define.KETGRAD_NATIVE=ON .
exec .venv/bin/python -m ketgrad demo --output out "$@"
