"""Initial responses of AUTHENTICATE (RFC 4959 §3, §4, §6)."""

from base64 import b64decode, b64encode

import pytest

from angarium.engine.sasl.scram import scram_sha_256_client
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue

MESSAGE = b64encode(b"\0tim\0secret").decode()


@pytest.fixture
def stranger(store: ModelStore) -> Dialogue:
    connection = Dialogue(store.execute)
    connection.lines()
    return connection


def test_the_extension_is_offered(stranger: Dialogue) -> None:
    assert b"SASL-IR" in stranger.command("a CAPABILITY")[0].split()


def test_it_saves_a_round_trip(stranger: Dialogue) -> None:
    assert stranger.command(f"a AUTHENTICATE PLAIN {MESSAGE}")[0].startswith(b"a OK ")


def test_it_may_be_left_out(stranger: Dialogue) -> None:
    assert stranger.command("a AUTHENTICATE PLAIN") == [b"+ "]
    assert stranger.command(MESSAGE)[0].startswith(b"a OK ")


def test_a_pad_character_is_an_empty_response(stranger: Dialogue) -> None:
    assert stranger.command("a AUTHENTICATE PLAIN =") == [b"a BAD not a PLAIN message"]
    assert stranger.command("b AUTHENTICATE PLAIN") == [b"+ "]
    assert stranger.command("") == [b"b BAD not a PLAIN message"]


@pytest.mark.parametrize(
    "response",
    ["=AAA", "AAA=BBB", "%%%", "AAA", "A", "AHRpb=Q=", "====", "AA==AAAA", MESSAGE[:4] + "%" + MESSAGE[4:], MESSAGE + "===="],
)
def test_what_is_no_base64_is_bad_in_both_places(stranger: Dialogue, response: str) -> None:
    assert stranger.command(f"a AUTHENTICATE PLAIN {response}")[0].startswith(b"a BAD ")
    stranger.command("b AUTHENTICATE PLAIN")
    assert stranger.command(response)[0].startswith(b"b BAD ")


@pytest.mark.parametrize("response", [f'"{MESSAGE}"', f"{{{len(MESSAGE)}+}}\r\n{MESSAGE}", f"{MESSAGE} ", f" {MESSAGE}"])
def test_it_stands_outside_of_quotes_and_literals(stranger: Dialogue, response: str) -> None:
    assert stranger.command(f"a AUTHENTICATE PLAIN {response}")[-1].startswith(b"a BAD ")


def test_the_largest_of_plain_fits() -> None:
    name, password = "n" * 255, "p" * 255
    connection = Dialogue(ModelStore({name: password}).execute)
    message = b64encode("\0".join((name, name, password)).encode()).decode()
    assert connection.command(f"a AUTHENTICATE PLAIN {message}")[-1].startswith(b"a OK ")


def test_the_largest_of_scram_fits() -> None:
    name = "," * 255
    connection = Dialogue(ModelStore({name: "pw"}).execute)
    connection.lines()
    client = scram_sha_256_client(name, "pw", "r" * 1_000)
    first = next(client).replace(b"n,,", b"n,a=" + b"=2C" * 255 + b",")
    (line,) = connection.command(f"a AUTHENTICATE SCRAM-SHA-256 {b64encode(first).decode()}")
    assert b64decode(line[2:]).startswith(b"r=" + b"r" * 1_000)
