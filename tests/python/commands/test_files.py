"""Files of commands: whole or not there, and tried before the work."""

import os
import resource
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ketgrad import _files
from ketgrad._files import check_writable, make_folder, write_whole


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_text_and_bytes_are_written_as_they_are(folder):
    write_whole("a", "né\n")
    assert Path("a").read_bytes() == b"n\xc3\xa9\n"
    write_whole("a", b"\x00\r\n")
    assert Path("a").read_bytes() == b"\x00\r\n"
    assert list(folder.iterdir()) == [folder / "a"]


def test_a_failed_write_leaves_the_old_file_alone(folder):
    write_whole("a", "old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))  # as a disk that is full
    try:
        for name in ("a", "b"):
            with pytest.raises(OSError, match="too large") as caught:
                write_whole(name, "new" * 1000)
            assert caught.value.filename == name
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(folder.iterdir()) == [folder / "a"]
    assert Path("a").read_text() == "old"


WRITER = """
import sys
from ketgrad._files import write_whole
text = sys.argv[2] * 200_000
print("ready", flush=True)
while True:
    write_whole(sys.argv[1], text)
"""


def test_whoever_is_killed_leaves_the_old_file_or_the_new_one_and_nothing_else(folder):
    path = folder / "a"
    write_whole(path, "o" * 200_000)
    for k in range(12):
        command = [sys.executable, "-c", WRITER, str(path), "xyz"[k % 3]]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(0.003 * k)
            process.kill()
        text = path.read_text()
        assert len(text) == 200_000
        assert len(set(text)) == 1
    write_whole(path, "end")  # what a process killed between two calls left goes now
    assert list(folder.iterdir()) == [path]


def test_several_writers_of_one_file_do_not_disturb_each_other(folder):
    path = folder / "a"
    texts = [letter * 50_000 for letter in "wxyz"]

    def write(text):
        for _ in range(25):
            write_whole(path, text)

    with ThreadPoolExecutor(len(texts)) as pool:
        list(pool.map(write, texts))
    assert path.read_text() in texts
    assert list(folder.iterdir()) == [path]


def test_links_modes_and_devices_stay(folder):
    Path("a").write_text("old")
    Path("a").chmod(0o640)
    Path("link").symlink_to("a")
    write_whole("link", "new")
    assert Path("link").is_symlink()
    assert Path("a").read_text() == "new"
    assert stat.S_IMODE(Path("a").stat().st_mode) == 0o640
    check_writable(os.devnull)
    write_whole(os.devnull, "gone")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.parametrize("act", [check_writable, lambda path: write_whole(path, "")])
def test_places_that_cannot_be_written(folder, act):
    Path("file").write_text("")
    with pytest.raises(FileNotFoundError, match="there is no folder no/where") as caught:
        act("no/where/a")
    assert caught.value.filename == "no/where/a"
    with pytest.raises(IsADirectoryError):
        act(folder)
    with pytest.raises(NotADirectoryError):
        act("file/a")
    with pytest.raises(OSError, match="too long"):
        act("a" * 300)
    assert list(folder.iterdir()) == [folder / "file"]


def test_protected_files_are_kept(folder, monkeypatch):
    Path("a").write_text("old")
    monkeypatch.setattr(_files.os, "access", lambda *_: False)  # for root nothing is protected
    with pytest.raises(PermissionError):
        write_whole("a", "new")
    assert Path("a").read_text() == "old"


def test_a_check_changes_nothing(folder):
    Path("a").write_text("old")
    check_writable("a")
    check_writable("b")
    assert list(folder.iterdir()) == [folder / "a"]
    assert Path("a").read_text() == "old"


def test_folders_are_made_with_those_above(folder):
    make_folder("x/y")
    make_folder("x/y")
    Path("file").write_text("")
    with pytest.raises(NotADirectoryError, match="a file, not a folder"):
        make_folder("file")
