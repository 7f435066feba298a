#!/usr/bin/env bash
# Builds the core as WebAssembly by Emscripten and puts it where `ketgrad export` looks for it, here
# and in ketgrad as scripts/test.sh has installed it; writes the playground, build/web/playground.html.
# Ten minutes of processor time from nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh web
export NODE_PATH=${NODE_PATH:-/usr/share/nodejs}  # Debian's Emscripten looks for acorn there
largest=2000000                                   # bytes of the compressed module
module=python/ketgrad/web/module
python=.venv/bin/python

cmake --preset web >/dev/null
cmake --build --preset web
mkdir -p "$module"
cp build/web/bindings/web/ketgrad_web.js "$module"
gzip -9 --no-name --stdout build/web/bindings/web/ketgrad_web.wasm >"$module/ketgrad_web.wasm.gz"
size=$(cat "$module"/* | wc -c)
echo "$module: $size bytes of $largest"
[ "$size" -le "$largest" ] || { echo "the module is larger than $largest bytes" >&2; exit 1; }

installed=$("$python" -c 'import ketgrad.web.module as it; print(it.FOLDER)')
if [ ! "$installed" -ef "$module" ]; then
  mkdir -p "$installed"
  cp "$module"/* "$installed"
fi
"$python" examples/web/make.py build/web/playground.html
