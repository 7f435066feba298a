#!/usr/bin/env bash
# Builds the documentation site, build/docs/html/index.html, from docs/, the docstrings, the public
# headers and the tutorials, which run. Warnings are errors; then every link inside is followed, and
# every public name looked for. Of ketgrad as scripts/test.sh installs it; some minutes from nothing,
# one where little has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh docs
scripts/client_environment.sh docs docs
python=.venv/clients/docs/bin/python
export OMP_NUM_THREADS=1 MPLBACKEND=Agg PYTHONPATH=

start=$SECONDS
"$python" docs/doxygen.py build/docs
"$python" -m sphinx --fail-on-warning --keep-going --quiet \
  --doctree-dir build/docs/doctrees docs build/docs/html
"$python" docs/check_site.py build/docs/html
echo "build/docs/html/index.html: $((SECONDS - start)) s"
