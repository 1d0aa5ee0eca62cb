"""Accounts: names, passwords, recipients, and that a remembered password is forgotten in time."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from angarium.engine.operations import (
    AuthenticationFailed,
    FetchScramVerifier,
    PermissionDenied,
    Recipient,
    RecipientUnknown,
    ResolveRecipient,
    UserName,
    VerifyPassword,
)
from angarium.store import accounts as module
from angarium.store.accounts import AccountExists, AccountNotFound, Accounts, InvalidUserName


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    with closing(Accounts(tmp_path, domains=frozenset({"Example.org"}))) as accounts:
        accounts.add("Ann", "sesame")
        yield accounts


def test_names_are_compared_without_regard_to_case(accounts: Accounts) -> None:
    assert accounts.list() == ["ann"]
    assert accounts.exists("ANN")
    assert accounts.verify_password(VerifyPassword("aNN", "sesame", "ANN")) == "ann"
    with pytest.raises(AccountExists):
        accounts.add("ANN", "other")


@pytest.mark.parametrize("name", ["", "a/b", "a\0", "x" * 256, "a\nb", "\u0600\u0601"])
def test_impossible_names(accounts: Accounts, name: str) -> None:
    with pytest.raises(InvalidUserName):
        accounts.add(name, "x")
    assert not accounts.exists(name)


@pytest.mark.parametrize("password", ["", "a\x07b"])
def test_impossible_passwords(accounts: Accounts, password: str) -> None:
    with pytest.raises(InvalidUserName):
        accounts.add("bob", password)
    assert not accounts.exists("bob")


def test_set_password_and_remove(accounts: Accounts) -> None:
    accounts.verify_password(VerifyPassword("ann", "sesame"))
    accounts.set_password("ann", "other")
    with pytest.raises(AuthenticationFailed):
        accounts.verify_password(VerifyPassword("ann", "sesame"))
    assert accounts.verify_password(VerifyPassword("ann", "other")) == "ann"
    accounts.remove("Ann")
    for change in (lambda: accounts.remove("ann"), lambda: accounts.set_password("ann", "x")):
        with pytest.raises(AccountNotFound):
            change()
    with pytest.raises(AuthenticationFailed):
        accounts.verify_password(VerifyPassword("ann", "other"))


def test_a_right_password_is_hashed_once(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = 0
    real = module._HASHER.verify

    class Counting:
        def verify(self, *arguments: object) -> bool:
            nonlocal hashed
            hashed += 1
            return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_HASHER", Counting())
    for _ in range(3):
        accounts.verify_password(VerifyPassword("ann", "sesame"))
    assert hashed == 1
    for user in ("ann", "nobody"):
        before = hashed
        for _ in range(2):
            with pytest.raises(AuthenticationFailed):
                accounts.verify_password(VerifyPassword(user, "wrong"))
        assert hashed == before + 2, "an unknown user costs another time than a wrong password"


def test_few_passwords_are_remembered(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REMEMBERED_MAX", 1)
    accounts.add("bob", "x")
    accounts.verify_password(VerifyPassword("ann", "sesame"))
    accounts.verify_password(VerifyPassword("bob", "x"))
    assert len(accounts._remembered) == 1


def test_acting_for_somebody_else(accounts: Accounts) -> None:
    with pytest.raises(PermissionDenied):
        accounts.verify_password(VerifyPassword("ann", "sesame", "bob"))
    with pytest.raises(AuthenticationFailed):
        accounts.verify_password(VerifyPassword("ann", "wrong", "bob"))


def test_no_password_is_kept(accounts: Accounts, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "accounts.sqlite3")) as connection:
        (row,) = connection.execute("SELECT * FROM account").fetchall()
    assert not any("sesame" in str(value) for value in row)
    assert row[1].startswith("$argon2id$")
    assert "sesame" not in repr(VerifyPassword("ann", "sesame"))


def test_made_up_verifiers_survive_a_restart(accounts: Accounts, tmp_path: Path) -> None:
    with closing(Accounts(tmp_path)) as again:
        first, second = (each.fetch_scram_verifier(FetchScramVerifier("nobody")) for each in (accounts, again))
    assert (first.salt, first.stored_key) == (second.salt, second.stored_key)
    assert first.salt == accounts.fetch_scram_verifier(FetchScramVerifier("NOBODY")).salt
    assert first.nonce != second.nonce
    assert accounts.fetch_scram_verifier(FetchScramVerifier("a/b")).known is False


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("Ann@EXAMPLE.org", Recipient("ann", "INBOX")),
        ("ann+Lists/python@example.org", Recipient("ann", "Lists/python")),
        ("ann+", Recipient("ann", "INBOX")),
        ("two+words@example.org", Recipient("two+words", "INBOX")),
        ("who@example.org", Recipient("who@example.org", "INBOX")),
        ("who+x@example.org", Recipient("who@example.org", "x")),
        ("ann@elsewhere.org", None),
        ("nobody@example.org", None),
    ],
)
def test_recipients(accounts: Accounts, address: str, expected: Recipient | None) -> None:
    accounts.add("two+words", "x")
    accounts.add("who@example.org", "x")
    if expected is None:
        with pytest.raises(RecipientUnknown):
            accounts.resolve_recipient(ResolveRecipient(address))
    else:
        assert accounts.resolve_recipient(ResolveRecipient(address)) == expected


def test_who_has_shared_with_whom(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path)
    for name in ("ann", "bob"):
        accounts.add(name, "secret")
    for owner, identifier in (("ann", "bob"), ("ann", "bob"), ("bob", "anyone"), ("gone", "anyone")):
        accounts.note_sharer(UserName(owner), identifier)
    assert accounts.sharers(("bob", "anyone")) == ("ann", "bob")
    assert accounts.sharers(("carol",)) == ()
    accounts.remove("ann")
    assert accounts.sharers(("bob", "anyone")) == ("bob",)
    accounts.close()
