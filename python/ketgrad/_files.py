"""Files as a whole.

What is read has a limit; what is written is written whole or not at all (qsim/core/atomic_file.h),
and its place is tried before long work.
"""

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ketgrad._core import _try_file, _write_whole

PathLike = str | os.PathLike[str]

_AT_A_TIME = 2**20
_LARGEST = 2**30  # bytes of a file that is read: far more than anything that runs


def check_path(path: PathLike) -> None:
    """Raise ValueError for a path that no system takes."""
    if not os.fsencode(path):
        raise ValueError("the path of a file is ''")
    if b"\0" in os.fsencode(path):
        raise ValueError(f"the path {path!r} has a zero character")


def read_whole(path: PathLike) -> bytes:
    """Read a file; ValueError above 1 GiB, as of a device that never ends."""
    check_path(path)
    with Path(path).open("rb") as file:
        return _limited(file, os.fspath(path))


def read_stdin() -> bytes:
    """Read standard input; OSError where it is closed, ValueError above 1 GiB."""
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    return _limited(sys.stdin.buffer, "standard input")


def _limited(file: IO[bytes], name: str) -> bytes:
    parts, size = [], 0
    while part := file.read(_AT_A_TIME):
        parts.append(part)
        size += len(part)
        if size > _LARGEST:
            raise ValueError(f"{name} is larger than the limit of {_LARGEST} bytes")
    return b"".join(parts)


def check_writable(path: PathLike) -> None:
    """Raise the OSError that names `path` if no file can be written there; changes nothing."""
    check_path(path)
    if not _is_special(path):
        with _naming(path):
            _try_file(os.fsencode(_target(path)))


def make_folder(path: PathLike) -> None:
    """Make a folder, and those above it, unless it is there."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise OSError(errno.ENOTDIR, "this is a file, not a folder", error.filename) from None


def write_whole(path: PathLike, content: str | bytes) -> None:
    """Write a file, text as UTF-8; one of that name is replaced only once all has been written."""
    check_path(path)
    data = content.encode() if isinstance(content, str) else content
    with _naming(path):
        if _is_special(path):
            Path(path).write_bytes(data)
        else:
            _write_whole(os.fsencode(_target(path)), data)


def _is_special(path: PathLike) -> bool:
    """Whether it is a device or a pipe, which cannot be replaced."""
    mode = Path(path).stat().st_mode if Path(path).exists() else stat.S_IFREG
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _target(path: PathLike) -> Path:
    """Follow links, which are to stay; OSError for a folder and for a file that is protected."""
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    if target.exists() and not os.access(target, os.W_OK):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))
    return target


@contextmanager
def _naming(path: PathLike) -> Iterator[None]:
    """Let errors name the file that was meant, as it was written, or the folder that is not."""
    try:
        yield
    except OSError as error:
        reason = error.strerror
        if error.errno == errno.ENOENT:
            reason = f"there is no folder {Path(path).parent}"
        raise OSError(error.errno, reason, os.fspath(path)) from None
