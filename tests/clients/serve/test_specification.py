"""What servers say of themselves holds: schemathesis tries it, with what it allows and what not."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from serving import CSV, JSON

from ketgrad.commands.columns import is_missing

NUMBERS = st.floats(-1e6, 1e6).map(repr)
COLUMNS = {
    "flowers": dict.fromkeys(
        ["sepal length", "sepal width", "petal length", "petal width"], NUMBERS
    ),
    "houses": {"colour": st.sampled_from(["red", "blue", "green"]), "size": NUMBERS | st.just("")},
    "guarded": {},
}


def tables(columns):
    """Bodies of CSV, of a few rows."""
    rows = st.lists(st.tuples(*columns.values()), min_size=1, max_size=5)
    return rows.map(lambda rows: "\n".join(map(",".join, [tuple(columns), *rows])).encode())


def texts_in(value):
    """All texts of a JSON value."""
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from texts_in(item)
        case dict():
            yield from texts_in(list(value.values()))


def says_something(text):
    """Whether a text is a category and not, as in CSV, a value that is missing."""
    return not is_missing(text.strip()) and any(letter.isalnum() for letter in text)


@pytest.mark.parametrize("name", COLUMNS)
def test_servers_keep_their_specification(name, request):
    server = request.getfixturevalue(name)
    headers = {"Authorization": f"Bearer {server.token}"} if server.token else {}
    schemathesis.openapi.media_type(CSV, tables(COLUMNS[name]))
    url = f"http://127.0.0.1:{server.port}/openapi.json"
    schema = schemathesis.openapi.from_url(url, headers=headers)

    @settings(
        max_examples=40,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case):
        assume(case.media_type != JSON or all(map(says_something, texts_in(case.body))))
        case.call_and_validate(headers=headers)

    paths = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        paths.add(operation.path)
        # Where there is nothing to be given, nothing can be wrong about it.
        for mode in list(schemathesis.GenerationMode)[: 2 if operation.body else 1]:
            given(case=operation.as_strategy(generation_mode=mode))(check)()
    assert {"/predict", "/model", "/health", "/metrics"} <= paths
