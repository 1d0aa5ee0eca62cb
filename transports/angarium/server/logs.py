"""What the server writes to its log: one line an event, as ``logfmt`` or JSON, on standard error.

Events are short words (``login``, ``crashed``); what belongs to them are fields: user, peer, operation, milliseconds. Neither
mail nor passwords are ever among them: operations are named, not printed. Values are quoted so that nothing a client sends
can begin a line or a field of its own.
"""

import json
import logging
import sys
import time
from typing import Any, Final

from angarium.engine.operations import (
    AppendMessages,
    AuthenticationFailed,
    Operation,
    ResolveRecipient,
    StoreError,
)
from angarium.engine.steps import Event, Failed, Peer

FIELDS: Final = ("protocol", "peer", "user", "operation", "ms", "error", "worker", "detail")
NAME_LETTERS_MAX: Final = 64
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:@/+_-[]*")
LOG = logging.getLogger("angarium.store")


def _stamp(record: logging.LogRecord) -> str:
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{moment}.{int(record.msecs):03d}Z"


def _fields(record: logging.LogRecord, formatter: logging.Formatter) -> dict[str, Any]:
    """Gather what a record says, in a fixed order."""
    said: dict[str, Any] = {"time": _stamp(record), "level": record.levelname.lower(), "event": record.getMessage()}
    said |= {name: record.__dict__[name] for name in FIELDS if name in record.__dict__}
    if record.exc_info:
        said["traceback"] = formatter.formatException(record.exc_info)
    return said


def _quote(value: object) -> str:
    text = str(value)
    return text if text and _PLAIN.issuperset(text) else json.dumps(text, ensure_ascii=True)


class LogfmtFormatter(logging.Formatter):
    """``key=value`` pairs, quoted as JSON strings where needed."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line."""
        return " ".join(f"{name}={_quote(value)}" for name, value in _fields(record, self).items())


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line."""
        return json.dumps(_fields(record, self), default=str)


def start(form: str, level: str) -> None:
    """Send the log to standard error, as ``logfmt`` or ``json``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else LogfmtFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Their lines are not ours to shape: asyncio's debug chatter stays out.
    logging.getLogger("asyncio").setLevel(logging.WARNING)


def observe(operation: Operation, event: Event, seconds: float, peer: Peer, protocol: str) -> None:
    """Log deliveries and failures, and at debug level each operation with its time."""
    error = event.error if isinstance(event, Failed) else None
    level, happened = _classify(operation, error)
    if not LOG.isEnabledFor(level):
        return
    extra: dict[str, Any] = {"protocol": protocol, "peer": peer.address, "operation": type(operation).__name__}
    name = operation.address if isinstance(operation, ResolveRecipient) else getattr(operation, "user", None)
    if name is not None:
        extra["user"] = cut(name)
    if error is not None:
        extra["error"] = type(error).__name__
    LOG.log(level, happened, extra=extra | {"ms": round(seconds * 1000, 2)})


def _classify(operation: Operation, error: StoreError | None) -> tuple[int, str]:
    if isinstance(operation, AppendMessages):
        return (logging.INFO, "append") if error is None else (logging.WARNING, "append failed")
    if error is not None and not isinstance(error, AuthenticationFailed):
        return logging.INFO, "refused"
    return logging.DEBUG, "operation"


def login(peer: Peer, protocol: str, user: str, failure: str | None) -> None:
    """Log how an attempt to log in has ended: only the engine knows, since the store does not see the end of SCRAM."""
    extra = {"protocol": protocol, "peer": peer.address, "user": cut(user)}
    if failure is None:
        LOG.info("login", extra=extra)
    else:
        LOG.warning("login failed", extra=extra | {"error": failure})


def cut(name: str) -> str:
    """Shorten a name that anybody may have sent: the log is not theirs to fill."""
    return name if len(name) <= NAME_LETTERS_MAX else name[:NAME_LETTERS_MAX] + "\u2026"
