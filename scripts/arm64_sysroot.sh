#!/usr/bin/env bash
# Unpacks the compiled libraries of ARM64 that the cross build links, and a Python that imports what it
# has built, from Debian's packages, into a folder: nothing of this machine's own is changed (no foreign
# architecture, no root).
#   scripts/arm64_sysroot.sh FOLDER
set -euo pipefail

folder=${1:?usage: scripts/arm64_sysroot.sh FOLDER}
[ ! -e "$folder/complete" ] || exit 0
rm -rf "$folder"
mkdir -p "$folder"/apt/lists/partial "$folder"/apt/cache/archives/partial
folder=$(cd "$folder" && pwd)
touch "$folder/apt/status"
cat >"$folder/apt/apt.conf" <<CONF
APT::Architecture "arm64";
APT::Architectures "arm64";
Dir::State::lists "$folder/apt/lists";
Dir::State::status "$folder/apt/status";
Dir::Cache "$folder/apt/cache";
APT::Sandbox::User "";
CONF
export APT_CONFIG=$folder/apt/apt.conf
cd "$folder/apt"
apt-get update -qq
python=$(/usr/bin/python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
apt-get download -qq libhwy-dev libhwy1 \
  "$python-minimal" "lib$python-minimal" "lib$python-stdlib" "lib$python-dev" \
  libbz2-1.0 libexpat1 libffi8 liblzma5 libssl3 libuuid1 zlib1g
for package in *.deb; do dpkg-deb -x "$package" "$folder"; done
touch "$folder/complete"
