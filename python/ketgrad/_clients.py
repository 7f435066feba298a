"""What the rooms for users of other libraries share."""

import warnings

Release = tuple[int, int]


def check_release(library: str, found: str, first: Release, last: Release, install: str) -> None:
    """Raise ImportError for a release that is too old; warn of one that has not been tried."""
    low, high = (".".join(map(str, release)) for release in (first, last))
    works = f"ketgrad works with {library} {low}"
    major, minor = (int(part) for part in found.split(".")[:2])
    if (major, minor) < first:
        raise ImportError(f"{works} and later, not with {found}: pip install -U {install}")
    if (major, minor) > last:
        tried = f"{works} to {high}; with {found} it has not been tried"
        warnings.warn(tried, stacklevel=3)  # where the room is imported
