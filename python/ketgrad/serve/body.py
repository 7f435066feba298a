"""The bytes of a request's body, up to a limit."""

from fastapi import Request
from starlette.requests import ClientDisconnect

from ketgrad.serve.refusal import Refusal

_PATIENCE = 8  # limits that are read and dropped, so that a client hears why


async def read_body(request: Request, most: int) -> bytes:
    """Read a body of at most `most` bytes; Refusal where it is longer, or ends too early."""
    reason = f"the body is larger than the limit of {most} bytes"
    if int(request.headers.get("content-length", 0)) > _PATIENCE * most:
        raise Refusal(413, reason)
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size <= most:
                parts.append(part)
            elif size > _PATIENCE * most:
                break
    except ClientDisconnect:
        raise Refusal(400, "the body ended too early") from None
    if size > most:
        raise Refusal(413, reason)
    return b"".join(parts)
