"""What a request is answered that cannot be served."""

import json
from http import HTTPStatus

_HEADERS = {
    HTTPStatus.UNAUTHORIZED: {"www-authenticate": "Bearer"},
    HTTPStatus.REQUEST_TIMEOUT: {"connection": "close"},
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: {"connection": "close"},  # what is left of it is not read
    HTTPStatus.SERVICE_UNAVAILABLE: {"retry-after": "1"},
}


class Refusal(Exception):  # noqa: N818 - an answer, more than an error
    """The status of an answer, and the one line that says why.

    >>> Refusal(413, "the body has 3 rows; the limit is 2").body()
    b'{"detail": "the body has 3 rows; the limit is 2"}'
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = int(status)
        self.reason = " ".join(reason.split())

    @classmethod
    def of(cls, error: Exception) -> "Refusal":
        """Return what is answered where an error has come; its text is for the log."""
        match error:
            case Refusal():
                return error
            case MemoryError():
                return cls(503, "out of memory")
        return cls(500, "the server failed; its log says how")

    def body(self) -> bytes:
        """Return the JSON of the answer, of the form that FastAPI's own refusals have."""
        return json.dumps({"detail": self.reason}).encode()

    def headers(self) -> dict[str, str]:
        """Return the headers of the answer."""
        of_status = _HEADERS.get(HTTPStatus(self.status), {})
        return {"content-type": "application/json", **of_status}
