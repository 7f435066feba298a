"""The paths of a server."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fastapi import FastAPI, Request, Response

from ketgrad._core import __version__
from ketgrad._types import Array
from ketgrad.commands.outputs import csv_text
from ketgrad.serve import openapi
from ketgrad.serve.batching import Batching
from ketgrad.serve.body import read_body
from ketgrad.serve.guard import Application, Guard
from ketgrad.serve.limits import Limits
from ketgrad.serve.metrics import TEXT, Metrics
from ketgrad.serve.refusal import Refusal
from ketgrad.serve.rows import CSV, JSON, Rows, media_type, read_rows
from ketgrad.serve.served import Served

_AT_ONCE = 2**14  # bytes that are read between other requests; a thread reads more
_SUMMARIES = {
    "predict": "The class or the value of every row.",
    "predict_proba": "The probability of every class, by row.",
}

Handler = Callable[[Request], Awaitable[Response]]


def application(
    served: Served, limits: Limits, *, token: str | None = None, log_all: bool = True
) -> Application:
    """Make the application of ASGI that answers for a model."""
    paths = {"/health", "/metrics", "/model", *(f"/{answer}" for answer in served.functions)}
    metrics = Metrics({*paths, "/docs", "/openapi.json", "/redoc"})
    app = FastAPI(title="ketgrad serve", version=__version__, description=_description(served))
    for kind in (Refusal, MemoryError, Exception):  # the last goes on to the guard, which logs it
        app.add_exception_handler(kind, _refused)
    _add_answers(app, served, limits, metrics, token=token is not None)
    _add_reports(app, served, metrics, token=token is not None)
    if token is not None:
        openapi.secured(app.openapi())  # which keeps what it has made
    return Guard(app, metrics, token=token, seconds=limits.seconds, log_all=log_all)


def _description(served: Served) -> str:
    what = served.described()
    return f"{what['file']}, a {what['model']} of {what['n_features']} features."


async def _refused(_: Request, error: Exception) -> Response:
    refusal = Refusal.of(error)
    return Response(refusal.body(), refusal.status, refusal.headers())


def _add_answers(
    app: FastAPI, served: Served, limits: Limits, metrics: Metrics, *, token: bool
) -> None:
    calls = ThreadPoolExecutor(1, "ketgrad-model")  # shared: models run one call at a time
    reads = ThreadPoolExecutor(1, "ketgrad-reader")
    for answer, function in served.functions.items():
        batching = Batching(function, calls, metrics, limits.batch, limits.waiting)
        app.add_api_route(
            f"/{answer}",
            _answering(answer, served, limits, batching, reads),
            name=answer,
            methods=["POST"],
            summary=_SUMMARIES[answer],
            response_class=Response,
            responses=openapi.responses(openapi.answer_content(answer), body=True, token=token),
            openapi_extra=openapi.request_body(served, limits.rows),
        )


def _answering(
    answer: str, served: Served, limits: Limits, batching: Batching, reads: ThreadPoolExecutor
) -> Handler:
    async def handle(request: Request) -> Response:
        kind = media_type(request.headers.get("content-type", ""))
        body = await read_body(request, limits.bytes)
        if len(body) <= _AT_ONCE:
            rows = read_rows(served, kind, body, limits.rows)
        else:
            loop = asyncio.get_running_loop()
            rows = await loop.run_in_executor(reads, read_rows, served, kind, body, limits.rows)
        values = await batching.run(rows.X)
        write = _csv if kind == CSV else _json
        return Response(write(answer, served, values, rows), media_type=kind)

    return handle


def _json(answer: str, served: Served, values: Array, rows: Rows) -> str:
    if answer == "predict":
        found: dict[str, Any] = {"predictions": values.tolist()}
    else:
        found = {"classes": served.classes, "probabilities": values.tolist()}
    return json.dumps({**found, "notes": rows.notes}, allow_nan=False, separators=(",", ":"))


def _csv(answer: str, served: Served, values: Array, _: Rows) -> str:
    if answer == "predict":
        return csv_text(["prediction"], [[str(value)] for value in values.tolist()])
    header = [f"probability of {label}" for label in served.classes or ()]
    return csv_text(header, [[repr(share) for share in row] for row in values.tolist()])


def _add_reports(app: FastAPI, served: Served, metrics: Metrics, *, token: bool) -> None:
    document = json.dumps(served.described())

    async def health() -> Response:
        return Response('{"status":"ok"}', media_type=JSON)

    async def model() -> Response:
        return Response(document, media_type=JSON)

    async def counted() -> Response:
        return Response(metrics.text(), media_type=TEXT)

    of_object = {JSON: {"schema": {"type": "object"}}}
    for path, handler, summary, content in (
        ("/health", health, "Whether the server answers; needs no token.", of_object),
        ("/model", model, "What the model is, and what it takes.", of_object),
        ("/metrics", counted, "Counters for Prometheus.", {TEXT: {"schema": {"type": "string"}}}),
    ):
        app.add_api_route(
            path,
            handler,
            name=path.strip("/"),
            summary=summary,
            response_class=Response,
            responses=openapi.responses(content, body=False, token=token),
        )
