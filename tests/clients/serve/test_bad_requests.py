"""What is malformed, too large or too slow is refused with one line, and the server goes on."""

import json
import socket
import time
from contextlib import suppress

import pytest
from serving import CSV, PATIENCE, serving

ROW = [5.1, 3.5, 1.4, 0.2]
HEAD = "POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (400, b"", "not JSON"),
        (400, b"{", "not JSON"),
        (400, b'{"rows": [[1, 2, 3, NaN]]}', "NaN, which is no number"),
        (400, b"\xff", "byte 0 is not UTF-8"),
        (400, b"[" * 100_000, "nested too deeply"),
        (422, b"[]", '{"rows": [...]}'),
        (422, b'{"rows": [[1, 2, 3, 4]], "more": 1}', '{"rows": [...]}'),
        (400, b'{"rows": [[1' + b"0" * 5000 + b", 2, 3, 4]]}", "an integer of too many digits"),
        (
            422,
            b'{"rows": [[1, 2, 3, 4]], "rows": []}',
            "members of an object are called 'rows'",
        ),
        (422, {"rows": [{}]}, "it has none"),
        (422, {"rows": "1"}, "'rows' is a text"),
        (422, {"rows": []}, "no rows"),
        (422, {"rows": [ROW, 7]}, "row 1 is a number"),
        (422, {"rows": [ROW, ROW[:3]]}, "row 1 has 3 values; the model takes 4"),
        (422, {"rows": [["5.1", 3.5, 1.4, 0.2]]}, "row 0, column 0: a text is not a number"),
        (422, {"rows": [[True, 3.5, 1.4, 0.2]]}, "a truth value is not a number"),
        (422, {"rows": [[None, 3.5, 1.4, 0.2]]}, "row 0, column 0: the value is missing"),
        (422, b'{"rows": [[1e999, 2, 3, 4]]}', "inf is beyond 1e+100"),
        (422, b'{"rows": [[1' + b"0" * 400 + b", 2, 3, 4]]}", "beyond 1e+100"),
        (422, {"rows": [{"sepal length": 1}]}, "no column 'sepal width'"),
        (422, {"rows": [{"sepal length": 1}, {"sepal": 1}]}, "one lacks 'sepal'"),
        (422, {"rows": [{"sepal length": 1}, ROW]}, "row 1 is a list"),
        (422, {"rows": [{"sepal length": "1"}]}, "row 0, column 'sepal length': a text"),
        (413, {"rows": [ROW] * 10_001}, "10001 rows; the limit is 10000"),
        (413, b" " * (2**20 + 1), "larger than the limit of 1048576 bytes"),
    ],
)
def test_bodies_of_json(flowers, status, body, told):
    assert told in flowers.refused(status, body)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("", "empty"),
        ("sepal length\n1\n", "no column 'sepal width'"),
        ('"sepal length\n1', "line 1"),
        ("sepal length,sepal width,petal length,petal width\n1,2,x,4\n", "'x' is not a number"),
        ("sepal length,sepal width,petal length,petal width\n1,2,,4\n", "missing"),
        ("sepal length,sepal width,petal length,petal width\n1,2,3\n", "line 2: 3 value(s)"),
        (b"\x00\xff", "not text"),
    ],
)
def test_bodies_of_csv(flowers, body, told):
    assert told in flowers.refused(422, body, CSV)


def test_columns_that_the_model_does_not_take(flowers, iris):
    row = {**iris[0].iloc[0].to_dict(), "species": "setosa"}
    assert "column 'species'" in flowers.refused(422, {"rows": [row]})


def test_many_columns_are_read_within_the_time(hasty):
    """In a body as large as may be: of other names, of one name, and of none."""
    row = dict.fromkeys(["sepal length", "sepal width", "petal length", "petal width"], "1")
    row |= {f"c{k}": "1" for k in range(70_000)}
    body = ",".join(row) + "\n" + ",".join(row.values())
    assert hasty.ask("POST", "/predict", body, CSV)[0] == 200
    assert "two columns are called 'a'" in hasty.refused(422, "a," * 300_000 + "a", CSV)
    body = "sepal length" + "," * 300_000 + "\n1" + "," * 300_000
    assert "no column 'sepal width'" in hasty.refused(422, body, CSV)


@pytest.mark.parametrize("kind", ["colour", "size"])
def test_long_texts_are_not_sent_back(houses, kind):
    row = {"size": 1, "colour": "red", kind: "z" * 900_000}
    status, _, text = houses.ask("POST", "/predict", {"rows": [row]})
    assert status == (200 if kind == "colour" else 422)
    assert len(text) < 300


def test_names_that_the_model_does_not_know(guarded):
    told = "does not know its features by name"
    assert told in guarded.refused(422, "a,b,c\n1,2,3\n", CSV)
    assert told in guarded.refused(422, {"rows": [{"a": 1}]})


@pytest.mark.parametrize("kind", [None, "text/plain", "application/xml; charset=utf-8"])
def test_other_media_types(flowers, kind):
    assert "application/json or text/csv" in flowers.refused(415, b"{}", kind)


def test_limits_that_were_asked_for(guarded):
    assert "21 rows; the limit is 20" in guarded.refused(413, {"rows": [[1, 2, 3]] * 21})
    assert "limit of 2000 bytes" in guarded.refused(413, b" " * 2001)


def exchange(server, *parts, pause=0.0):
    """Send parts of a request; returns all that comes until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        for part in parts:
            connection.sendall(part.encode() if isinstance(part, str) else part)
            time.sleep(pause)
        answer = b""
        while part := connection.recv(4096):
            answer += part
    return answer


def test_a_length_beyond_patience_is_refused_unread(flowers):
    answer = exchange(flowers, f"{HEAD}content-length: 1000000000000\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer


def test_chunks_without_end_are_refused(flowers):
    chunk = b"100000\r\n" + b" " * 2**20 + b"\r\n"
    try:
        answer = exchange(flowers, f"{HEAD}transfer-encoding: chunked\r\n\r\n", *[chunk] * 9)
    except ConnectionError:  # closed before all had been sent
        answer = b"HTTP/1.1 413 "
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert flowers.metric('ketgrad_requests_total{path="/predict",status="413"}') >= 1


def test_what_is_not_http(flowers):
    assert exchange(flowers, b"\x16\x03\x01\x02\x00\x01\n\r\n\r\n").startswith(b"HTTP/1.1 400 ")


def test_heads_without_end(flowers):
    line = b"x-filler: " + b"a" * 1000 + b"\r\n"
    try:
        answer = exchange(flowers, "GET /health HTTP/1.1\r\n", *[line] * 200)
    except ConnectionError:
        answer = b""
    assert answer == b""  # closed
    assert flowers.ask("GET", "/health")[0] == 200


@pytest.fixture(scope="module")
def hasty(models):
    """Serve with two seconds for everything, and four connections."""
    options = ["--timeout", "2", "--max-connections", "4"]
    with serving(models / "flowers.json", *options) as server:
        yield server


def test_slow_bodies(hasty):
    body = json.dumps({"rows": [ROW]})
    half = f"{HEAD}content-length: {len(body)}\r\n\r\n{body[:5]}"
    answer = exchange(hasty, half)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"the body took longer than the limit of 2 s" in answer


@pytest.mark.parametrize("first", ["", "GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n"])
def test_slow_heads(hasty, first):
    start = time.perf_counter()
    answer = exchange(hasty, first, "GET /health HTTP/1.1\r\nhos", pause=0.2)
    assert answer.count(b"HTTP/1.1") == (1 if first else 0)
    assert time.perf_counter() - start < 20


def answers(server):
    """Whether a connection more is taken."""
    try:
        return server.ask("GET", "/health")[0] == 200
    except ConnectionError:  # closed before the request had been sent
        return False


def test_silent_connections_keep_nobody_out(hasty):
    silent = [socket.create_connection(("127.0.0.1", hasty.port)) for _ in range(4)]
    try:
        for pause in (0.0, 0.01, 0.1):  # one that is still sending has its answer all the same
            refused = exchange(hasty, "GET /health HTTP/1.1\r\n", "host: a\r\n\r\n", pause=pause)
            assert refused.startswith(b"HTTP/1.1 503 ")
            assert refused.endswith(b"\r\n\r\n")
        deadline = time.monotonic() + PATIENCE
        while not answers(hasty):  # until they are closed
            assert time.monotonic() < deadline
            time.sleep(0.2)
    finally:
        for connection in silent:
            connection.close()


def test_clients_that_do_not_read_keep_nobody_out(hasty):
    """Requests one behind the other, for more answers than the system keeps."""
    body = json.dumps({"rows": [ROW] * 10_000})
    request = f"{HEAD}content-length: {len(body)}\r\n\r\n{body}".replace("predict", "predict_proba")
    greedy = [socket.create_connection(("127.0.0.1", hasty.port)) for _ in range(4)]
    try:
        for connection in greedy:
            connection.settimeout(0.2)
            with suppress(TimeoutError):
                for _ in range(20):
                    connection.sendall(request.encode())
        deadline = time.monotonic() + PATIENCE
        while not answers(hasty):
            assert time.monotonic() < deadline
            time.sleep(0.2)
    finally:
        for connection in greedy:
            connection.close()


def test_clients_that_go_away(hasty):
    body = f"{HEAD}content-length: 100\r\n\r\n{{"
    with socket.create_connection(("127.0.0.1", hasty.port)) as connection:
        connection.sendall(body.encode())
    assert hasty.post("/predict", [ROW])["predictions"]
