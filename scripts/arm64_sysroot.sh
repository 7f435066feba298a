#!/usr/bin/env bash
# Unpacks the compiled libraries of ARM64 that the cross build links, from Debian's packages, into a
# folder: nothing of this machine's own is changed (no foreign architecture, no root).
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
apt-get download -qq libhwy-dev libhwy1
for package in *.deb; do dpkg-deb -x "$package" "$folder"; done
touch "$folder/complete"
