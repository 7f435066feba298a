#!/usr/bin/env bash
# Builds that scripts/test.sh does not use, each with the C++ tests: other compilers, other
# processors, and what only instrumented builds see.
#   scripts/nightly.sh [--quick] [PART...]      parts, all by default:
#     odr       one link-time optimised program of libraries, bindings and tests, for types of one
#               name that differ
#     sanitize  Debug with AddressSanitizer and UndefinedBehaviorSanitizer, MPI on two processes too
#     clang     Release by clang
#     arm64     cross-built for ARM64, run under qemu as a processor without crypto extensions
#     docs      the documentation site, with ketgrad as scripts/test.sh has installed it (scripts/docs.sh)
#     no-avx    the tests of build/test, as they are, on an x86 processor without AVX, under qemu
#     web       the core as WebAssembly (scripts/web.sh), and pages with it in Chromium
#     wheel     scripts/wheel.sh: what a release is made of, tried as strangers would
#     campaign  half an hour of random trials on fresh seeds (scripts/campaign.sh)
# --quick is the share of it that scripts/test.sh has time for.
set -euo pipefail
cd "$(dirname "$0")/.."

quick=false
parts=()
for argument in "$@"; do
  case $argument in
    --quick) quick=true ;;
    odr | sanitize | clang | arm64 | docs | no-avx | web | wheel | campaign) parts+=("$argument") ;;
    *) echo "usage: scripts/nightly.sh [--quick] [odr|sanitize|clang|arm64|docs|no-avx|web|wheel|campaign]..." >&2; exit 2 ;;
  esac
done
if [ ${#parts[@]} -eq 0 ]; then
  parts=(odr sanitize clang arm64 docs no-avx web wheel campaign)
  # The others build everything anew, ARM64's kernels and their tests in 600 s of processor time.
  if $quick; then parts=(no-avx sanitize); fi
fi

if $quick; then scripts/setup.sh test; else scripts/setup.sh nightly; fi
export PATH="$PWD/.venv/bin:$PATH"

step() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

# build PRESET TARGET
build() {
  cmake --preset "$1" >/dev/null
  cmake --build "build/$1" --target "$2"
}

# What is compiled anew for every instruction set; without one test of minutes, 90 s in an emulator.
kernel_tests="[kernels],[state],[pauli_strings]"
if $quick; then kernel_tests='[kernels]~"dense steps*"'; fi

odr() {
  step "One program by link-time optimisation: no two types of one name"
  build odr ketgrad_odr
}

sanitize() {
  step "Debug with AddressSanitizer and UndefinedBehaviorSanitizer"
  if $quick; then
    # What is tried here frees its memory; looking for more asks for rights that containers lack.
    build asan-quick ketgrad_kernel_tests
    ASAN_OPTIONS=detect_leaks=0 build/asan-quick/tests/ketgrad_kernel_tests "[state],[pauli_strings]"
    return
  fi
  build asan-ubsan ketgrad_tests
  build/asan-ubsan/tests/ketgrad_tests
  build asan-ubsan ketgrad_mpi_tests
  scripts/mpi.sh --sanitize build/asan-ubsan
}

clang() {
  step "Release by clang"
  build clang ketgrad_tests
  build/clang/tests/ketgrad_tests
}

arm64() {
  step "ARM64 under qemu"
  scripts/arm64_sysroot.sh build/arm64-sysroot
  build arm64 ketgrad_kernel_tests
  # A Raspberry Pi 4's processor. Its cryptographic instructions are optional: no flag lets the
  # compiler use any.
  qemu-aarch64 -cpu cortex-a72 -L /usr/aarch64-linux-gnu build/arm64/tests/ketgrad_kernel_tests
}

docs() {
  step "Documentation site"
  scripts/docs.sh
}

no_avx() {
  step "x86 without AVX under qemu"
  qemu-x86_64 -cpu Nehalem build/test/tests/ketgrad_tests "$kernel_tests"
}

web() {
  step "WebAssembly, and pages in Chromium"
  scripts/web.sh
  scripts/clients.sh web
}

wheel() { scripts/wheel.sh; }

campaign() { scripts/campaign.sh --hours 0.5 --output build/campaign-pages; }

for part in "${parts[@]}"; do
  start=$SECONDS
  "${part//-/_}"
  echo "$part: $((SECONDS - start)) s"
done
