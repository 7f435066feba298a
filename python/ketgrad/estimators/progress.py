"""The progress bar of a training."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ketgrad._types import Record


@contextmanager
def progress(label: str, epochs: int, *, shown: bool) -> Iterator[Callable[[Record], None]]:
    """Show a progress bar, as a function to call after every epoch; nothing without tqdm."""
    if not shown:
        yield lambda _: None
        return
    try:
        from tqdm.auto import tqdm
    except ImportError:
        yield lambda _: None
        return
    with tqdm(total=epochs, desc=label, unit="epoch") as bar:

        def update(record: Record) -> None:
            bar.set_postfix(loss=f"{record['loss']:.4f}", refresh=False)
            bar.update()

        yield update
