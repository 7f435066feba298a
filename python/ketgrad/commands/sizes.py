"""Bytes and seconds as commands show them."""


def bytes_text(size: float) -> str:
    """Write a number of bytes.

    >>> bytes_text(1536), bytes_text(2**34)
    ('1.5 KiB', '16 GiB')
    """
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB"):
        if size < 1024:
            return f"{size:.4g} {unit}"
        size /= 1024
    return f"{size:.4g} EiB"


def seconds_text(value: float) -> str:
    """Write a time.

    >>> seconds_text(7200), seconds_text(1.5), seconds_text(2e-5)
    ('2 h', '1.5 s', '20 µs')
    """
    for unit, size in (("years", 3.156e7), ("days", 86400), ("h", 3600), ("min", 60), ("s", 1.0)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e3:.3g} ms" if value >= 1e-3 else f"{value * 1e6:.3g} µs"
