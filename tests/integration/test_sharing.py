"""Sharing over real sockets, with Python's own client: two users, two workers, one mailbox (RFC 4314)."""

import contextlib
import imaplib
import subprocess
import sys

from angarium.store.accounts import Accounts

HOST = "127.0.0.1"
WORK = '"Other Users/ann/Work"'


def client(server, user):
    connection = imaplib.IMAP4(HOST, server.ports["imap"])
    connection.login(user, "secret")
    return connection


def mailbox_acl(server, *arguments):
    command = [sys.executable, "-m", "angarium.server", "mailbox", "acl", "--data", str(server.data), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_two_users_share_a_mailbox(start_server, tmp_path):
    config = tmp_path / "angarium.toml"
    config.write_text('[sharing]\nowner = "common"\ngroups = ["staff: bob"]\n')
    server = start_server("--config", str(config))
    with contextlib.closing(Accounts(server.data)) as accounts:
        accounts.add("bob", "secret")
        accounts.add("common", "secret")
    ann, bob = client(server, "ann"), client(server, "bob")
    assert {"ACL", "RIGHTS=KXTE", "LIST-MYRIGHTS"} <= set(bob.capability()[1][0].decode().upper().split())
    assert bob.namespace()[1] == [b'(("" "/")) (("Other Users/" "/")) (("Shared/" "/"))']
    ann.create("Work")
    ann.append("Work", None, None, b"Subject: hello\r\n\r\nworld\r\n")
    assert bob.select(WORK)[0] == "NO"
    assert ann.setacl("Work", "group:staff", "lrs")[0] == "OK"
    assert ann.getacl("Work")[1] == [b"Work ann lrswipkxteacd group:staff lrs"]
    assert bob.myrights(WORK)[1] == [b'"Other Users/ann/Work" lrs']
    assert any(b"Other Users/ann/Work" in each for each in bob.list()[1])
    assert bob.select(WORK) == ("OK", [b"1"])
    assert bob.fetch("1", "(BODY[TEXT])")[1][0][1] == b"world\r\n"
    assert bob.copy("1", "INBOX")[0] == "OK"
    assert bob.store("1", "+FLAGS", r"(\Deleted)")[0] == "NO"
    ann.select("Work")
    assert b"\\Seen" in ann.fetch("1", "(FLAGS)")[1][0]
    assert ann.deleteacl("Work", "group:staff")[0] == "OK"
    with contextlib.suppress(imaplib.IMAP4.abort):
        assert bob.noop()[0] == "OK"
        assert bob.noop()[0] == "BYE"
    assert client(server, "bob").select(WORK)[0] == "NO"


def test_the_command_line_shares_while_the_server_runs(start_server, eventually):
    server = start_server()
    with contextlib.closing(Accounts(server.data)) as accounts:
        accounts.add("bob", "secret")
    bob = client(server, "bob")
    mailbox_acl(server, "INBOX", "bob", "lr", "--user", "ann")
    assert mailbox_acl(server, "INBOX", "--user", "ann") == "ann\tlrswipkxtea\nbob\tlr\n"
    assert bob.select('"Other Users/ann/INBOX"', readonly=True) == ("OK", [b"0"])
    bob.send(b"idle IDLE\r\n")
    while not bob.readline().startswith(b"+"):
        pass
    mailbox_acl(server, "INBOX", "bob", "--delete", "--user", "ann")
    eventually(lambda: b"* BYE" in bob.readline())
