"""``ketgrad serve``: a trained model behind an address of the network."""

import argparse
import os
import warnings
from pathlib import Path

from ketgrad.commands.arguments import UsageError, add_model, at_least, between, file_name
from ketgrad.commands.notices import print_error
from ketgrad.commands.prediction import add_missing
from ketgrad.commands.table import add_format_arguments
from ketgrad.serve.application import application
from ketgrad.serve.connections import address_of, is_local, listen, run
from ketgrad.serve.limits import Limits
from ketgrad.serve.served import open_model

EPILOG = """\
examples:
  ketgrad serve out/model.json
  curl -d '{"rows": [[5.1, 3.5, 1.4, 0.2]]}' -H 'content-type: application/json' \\
    http://127.0.0.1:8000/predict
  KETGRAD_TOKEN=$(cat token) ketgrad serve out/model.json --host 0.0.0.0

Answers /predict, /predict_proba (of classifiers), /model, /health, /metrics, and /docs, a page that
tries them. Any host but this machine's own needs a token of at least 16 characters, which requests
then bring as "authorization: Bearer TOKEN". Ctrl-C ends it, once what was asked is answered.
"""

_TOKEN = "KETGRAD_TOKEN"
_SHORTEST = 16
_DEFAULT = Limits()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the sub-command."""
    parser.epilog = EPILOG
    add_model(parser)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument(
        "--port", type=at_least(0, 65535), default=8000, metavar="N", help="0 takes a free one"
    )
    parser.add_argument(
        "--token-file",
        metavar="FILE",
        type=file_name,
        help=f"a file with the token, instead of the variable {_TOKEN}",
    )
    add_missing(parser)
    add_format_arguments(parser)
    parser.add_argument(
        "--max-bytes", type=at_least(1), default=_DEFAULT.bytes, metavar="N", help="of a body"
    )
    parser.add_argument(
        "--max-rows", type=at_least(1), default=_DEFAULT.rows, metavar="N", help="of a body"
    )
    parser.add_argument(
        "--timeout",
        type=between(0, 86400),
        default=_DEFAULT.seconds,
        metavar="SECONDS",
        help="for a request and its answer",
    )
    parser.add_argument(
        "--max-connections",
        type=at_least(1),
        default=_DEFAULT.connections,
        metavar="N",
        help="open at the same time",
    )
    parser.add_argument("--quiet", action="store_true", help="log failures of the server alone")


def main(args: argparse.Namespace) -> int:
    """Run the command; returns the exit code."""
    token = _token(args.token_file)
    served = open_model(args.model, args.missing, args.sep, args.decimal)
    with listen(args.host, args.port) as listener:
        if token is None and not is_local(listener):
            raise UsageError(f"--host {args.host} needs a token: {_TOKEN} or --token-file")
        limits = Limits(
            bytes=args.max_bytes,
            rows=args.max_rows,
            seconds=args.timeout,
            connections=args.max_connections,
            head_seconds=min(args.timeout, _DEFAULT.head_seconds),
        )
        address = address_of(listener)
        # At once, where other commands keep them for an end that a server has not.
        warnings.showwarning = lambda message, *_: print_error(f"warning: {message}")
        print(f"serving {args.model} on {address} ({address}/docs); Ctrl-C ends it", flush=True)
        run(application(served, limits, token=token, log_all=not args.quiet), listener, limits)
    print("stopped")
    return 0


def _token(file: str | None) -> str | None:
    """Read the token, which a command line would show to everyone on the machine."""
    if file is None:
        token, source = os.environ.get(_TOKEN), _TOKEN
    else:
        token, source = Path(file).read_text(encoding="utf-8").strip(), file
    if token is None:
        return None
    if len(token) < _SHORTEST or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(
            f"{source} must be a token of at least {_SHORTEST} printable ASCII characters; it has "
            f"{len(token)}"
        )
    return token
