"""Servers in processes of their own, and what is asked of them."""

import http.client
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

JSON = "application/json"
CSV = "text/csv"
TOKEN = "a-token-for-tests-0123"
SLOW = Path(__file__).with_name("slow_server.py")
PATIENCE = 60  # seconds, for machines that others use too


class Server:
    """A server that listens, and its log once it has ended."""

    def __init__(self, process, port, token):
        self.process, self.port, self.token, self.log = process, port, token, None

    def ask(self, method, path, body=None, kind=JSON, **headers):
        """Ask once; returns the status, the headers and the body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        if body is not None and kind is not None:
            headers["content-type"] = kind
        if self.token is not None:
            headers.setdefault("authorization", f"Bearer {self.token}")
        if not isinstance(body, bytes | str | None):
            body = json.dumps(body)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        try:
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def post(self, path, rows):
        """Ask about rows; returns the JSON of an answer that must be right."""
        status, _, text = self.ask("POST", path, {"rows": rows})
        assert status == 200, text
        return json.loads(text)

    def refused(self, status, body, kind=JSON, path="/predict"):
        """Ask what is refused; returns the one line that says why."""
        found, headers, text = self.ask("POST", path, body, kind)
        assert (found, headers["content-type"]) == (status, JSON), text
        detail = json.loads(text)["detail"]
        assert "\n" not in detail
        return detail

    def metric(self, name):
        """Read a number of /metrics."""
        lines = self.ask("GET", "/metrics")[2].splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith(f"{name} ")))

    def stop(self, number=signal.SIGTERM):
        """End it; returns the exit code."""
        if self.log is None:
            if self.process.poll() is None:
                self.process.send_signal(number)
            self.log = self.process.communicate(timeout=PATIENCE)[1]
        return self.process.returncode


@contextmanager
def serving(model, *options, program=("-m", "ketgrad", "serve"), token=None):
    """Run a server on a free port."""
    command = [sys.executable, *program, str(model), "--port", "0", *options]
    environment = {**os.environ, **({"KETGRAD_TOKEN": token} if token else {})}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, text=True, env=environment, **pipes)
    line = process.stdout.readline()
    server = Server(process, None, token)
    try:
        assert line.startswith("serving "), process.communicate()[1]
        server.port = int(line.split("://")[1].split()[0].rpartition(":")[2])
        yield server
    finally:
        server.stop()


def failing(*arguments, **environment):
    """Run a command that fails at once; returns its exit code and its one line."""
    command = [sys.executable, "-m", "ketgrad", "serve", *map(str, arguments)]
    found = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, env={**os.environ, **environment}
    )
    assert found.stdout == ""
    assert found.stderr.count("\n") == 1
    return found.returncode, found.stderr
