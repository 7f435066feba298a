#!/usr/bin/env bash
# Installs what a job needs and this machine lacks: Debian packages and a virtual environment.
#   scripts/setup.sh run|test|docs|nightly|web
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:?usage: scripts/setup.sh run|test|docs|nightly|web}
packages=(ca-certificates cmake g++ libeigen3-dev libhwy-dev ninja-build nlohmann-json3-dev
  python3-dev python3-venv)
extra=all
if [ "$purpose" != run ]; then
  packages+=(catch2 clang-format libbenchmark-dev libopenmpi-dev openmpi-bin qemu-user)
  extra=test
fi
if [ "$purpose" = docs ] || [ "$purpose" = nightly ]; then
  packages+=(doxygen)
fi
if [ "$purpose" = nightly ]; then
  packages+=(clang g++-aarch64-linux-gnu libclang-rt-14-dev libomp-dev)
fi

if [ "$purpose" = web ]; then
  packages+=(chromium chromium-driver emscripten)
fi

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
    missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "Installing Debian packages: ${missing[*]}"
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
fi

# The distribution's Python, so that its headers are those of python3-dev.
[ -x .venv/bin/python ] || /usr/bin/python3 -m venv .venv
# What the project and its build need, read from pyproject.toml so that it stands in one place.
mapfile -t requirements < <(.venv/bin/python scripts/requirements.py --build "$extra")
stamp=.venv/installed-$extra
if [ "$(cat "$stamp" 2>/dev/null)" != "${requirements[*]}" ]; then
  echo "Installing Python packages into .venv"
  # Python compiles what it imports, which is little of them.
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile \
    "${requirements[@]}"
  echo "${requirements[*]}" >"$stamp"
fi
