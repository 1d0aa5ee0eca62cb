"""The PLAIN mechanism (RFC 4616 §2)."""

from base64 import b64encode

import pytest

from angarium.engine.sasl.plain import parse_message
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue

CLEF = "\U0001d11e"
"""A character of four octets."""
WIDE = CLEF * 63 + "xyz"
"""255 octets."""
LONG = "x" * 255


def log_in(users: dict[str, str], message: bytes) -> bytes:
    connection = Dialogue(ModelStore(users).execute)
    connection.lines()
    (answer,) = connection.command(f"a AUTHENTICATE PLAIN {b64encode(message).decode()}")
    return answer[:4]


@pytest.mark.parametrize("name", [LONG, WIDE])
@pytest.mark.parametrize("password", [LONG, WIDE])
def test_each_of_the_three_may_have_255_octets(name: str, password: str) -> None:
    assert len(name.encode()) == len(password.encode()) == 255
    message = "\0".join((name, name, password)).encode()
    assert log_in({name: password}, message) == b"a OK"


@pytest.mark.parametrize("octets", [b"\0\xff\0x", b"\0tim\0\xc3", b"\xe9\0tim\0x", b"\0\xed\xa0\x80\0x", b"\0\xc0\x80\0x"])
def test_it_is_utf8(octets: bytes) -> None:
    assert log_in({"tim": "x"}, octets) == b"a BA"


@pytest.mark.parametrize("octets", [b"", b"\0", b"tim", b"tim\0x", b"\0tim\0x\0", b"\0tim\0x\0y", b"\0ti\0m\0x"])
def test_nul_stands_between_the_three_and_nowhere_else(octets: bytes) -> None:
    assert log_in({"tim": "x"}, octets) == b"a BA"


@pytest.mark.parametrize(
    "octets",
    ["\0\u00ad\0x", "\0tim\0\u00ad", "\0\0x", "\0tim\0", "\0t\x07im\0x", "\0tim\0x\ue000", "\0\u0627a\0x"],
)
def test_what_cannot_be_prepared_or_becomes_nothing_fails(octets: str) -> None:
    assert log_in({"tim": "x", "": "x", "a": ""}, octets.encode()) == b"a BA"


@pytest.mark.parametrize(("user", "password"), [("I\u00adX", "p\u00adw"), ("\u2168", "\uff50w"), ("ix", "pw")])
def test_names_and_passwords_are_prepared_before_they_are_compared(user: str, password: str) -> None:
    assert log_in({"ix": "pw"}, f"\0{user}\0{password}".encode()) == b"a OK"


def test_the_identity_to_act_as_comes_from_the_prepared_name() -> None:
    connection = Dialogue(ModelStore({"ix": "pw"}).execute)
    connection.command(f"a AUTHENTICATE PLAIN {b64encode(chr(0).join(('', chr(0x2168), 'pw')).encode()).decode()}")
    assert connection.server.session.user == "ix"


def test_the_password_is_in_no_repr() -> None:
    assert "secret" not in repr(parse_message(b"\0tim\0secret"))
