"""What a SASL mechanism on the server side is: a generator that challenges, asks the store, and returns a user (RFC 4422 §3)."""

from collections.abc import Callable, Generator
from typing import Any

from attrs import frozen

from angarium.engine.operations import FetchScramVerifier, UserName, VerifyPassword


class SaslError(Exception):
    """The client's message is not one that the mechanism defines; the exchange has failed (RFC 4422 §3.5)."""


@frozen
class Challenge:
    """Octets for the client; what it answers is sent back into the generator (RFC 4422 §3.4)."""

    octets: bytes


Exchange = Generator[Challenge | VerifyPassword | FetchScramVerifier, Any, UserName]
"""Yields challenges and operations, returns who the client is. Raises ``SaslError``, ``AuthenticationFailed``, or
``PermissionDenied`` where the client is who it says and may not act for whom it wants to (RFC 4422 §3.6)."""

Mechanism = Callable[[bytes | None], Exchange]
"""Begins an exchange with the client's initial response, if it sent one (RFC 4422 §3.3)."""
