"""Memory for populations, which do not depend on how they are cut."""

import pytest

import ketgrad as kg
from ketgrad.analysis import populations


@pytest.fixture(params=[None, 1000.0])
def memory(request, monkeypatch):
    """As much memory as there is, or so little that a population is cut into small parts."""
    if request.param is not None:
        monkeypatch.setattr(populations, "_SHARE", request.param / kg.available_memory())
