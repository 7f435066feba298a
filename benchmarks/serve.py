"""How fast `ketgrad serve` answers, beside its goals, and whether its memory stays what it is.

    .venv/clients/serve/bin/python benchmarks/serve.py [--requests N] [--rows N] [--all-logged]

Clients in one process, each on a connection of its own, ask for the prediction of a row of a model
of 4 qubits and wait for the answer. The server, a process of its own, has one thread for the model.
The goals are those of 16 clients on two quiet cores: at least 2,000 predictions a second, 99 of 100
within 20 ms. The processor time of a prediction, server and clients together, says what two cores
could do where others want them too. Memory is that of the server, before and after.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

import ketgrad as kg

GOAL_RATE, GOAL_TAIL = 2000.0, 0.020
WARM_UP = 2000


def write_model(path: Path) -> None:
    """Write a classifier of 4 features on 4 qubits."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 4))
    y = X[:, 0] * X[:, 1] > 0
    model = kg.VQClassifier(dressed=False, max_iter=5, tol=0, random_state=0)
    model.fit(X, y.astype(int)).save(path)


def start(model: Path, *, logged: bool) -> tuple[subprocess.Popen[str], int]:
    """Start a server on a free port; returns it and the port."""
    command = [sys.executable, "-m", "ketgrad", "serve", str(model), "--port", "0"]
    command += [] if logged else ["--quiet"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    line = server.stdout.readline()
    return server, int(line.split("http://127.0.0.1:")[1].split()[0])


async def ask(port: int, requests: int, rows: int, times: list[float]) -> None:
    """Be one client."""
    body = b'{"rows":[' + b",".join([b"[0.1,-0.2,0.3,-0.4]"] * rows) + b"]}"
    head = "POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    request = f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(requests):
        begin = time.perf_counter()
        writer.write(request)
        answer = await reader.readuntil(b"\r\n\r\n")
        size = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(size)
        times.append(time.perf_counter() - begin)
        if b" 200 " not in answer.split(b"\r\n", 1)[0]:
            raise RuntimeError(answer.decode())
    writer.close()


async def ask_all(
    port: int, clients: int, requests: int, rows: int = 1
) -> tuple[list[float], float]:
    """Be all clients; returns the times of the answers, and that of it all, in seconds."""
    times: list[float] = []
    begin = time.perf_counter()
    await asyncio.gather(*(ask(port, requests // clients, rows, times) for _ in range(clients)))
    return times, time.perf_counter() - begin


def processor_seconds(process: int) -> float:
    """Read the processor time that a process has taken."""
    parts = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def memory(process: int) -> float:
    """Read the memory of a process, in MiB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    """Measure, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=40_000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--rows", type=int, default=1, help="of a request; the goals are for 1")
    parser.add_argument("--all-logged", action="store_true", help="a line of the log a request")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_model(Path(folder, "model.json"))
        server, port = start(Path(folder, "model.json"), logged=args.all_logged)
        try:
            asyncio.run(ask_all(port, args.clients, WARM_UP))
            before, spent, ours = (
                memory(server.pid),
                processor_seconds(server.pid),
                time.process_time(),
            )
            times, seconds = asyncio.run(ask_all(port, args.clients, args.requests, args.rows))
            spent = (processor_seconds(server.pid) - spent) / args.rows / len(times)
            ours = (time.process_time() - ours) / args.rows / len(times)
            after = memory(server.pid)
        finally:
            server.terminate()
            server.wait()
    predictions = len(times) * args.rows
    rate, (median, tail) = predictions / seconds, np.quantile(times, [0.5, 0.99])
    print(f"{predictions} predictions by {args.clients} clients in {seconds:.1f} s")
    print(f"rate         {rate:8.0f} /s   goal {GOAL_RATE:.0f}: {rate / GOAL_RATE:.2f} of it")
    share = GOAL_TAIL / tail
    print(f"99 of 100    {1e3 * tail:8.1f} ms   goal {1e3 * GOAL_TAIL:.0f}: {share:.2f} of it")
    print(f"median       {1e3 * median:8.1f} ms")
    cores = os.cpu_count() or 1
    print(
        f"processor    {1e6 * spent:8.0f} µs a prediction of the server, {1e6 * ours:.0f} of the "
        f"clients: at most {min(1 / spent, cores / (spent + ours)):.0f} /s on {cores} cores"
    )
    print(f"memory       {after:8.1f} MiB, {after - before:+.1f} since the first {WARM_UP}")
    print(f"exit code    {server.returncode:8d}")


if __name__ == "__main__":
    main()
