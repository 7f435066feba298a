"""The progress bar of the bench command."""

import sys

from ketgrad.commands.progress import terminal_bar


class Progress:
    """A bar that moves with the estimated work, or lines where tqdm is missing."""

    def __init__(self, total: float) -> None:
        form = "{percentage:3.0f}% |{bar}| {elapsed} {desc}"
        self._bar = terminal_bar(total, bar_format=form)

    def start(self, what: str) -> None:
        """Say what is being measured."""
        if self._bar is None:
            print(what, file=sys.stderr)
        else:
            self._bar.set_description_str(what)

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        if self._bar is None:
            print(text, file=sys.stderr)
        else:
            self._bar.write(text, file=sys.stderr)

    def advance(self, work: float) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.update(work)

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()
