"""The PLAIN mechanism, server and client side (RFC 4616)."""

from angarium.engine.operations import UserName, VerifyPassword
from angarium.engine.sasl.exchange import Challenge, Exchange, SaslError
from angarium.engine.sasl.saslprep import saslprep


def plain(initial_response: bytes | None) -> Exchange:
    """Carry out PLAIN as the server (RFC 4616 §2): one message, asked for with an empty challenge if it did not come along."""
    message = initial_response
    if message is None:
        message = yield Challenge(b"")
    user: UserName = yield parse_message(message)
    return user


def parse_message(message: bytes) -> VerifyPassword:
    """Take apart ``[authzid] NUL authcid NUL passwd`` (RFC 4616 §2)."""
    try:
        authorization, user, password = message.decode("utf-8").split("\0")
        prepared = VerifyPassword(saslprep(user), saslprep(password), saslprep(authorization) if authorization else None)
    except ValueError as error:
        raise SaslError("not a PLAIN message") from error
    if not prepared.user or not prepared.password or prepared.authorize_as == "":
        raise SaslError("a name or the password is empty")
    return prepared


def message(user: str, password: str, authorize_as: str = "") -> bytes:
    """Build the client's message (RFC 4616 §2)."""
    return "\0".join((authorize_as, user, password)).encode("utf-8")
