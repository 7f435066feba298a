# Cross-builds for ARM64 by Debian's g++-aarch64-linux-gnu, and runs what it built under qemu-user.
# Header-only libraries are those of this machine; scripts/arm64_sysroot.sh fetches the others.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
# A plain ARMv8.0 processor, as that of a Raspberry Pi 4.
set(CMAKE_CROSSCOMPILING_EMULATOR "qemu-aarch64;-cpu;cortex-a72;-L;/usr/aarch64-linux-gnu")
