"""A call that lasts."""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Call:
    """A call that lasts, and whether what it worked on is as before."""

    run: Callable[[], object]
    check: Callable[[], bool] = lambda: True

    def __call__(self) -> object:
        """Make the call."""
        return self.run()

    def is_intact(self) -> bool:
        """Whether the objects still work."""
        return self.check()


def on(make: Callable[[], Any], run: Callable[[Any], object]) -> Callable[[], Call]:
    """A call of something that is made beforehand."""

    def setup() -> Call:
        made = make()
        return Call(lambda: run(made))

    return setup


def on_both(make: Callable[[], tuple[Any, Any]], run: Callable[..., object]) -> Callable[[], Call]:
    """The same for two things."""
    return on(make, lambda both: run(*both))


def new_folder() -> Path:
    """A folder that is gone when Python ends."""
    path = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path
