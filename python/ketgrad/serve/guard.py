"""What every request passes: its host, its token, its time; one line of the log is about it."""

import asyncio
import hmac
import time
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any

from ketgrad.commands.notices import print_error
from ketgrad.serve.metrics import Metrics
from ketgrad.serve.refusal import Refusal

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

OPEN = frozenset({"/health"})  # which who watches over processes asks without a token
_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Guard:
    """An application of ASGI around another.

    Without a token it answers those alone who call it by a name of this machine: a web page whose
    own name leads to 127.0.0.1 is not to read what other programs of its reader serve.
    """

    def __init__(
        self,
        application: Application,
        metrics: Metrics,
        *,
        token: str | None,
        seconds: float,
        log_all: bool,
    ) -> None:
        self._application = application
        self._metrics = metrics
        self._credentials = None if token is None else f"bearer {token}".encode()
        self._seconds = seconds
        self._log_all = log_all

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request."""
        exchange = _Exchange(receive, send)
        start = time.perf_counter()
        try:
            await self._answer(scope, exchange)
        finally:
            seconds = time.perf_counter() - start
            self._metrics.count_request(scope["path"], exchange.status, seconds)
            if self._log_all or exchange.status >= 500:
                print_error(_line(scope, exchange.status, seconds))

    async def _answer(self, scope: Message, exchange: "_Exchange") -> None:
        try:
            self._check(scope)
            async with asyncio.timeout(self._seconds):
                await self._application(scope, exchange.receive, exchange.send)
        except Refusal as refusal:
            await exchange.refuse(refusal)
        except TimeoutError:
            limit = f"the limit of {self._seconds:g} s"
            late = Refusal(504, f"the answer took longer than {limit}")
            slow = Refusal(408, f"the body took longer than {limit}")
            await exchange.refuse(late if exchange.has_body else slow)
        except Exception as error:
            print_error(traceback.format_exc().rstrip())
            await exchange.refuse(Refusal.of(error))

    def _check(self, scope: Message) -> None:
        headers = dict(scope["headers"])
        if self._credentials is None:
            host = headers.get(b"host", b"localhost").decode("latin-1")
            if _name(host).lower() not in _LOCAL:
                raise Refusal(421, f"without a token this server is localhost, not {host!r}")
        elif scope["path"] not in OPEN:
            kind, _, token = headers.get(b"authorization", b"").partition(b" ")
            given = kind.lower() + b" " + token.strip()
            if not hmac.compare_digest(given, self._credentials):
                raise Refusal(401, "a token is needed: authorization: Bearer TOKEN")


class _Exchange:
    """How far a request and its answer have come."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self.has_body = False
        self.status = 500

    _started = False

    async def receive(self) -> Message:
        message = await self._receive()
        self.has_body = self.has_body or not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._started = True
            self.status = message["status"]
        await self._send(message)

    async def refuse(self, refusal: Refusal) -> None:
        """Send an answer, unless one has been begun: the connection ends in its middle then."""
        if self._started:
            return
        body = refusal.body()
        headers = {**refusal.headers(), "content-length": str(len(body))}
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        start = {"type": "http.response.start", "status": refusal.status, "headers": encoded}
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body})


def _name(host: str) -> str:
    """Return a host without its port."""
    name, _, port = host.rpartition(":")
    return name if name and port.isdigit() else host


def _line(scope: Message, status: int, seconds: float) -> str:
    client = scope.get("client")
    path = scope.get("raw_path", b"").decode("ascii", "backslashreplace")
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    method = scope["method"]
    return f"{now} {client[0] if client else '-'} {method} {path} {status} {1e3 * seconds:.1f} ms"
