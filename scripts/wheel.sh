#!/usr/bin/env bash
# Makes what a release is made of, in build/wheel/dist, and tries it as strangers would.
#   scripts/wheel.sh [PART...]      parts, all by default, each on what the ones before it made:
#     build     a source archive of the working tree, a wheel of that archive, repaired by auditwheel
#     stranger  the wheel in bare environments, of the oldest and the newest packages it allows: no
#               compiler, no CMake, no other program
#     old       the same on x86 processors without AVX, and without SSE4, under qemu
#     arm64     the module cross-built for ARM64, imported under qemu
#     debian    libketgrad-dev, unpacked, and a project of its own built against it
# KETGRAD_TARGETS_LEFT_OUT, as KETGRAD_WITHOUT_TARGETS of CMake, is for shorter trials.
set -euo pipefail
cd "$(dirname "$0")/.."

parts=("$@")
[ $# -gt 0 ] || parts=(build stranger old arm64 debian)
for part in "${parts[@]}"; do
  case $part in
    build | stranger | old | arm64 | debian) ;;
    *) echo "usage: scripts/wheel.sh [build|stranger|old|arm64|debian]..." >&2; exit 2 ;;
  esac
done

scripts/setup.sh nightly
largest=5000000  # bytes of a wheel
here=$PWD/build/wheel
python=$PWD/.venv/bin/python
tag=$("$python" -c 'import sys; print("cp%d%d" % sys.version_info[:2])')
mkdir -p "$here/dist"

step() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

# The latest of what fits a pattern.
latest() { find "$here/$1" -maxdepth 1 -name "$2" -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2; }

wheel() { latest dist "ketgrad-*-$tag-*manylinux*.whl"; }

build() {
  step "Source archive"
  "$python" -c "from scikit_build_core.build import build_sdist; build_sdist('$here/dist')" >/dev/null
  archive=$(latest dist 'ketgrad-*.tar.gz')
  diff <(git ls-files | sort) <(tar tzf "$archive" | sed 's,^[^/]*/,,' | grep -vx PKG-INFO |
    grep -v '^python/ketgrad/web/module/' | sort) ||
    { echo "the archive has not what git has" >&2; exit 1; }
  # Unpacked anew only where it has changed: its files have no times of their own.
  if ! cmp -s "$archive" "$here/unpacked.tar.gz"; then
    rm -rf "$here"/ketgrad-*/
    tar xzmf "$archive" -C "$here"
    cp "$archive" "$here/unpacked.tar.gz"
  fi

  step "Wheel of the archive"
  rm -rf "$here/raw"
  PATH="$PWD/.venv/bin:$PATH" "$python" -m pip wheel --quiet --disable-pip-version-check \
    --no-build-isolation --no-deps --wheel-dir "$here/raw" \
    --config-settings=build-dir="$here/build" \
    --config-settings=cmake.define.KETGRAD_WITHOUT_TARGETS="${KETGRAD_TARGETS_LEFT_OUT:-0}" \
    "$here"/ketgrad-*/

  step "Repair"
  if [ ! -x "$here/tools/bin/auditwheel" ]; then
    "$python" -m venv "$here/tools"
    "$here/tools/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
      $(.venv/bin/python scripts/requirements.py wheel)
  fi
  rm -f "$here"/dist/*.whl
  PATH="$here/tools/bin:$PATH" "$here/tools/bin/auditwheel" repair --strip \
    --wheel-dir "$here/dist" "$(latest raw '*.whl')"
  size=$(stat -c %s "$(wheel)")
  echo "$(wheel): $size bytes of $largest"
  [ "$size" -le "$largest" ] || { echo "the wheel is larger than $largest bytes" >&2; exit 1; }
}

# environment NAME REQUIREMENT...: the wheel and requirements in an environment of their own.
environment() {
  home=$here/$1
  rm -rf "$home"
  "$python" -c 'import sys, venv; venv.create(sys.argv[1], with_pip=True)' "$home"
  PATH="$home/bin" "$home/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    --only-binary :all: "${@:2}"
}

# alone NAME COMMAND...: a command with nothing but that environment in sight.
alone() {
  home=$here/$1
  (cd "$home" && env -i PATH="$home/bin" HOME="$home" LANG=C.UTF-8 OMP_NUM_THREADS=2 "${@:2}")
}

stranger() {
  mapfile -t oldest < <(.venv/bin/python scripts/requirements.py --oldest learn)
  step "The oldest packages: ${oldest[*]}"
  environment oldest "$(wheel)" "${oldest[@]}"
  alone oldest bin/python -I "$PWD/tests/wheel/stranger.py" --learn
  step "The newest packages"
  environment newest "$(wheel)[learn]"
  alone newest bin/python -I "$PWD/tests/wheel/stranger.py" --learn
}

old() {
  step "x86 without AVX"
  alone newest /usr/bin/qemu-x86_64 -cpu Nehalem bin/python -I "$PWD/tests/wheel/stranger.py"
  # The oldest x86-64 processors that NumPy runs on, up to its release 2.3: one line says so.
  step "x86 without SSE4"
  alone oldest /usr/bin/qemu-x86_64 -cpu Conroe bin/python -I "$PWD/tests/wheel/stranger.py"
  ! alone newest /usr/bin/qemu-x86_64 -cpu Conroe bin/python -c 'import ketgrad' 2>"$here/conroe.txt"
  tail -1 "$here/conroe.txt"
  grep -q '^ImportError: NumPy .* does not run on this processor' "$here/conroe.txt"
}

arm64() {
  step "ARM64 under qemu"
  scripts/arm64_sysroot.sh build/arm64-sysroot
  root=$PWD/build/arm64-sysroot
  version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
  suffix=.cpython-${tag#cp}-aarch64-linux-gnu.so
  cmake --preset arm64 -B "$here/arm64" -DKETGRAD_BUILD_TESTS=OFF -DKETGRAD_BUILD_PYTHON=ON \
    -DPython_EXECUTABLE="$python" -DPython_INCLUDE_DIR="$root/usr/include/$version" \
    -DCMAKE_CXX_FLAGS="-isystem $root/usr/include" -DPYTHON_MODULE_EXTENSION="$suffix" >/dev/null
  cmake --build "$here/arm64" --target ketgrad_python
  rm -rf "$here/arm64-site"
  mkdir "$here/arm64-site"
  cp -r python/ketgrad "$here/arm64-site"
  find "$here/arm64-site" -name '*.so' -delete
  cp "$here/arm64/bindings/_core$suffix" "$here/arm64-site/ketgrad"
  "$python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
    --platform manylinux2014_aarch64 --platform manylinux_2_28_aarch64 --python-version "${tag#cp}" \
    --target "$here/arm64-site" numpy
  # A Raspberry Pi 4's processor.
  qemu-aarch64 -cpu cortex-a72 -L /usr/aarch64-linux-gnu \
    -E PYTHONHOME="$root/usr" -E PYTHONPATH="$here/arm64-site" -E OMP_NUM_THREADS=2 \
    -E LD_LIBRARY_PATH="/usr/aarch64-linux-gnu/lib:$root/lib/aarch64-linux-gnu:$root/usr/lib/aarch64-linux-gnu" \
    "$root/usr/bin/$version" tests/wheel/stranger.py
}

debian() {
  step "Debian package"
  (cd "$here/build" && cpack -G DEB -B "$here/debian" >/dev/null)
  package=$(latest debian 'libketgrad-dev_*.deb')
  dpkg-deb --field "$package" Package Version Architecture Depends Installed-Size
  rm -rf "$here/debian/root" "$here/debian/consumer"
  dpkg-deb --extract "$package" "$here/debian/root"
  cmake -S tests/install -B "$here/debian/consumer" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$here/debian/root/usr" >/dev/null
  # Every header by itself is a test of tests/CMakeLists.txt; here it is whether all is in the package.
  cmake --build "$here/debian/consumer" --target families
  ctest --test-dir "$here/debian/consumer" --output-on-failure --no-tests=error
  cp "$package" "$here/dist"
}

for part in "${parts[@]}"; do
  start=$SECONDS
  "$part"
  echo "$part: $((SECONDS - start)) s"
done
