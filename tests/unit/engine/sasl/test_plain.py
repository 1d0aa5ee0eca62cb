import pytest

from angarium.engine.operations import UserName, VerifyPassword
from angarium.engine.sasl.exchange import Challenge, SaslError
from angarium.engine.sasl.plain import message, parse_message, plain


def test_asks_for_the_message_when_it_did_not_come_along() -> None:
    exchange = plain(None)
    assert next(exchange) == Challenge(b"")
    assert exchange.send(b"\0tim\0secret") == VerifyPassword("tim", "secret")
    with pytest.raises(StopIteration) as done:
        exchange.send(UserName("tim"))
    assert done.value.value == "tim"


def test_takes_the_initial_response() -> None:
    assert next(plain(b"fred\0tim\0secret")) == VerifyPassword("tim", "secret", "fred")


@pytest.mark.parametrize(
    "octets", [b"", b"tim", b"\0tim", b"a\0b\0c\0d", b"\0\0secret", b"\0tim\0", b"\0\xff\0x", b"\0a\x01\0b", b"\xc2\xad\0tim\0x"]
)
def test_refuses(octets: bytes) -> None:
    with pytest.raises(SaslError):
        parse_message(octets)


def test_message_is_what_the_server_parses() -> None:
    assert parse_message(message("tïm", "sècret", "fred")) == VerifyPassword("tïm", "sècret", "fred")
