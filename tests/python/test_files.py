"""Files of commands: whole or not there, and tried before the work."""

import os
import stat
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


def test_a_failed_write_leaves_the_old_file_alone(folder, monkeypatch):
    write_whole("a", "old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_files.os, "fsync", full)
    for name in ("a", "b"):
        with pytest.raises(OSError, match="No space") as caught:
            write_whole(name, "new")
        assert caught.value.filename == name
    assert list(folder.iterdir()) == [folder / "a"]
    assert Path("a").read_text() == "old"


def test_an_interrupted_write_leaves_the_old_file_alone(folder, monkeypatch):
    write_whole("a", "old")

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(_files.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole("a", "new")
    assert list(folder.iterdir()) == [folder / "a"]
    assert Path("a").read_text() == "old"


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
