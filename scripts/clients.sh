#!/usr/bin/env bash
# Runs the tests of what ketgrad is to users of other libraries, each in an environment of its own.
# `cluster` has what spreads work (Dask, Ray and MPI), `serve` what puts a model behind an address,
# `web` pages in Chromium, once scripts/web.sh has built what is in them; it runs only where it is named.
#   scripts/clients.sh [pennylane] [qiskit] [cirq] [cluster] [serve] [web]
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || set -- pennylane qiskit cirq cluster serve
for client in "$@"; do
  scripts/client_environment.sh "$client" "test-$client"
  OMP_NUM_THREADS=1 ".venv/clients/$client/bin/python" -m pytest -n 2 "tests/clients/$client"
done
