#!/usr/bin/env bash
# Installs, builds, trains quantum classifiers on three real data sets, and shows the result.
# Arguments go to `ketgrad demo` (see `--help`).
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh run
echo "Building ketgrad (some minutes the first time)"
# Kernels for this machine's processor alone, and for any.
case $(grep -m 1 '^flags' /proc/cpuinfo || true) in
  *avx512vl*) leave_out="HWY_AVX2|HWY_SSE4" ;;
  *avx2*) leave_out="HWY_AVX3|HWY_SSE4" ;;
  *) leave_out="0" ;;
esac
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps \
  --config-settings=build-dir=build/quickstart \
  --config-settings="cmake.define.KETGRAD_WITHOUT_TARGETS=$leave_out" .
exec .venv/bin/python -m ketgrad demo --output out "$@"
