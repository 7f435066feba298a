#!/usr/bin/env bash
# Makes .venv/clients/NAME, an environment that has what an extra of pyproject.toml needs beside all
# that the tests' environment has, ketgrad as installed there included.
#   scripts/client_environment.sh NAME EXTRA
set -euo pipefail
cd "$(dirname "$0")/.."

client=${1:?usage: scripts/client_environment.sh NAME EXTRA}
home=.venv/clients/$client
if [ ! -x "$home/bin/python" ]; then
  .venv/bin/python -m venv --without-pip "$home"
  site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  echo "$site" >"$("$home/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/tests.pth"
fi
mapfile -t requirements < <(.venv/bin/python scripts/requirements.py "${2:?an extra}")
if [ "$(cat "$home/installed" 2>/dev/null)" != "${requirements[*]}" ]; then
  echo "Installing $client and its needs"
  .venv/bin/python -m pip --python "$home/bin/python" install --quiet --disable-pip-version-check \
    "${requirements[@]}"
  echo "${requirements[*]}" >"$home/installed"
fi
