"""The progress bar of commands."""

import shutil
import sys
from typing import Any


def on_terminal() -> bool:
    """Whether stderr is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def terminal_bar(total: float, **options: Any) -> Any:
    """Make a tqdm bar on stderr that is gone when closed, silent where that is no terminal.

    None where tqdm is missing.
    """
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    # Terminals that do not know their size would get no bar.
    columns = shutil.get_terminal_size().columns
    return tqdm(total=total, leave=False, disable=None, file=sys.stderr, ncols=columns, **options)
