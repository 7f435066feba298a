"""Connections: the address that is listened on, uvicorn's server on it, and its orderly end.

uvicorn limits neither the size of a request's head nor the time that one takes, waits for ever for
clients that do not read their answers, and answers nobody where too many connections are open;
`_Bounded` closes those alone that ask too much.
"""

import asyncio
import errno
import ipaddress
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from ketgrad.serve.guard import Application
from ketgrad.serve.limits import Limits

_KEEP_ALIVE = 30  # seconds
_WAITING = 512  # connections that the system keeps until they are taken
_FAREWELL = 2  # seconds that a refused client has to read why
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\n"
    b"content-length: 0\r\n\r\n"
)


def listen(host: str, port: int) -> socket.socket:
    """Take an address; OSError that names it where it is in use, or is none of this machine."""
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:  # names that are too long, for one
        raise OSError(f"there is no address {place}: {error}") from None
    try:
        if os.name == "posix":  # elsewhere two programs would share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_WAITING)
    except OSError as error:
        listener.close()
        in_use = error.errno == errno.EADDRINUSE
        why = "it is in use; --port takes another" if in_use else str(error.strerror)
        raise OSError(f"cannot listen on {place}: {why}") from None
    return listener


def is_local(listener: socket.socket) -> bool:
    """Whether programs of this machine alone can reach an address."""
    return ipaddress.ip_address(listener.getsockname()[0].partition("%")[0]).is_loopback


def address_of(listener: socket.socket) -> str:
    """Write an address as browsers take it."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(application: Application, listener: socket.socket, limits: Limits) -> None:
    """Serve until a signal says to stop: what has been asked by then is answered first."""
    config = uvicorn.Config(
        application,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=int(limits.seconds) + 1,
        backlog=_WAITING,
    )
    config.load()
    bounds = {"limits": limits, "refused": set()}
    protocol: Any = config.http_protocol_class
    config.http_protocol_class = type("BoundedProtocol", (_Bounded, protocol), bounds)
    with _signals_that_end():
        uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def _signals_that_end() -> Iterator[None]:
    """Let signals end nothing by themselves: uvicorn raises again those that it has obeyed."""
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: None) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Bounded:
    """Put before uvicorn's protocol, whose attributes all but the first four are."""

    limits: Limits
    refused: set[Any]  # that have their answer and may still be sending, of all connections
    _head = 0  # bytes of a head that has not ended
    _unread: asyncio.TimerHandle | None = None  # the end of a client that does not read
    connections: set[Any]
    transport: Any
    loop: Any
    cycle: Any  # the latest request, once it has a head

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)  # type: ignore[misc]
        if len(self.connections) > self.limits.connections:
            self._refuse()
        else:
            self._watch()

    def connection_lost(self, reason: Exception | None) -> None:
        self.refused.discard(self)
        self._end_wait()
        super().connection_lost(reason)  # type: ignore[misc]

    def _refuse(self) -> None:
        """Answer, and close once the client has: closing while it sends takes the answer back."""
        self.connections.discard(self)
        self.transport.write(_FULL)
        if len(self.refused) < self.limits.connections:
            self.refused.add(self)
            self.transport.write_eof()
            self.loop.call_later(_FAREWELL, self.transport.close)
        else:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        if self in self.refused:
            return
        before = self.cycle
        super().data_received(data)  # type: ignore[misc]
        self._head = self._head + len(data) if self._is_between(before) else 0
        if self._head > self.limits.head_bytes:
            self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()  # type: ignore[misc]
        self._wait_for_reader()

    def resume_writing(self) -> None:
        super().resume_writing()  # type: ignore[misc]
        self._end_wait()

    def _wait_for_reader(self) -> None:
        if self._unread is None:
            self._unread = self.loop.call_later(self.limits.seconds, self.transport.abort)

    def _end_wait(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _watch(self) -> None:
        self.loop.call_later(self.limits.head_seconds, self._look, self.cycle, self._head)

    def _look(self, before: Any, head: int) -> None:
        """Close a connection on whose head nobody has worked to an end since the last look."""
        if self.transport.is_closing():
            if self in self.connections:  # the rest of an answer waits to be read
                self._wait_for_reader()
            return
        if self._is_between(before) and (before is None or head or self._head):
            self.transport.close()
        else:
            self._watch()

    def _is_between(self, before: Any) -> bool:
        """Whether no head has come to its end since `before`, and no request is running."""
        return self.cycle is before and (before is None or before.response_complete)
