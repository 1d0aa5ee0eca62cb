"""Clauses of RFC 9051 §11 on what a server gives away: other users, and why a login failed."""

import logging
from base64 import b64decode, b64encode
from functools import partial
from typing import Any

import pytest

from angarium.engine.sasl.scram import scram_sha_256_client
from angarium.engine.steps import Peer
from angarium.server.logs import login as log_login
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue


def test_other_users_do_not_show() -> None:
    store = ModelStore({"tim": "secret", "ann": "secret"})
    for user in ("ann", "tim"):
        connection = Dialogue(store.execute)
        connection.command(f"a LOGIN {user} secret")
        connection.command(f"b CREATE of-{user}")
    for pattern in ("*", "%", "ann*", "~ann/*", "user/*", "Other*"):
        assert b"ann" not in b"".join(connection.command(f'c LIST "" "{pattern}"')[:-1])
    assert connection.command("d NAMESPACE")[0] == b'* NAMESPACE (("" "/")) (("Other Users/" "/")) NIL'
    assert connection.command("e SELECT of-ann")[-1].startswith(b"e NO [NONEXISTENT]")


def scram(connection: Dialogue, user: str, password: str) -> bytes:
    """The end of an exchange of SCRAM-SHA-256."""
    client = scram_sha_256_client(user, password, "nonce")
    lines = connection.command(f"a AUTHENTICATE SCRAM-SHA-256 {b64encode(next(client)).decode()}")
    while lines[-1].startswith(b"+ "):
        lines = connection.command(b64encode(client.send(b64decode(lines[-1][2:]))).decode())
    return lines[-1]


def plain(connection: Dialogue, user: str, password: str) -> bytes:
    message = b64encode(b"\0" + user.encode() + b"\0" + password.encode())
    return connection.command(f"a AUTHENTICATE PLAIN {message.decode()}")[-1]


def login(connection: Dialogue, user: str, password: str) -> bytes:
    return connection.command(f"a LOGIN {user} {password}")[-1]


@pytest.mark.parametrize("way", [login, plain, scram])
def test_failures_to_log_in_are_all_alike(store: ModelStore, way: Any) -> None:
    answers = {way(Dialogue(store.execute), user, password) for user, password in [("tim", "wrong"), ("nobody", "secret")]}
    assert len(answers) == 1
    assert answers.pop().startswith(b"a NO [AUTHENTICATIONFAILED] ")
    assert way(Dialogue(store.execute), "tim", "secret").startswith(b"a OK ")


@pytest.mark.parametrize("way", [login, plain, scram])
def test_failures_to_log_in_are_reported(store: ModelStore, way: Any, caplog: pytest.LogCaptureFixture) -> None:
    peer = Peer("192.0.2.1", local=True)
    for user, password in (("tim", "wrong"), ("nobody", "secret"), ("tim", "secret")):
        with caplog.at_level(logging.INFO, "angarium.store"):
            way(Dialogue(store.execute, peer, report_login=partial(log_login, peer, "imap")), user, password)
    assert [(each.levelname, each.getMessage(), each.user, each.peer) for each in caplog.records] == [
        ("WARNING", "login failed", "tim", "192.0.2.1"),
        ("WARNING", "login failed", "nobody", "192.0.2.1"),
        ("INFO", "login", "tim", "192.0.2.1"),
    ]
