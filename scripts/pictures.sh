#!/usr/bin/env bash
# Draws every kind of picture there is and writes a page of them, out/pictures/index.html, to be
# looked at after a change to drawings or plots. Needs what scripts/test.sh installs.
set -euo pipefail
cd "$(dirname "$0")/.."
exec .venv/bin/python tests/python/gallery.py out/pictures
