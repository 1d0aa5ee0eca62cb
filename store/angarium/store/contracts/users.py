# ruff: noqa: D102 - the names of the tests say what they mean
"""The contract of authentication and of finding recipients (RFC 9051 §6.2, RFC 4616, RFC 5802, RFC 2033)."""

import hashlib
import hmac

import pytest

from angarium.engine.operations import (
    AuthenticationFailed,
    FetchScramVerifier,
    PermissionDenied,
    Recipient,
    RecipientUnknown,
    ResolveRecipient,
    VerifyPassword,
)
from angarium.store.contracts.harness import ALICE, PASSWORDS, Harness
from angarium.store.store import Store


class UsersContract(Harness):
    """VerifyPassword, FetchScramVerifier, ResolveRecipient."""

    @pytest.mark.parametrize("authorize_as", [None, "alice"])
    def test_right_password(self, store: Store, authorize_as: str | None) -> None:
        for _ in range(2):
            assert self.ask(store, VerifyPassword("alice", PASSWORDS["alice"], authorize_as)) == ALICE

    @pytest.mark.parametrize(
        ("user", "password"), [("alice", "wrong"), ("alice", ""), ("alice", PASSWORDS["bob"]), ("nobody", "x"), ("", "")]
    )
    def test_wrong_password_or_user(self, store: Store, user: str, password: str) -> None:
        texts = set()
        for _ in range(2):
            with pytest.raises(AuthenticationFailed) as caught:
                self.ask(store, VerifyPassword(user, password))
            texts.add(str(caught.value))
        with pytest.raises(AuthenticationFailed) as caught:
            self.ask(store, VerifyPassword("nobody", "other"))
        assert texts == {str(caught.value)}, "the text tells which of the two was wrong"

    def test_acting_for_somebody_else(self, store: Store) -> None:
        with pytest.raises((PermissionDenied, AuthenticationFailed)):
            self.ask(store, VerifyPassword("alice", PASSWORDS["alice"], "bob"))

    def test_scram_verifier_fits_the_password(self, store: Store) -> None:
        verifier = self.ask(store, FetchScramVerifier("alice"))
        assert verifier.known
        assert verifier.user == ALICE
        assert verifier.iterations >= 4096
        salted = hashlib.pbkdf2_hmac("sha256", PASSWORDS["alice"].encode(), verifier.salt, verifier.iterations)
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        assert verifier.stored_key == hashlib.sha256(client_key).digest()
        assert verifier.server_key == hmac.digest(salted, b"Server Key", "sha256")

    def test_scram_nonces_are_fresh_and_printable(self, store: Store) -> None:
        nonces = [self.ask(store, FetchScramVerifier("alice")).nonce for _ in range(10)]
        assert len(set(nonces)) == 10
        assert all(nonce.isascii() and nonce.isprintable() and "," not in nonce and len(nonce) >= 16 for nonce in nonces)

    def test_unknown_users_get_a_stable_made_up_verifier(self, store: Store) -> None:
        first, again, other = (self.ask(store, FetchScramVerifier(user)) for user in ("nobody", "nobody", "nobody2"))
        known = self.ask(store, FetchScramVerifier("alice"))
        assert not first.known
        assert (first.salt, first.iterations) == (again.salt, again.iterations)
        assert first.salt != other.salt
        assert (len(first.salt), first.iterations) == (len(known.salt), known.iterations)
        assert (len(first.stored_key), len(first.server_key)) == (32, 32)

    @pytest.mark.parametrize(
        ("address", "mailbox"), [("alice", "INBOX"), ("alice@example.org", "INBOX"), ("alice+Work@example.org", "Work")]
    )
    def test_recipient(self, store: Store, address: str, mailbox: str) -> None:
        assert self.ask(store, ResolveRecipient(address)) == Recipient(ALICE, mailbox)

    @pytest.mark.parametrize("address", ["nobody", "nobody@example.org", "", "+Work@example.org", "@"])
    def test_unknown_recipient(self, store: Store, address: str) -> None:
        with pytest.raises(RecipientUnknown):
            self.ask(store, ResolveRecipient(address))
