"""What a server is started with, who may ask it, and how it ends."""

import json
import signal
import socket
import threading

import pytest
from serving import SLOW, TOKEN, failing, serving


def test_a_port_in_use(models):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, line = failing(models / "flowers.json", "--port", port)
    assert code == 1
    assert f"cannot listen on 127.0.0.1:{port}: it is in use; --port takes another" in line


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "told"),
    [
        (["flowers.json", "--host", "0.0.0.0"], {}, 2, "--host 0.0.0.0 needs a token"),
        (["flowers.json"], {"KETGRAD_TOKEN": "short"}, 2, "at least 16 printable ASCII characters"),
        (["flowers.json", "--token-file", "none"], {}, 1, "none: No such file"),
        (["flowers.json", "--host", "no-such-host.invalid"], {}, 1, "there is no address"),
        (["flowers.json", "--host", "192.0.2.1"], {}, 1, "cannot listen on 192.0.2.1:8000"),
        (["flowers.json", "--port", "65536"], {}, 2, "from 0 to 65535"),
        (["flowers.json", "--timeout", "0"], {}, 2, "above 0"),
        (["none.json"], {}, 1, "none.json: No such file"),
        (["features.json"], {}, 1, "holds a QNystroem, which predicts nothing"),
        (["rows.csv"], {}, 1, "not a ketgrad estimator"),
    ],
)
def test_what_cannot_be_served(models, monkeypatch, arguments, environment, code, told):
    monkeypatch.chdir(models)
    found, line = failing(*arguments, **environment)
    assert (found, told in line) == (code, True), line


def test_a_model_of_another_version(models, tmp_path):
    document = json.loads((models / "flowers.json").read_text())
    (tmp_path / "new.json").write_text(json.dumps({**document, "version": 99}))
    code, line = failing(tmp_path / "new.json")
    assert code == 1
    assert "version 99; this release of ketgrad reads up to 1" in line


def test_a_token_is_needed_and_enough(models):
    with serving(models / "numbers.json", "--host", "0.0.0.0", token=TOKEN) as server:
        assert server.ask("GET", "/model")[0] == 200
        assert server.ask("GET", "/model", host="example.org")[0] == 200
        assert server.ask("GET", "/model", authorization=f"bearer  {TOKEN}")[0] == 200
        for wrong in ("", TOKEN, f"Bearer {TOKEN}x", "Bearer ", f"Basic {TOKEN}", "Bearer \xff"):
            status, headers, text = server.ask("GET", "/model", authorization=wrong)
            assert (status, headers["www-authenticate"]) == (401, "Bearer"), wrong
            assert TOKEN not in text
        assert server.ask("GET", "/docs", authorization="")[0] == 401
        assert server.ask("GET", "/health", authorization="")[0] == 200
        assert server.stop() == 0
        assert TOKEN not in server.log


def test_a_token_in_a_file(models, tmp_path):
    (tmp_path / "token").write_text(TOKEN + "\n")
    with serving(models / "numbers.json", "--token-file", str(tmp_path / "token")) as server:
        assert server.ask("GET", "/model")[0] == 401
        assert server.ask("GET", "/model", authorization=f"Bearer {TOKEN}")[0] == 200


@pytest.mark.parametrize("host", ["example.org", "example.org:80", "127.0.0.1.example.org", "::2"])
def test_names_of_others_are_refused(flowers, host):
    status, _, text = flowers.ask("GET", "/model", host=host)
    assert status == 421
    assert repr(host) in text


@pytest.mark.parametrize("host", ["localhost", "LocalHost:80", "127.0.0.1:8000", "[::1]:8000"])
def test_names_of_this_machine(flowers, host):
    assert flowers.ask("GET", "/model", host=host)[0] == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_asked_is_answered_before_the_end(models, number):
    answers = []
    with serving(models / "numbers.json", program=(str(SLOW),)) as server:

        def ask():
            answers.append(server.post("/predict", [[0, 5, 0], [2, 7, 0]])["predictions"])

        client = threading.Thread(target=ask)
        client.start()
        while server.metric("ketgrad_rows_waiting") == 0:
            pass
        assert server.stop(number) == 0
        client.join()
    assert answers == [[5, 7]]
    assert "POST /predict 200" in server.log
    assert "Traceback" not in server.log


def test_the_log_has_a_line_a_request(models):
    with serving(models / "numbers.json") as server:
        server.ask("GET", "/health?secret=1")
        server.ask("GET", "/line%0abreak")
        server.refused(422, {"rows": []})
        assert server.stop() == 0
    lines = server.log.splitlines()
    assert len(lines) == 3
    for line, told in zip(lines, ["GET /health 200", "GET /line%0abreak 404", "422"], strict=True):
        assert told in line
        assert line.endswith(" ms")


def test_failures_of_the_model(models):
    options = ["--timeout", "1.5", "--quiet"]
    with serving(models / "numbers.json", *options, program=(str(SLOW),)) as server:
        assert server.refused(422, {"rows": [[0, 0, 0], [-1, 0, 0]]}) == "sample 1 is negative"
        assert server.refused(503, {"rows": [[-2, 0, 0]]}) == "out of memory"
        assert "its log says how" in server.refused(500, {"rows": [[-3, 0, 0]]})
        assert server.post("/predict", [[-4, 6, 0]])["predictions"] == [6]
        assert "longer than the limit of 1.5 s" in server.refused(504, {"rows": [[3, 0, 0]]})
        assert server.stop() == 0
    assert "KeyError: 'a mistake of ours'" in server.log
    assert server.log.count("warning: odd rows\n") == 1
