#!/usr/bin/env bash
# Runs the tests of what ketgrad is to users of other libraries, each in an environment that has the
# library beside all that the tests' environment has, ketgrad as installed there included. `cluster`
# has what spreads work: Dask, Ray and MPI.
#   scripts/clients.sh [pennylane] [qiskit] [cirq] [cluster] [serve]
set -euo pipefail
cd "$(dirname "$0")/.."

site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
[ $# -gt 0 ] || set -- pennylane qiskit cirq cluster serve
for client in "$@"; do
  home=.venv/clients/$client
  if [ ! -x "$home/bin/python" ]; then
    .venv/bin/python -m venv --without-pip "$home"
    echo "$site" >"$("$home/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/tests.pth"
  fi
  mapfile -t requirements < <(.venv/bin/python scripts/requirements.py "test-$client")
  if [ "$(cat "$home/installed" 2>/dev/null)" != "${requirements[*]}" ]; then
    echo "Installing $client and its needs"
    .venv/bin/python -m pip --python "$home/bin/python" install --quiet --disable-pip-version-check \
      "${requirements[@]}"
    echo "${requirements[*]}" >"$home/installed"
  fi
  OMP_NUM_THREADS=1 "$home/bin/python" -m pytest -n 2 "tests/clients/$client"
done
