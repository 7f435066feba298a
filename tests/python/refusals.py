"""Exceptions that name what is wrong."""

import re
from typing import Any

import pytest

NAN, INF = float("nan"), float("inf")


def refuses(error: type[Exception], *parts: str) -> Any:
    """Expect the exception, with a message that has all these parts in this order."""
    return pytest.raises(error, match="(?s)" + ".*".join(re.escape(part) for part in parts))
