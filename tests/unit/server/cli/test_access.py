"""``angarium mailbox acl``."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from angarium.engine.operations import ReadRights, UserName
from angarium.server.cli import main
from angarium.store.accounts import Accounts
from angarium.store.sqlite.store import SqliteStore

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    accounts = Accounts(folder)
    accounts.add("ann", "secret")
    accounts.close()
    return folder


@pytest.fixture
def acl(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["mailbox", "acl", "--data", str(folder), "--user", "ann", *arguments])
        return (code, *capsys.readouterr())

    return run


def test_show_change_and_delete(acl: Run, folder: Path) -> None:
    assert acl("INBOX") == (0, "ann\tlrswipkxtea\n", "")
    assert acl("inbox", "Bob", "lrd") == (0, "", "")
    assert acl("INBOX", "bob", "+i") == (0, "", "")
    assert acl("--", "INBOX", "-bob", "t") == (0, "", "")
    assert acl("--", "INBOX", "anyone", "-l") == (0, "", "")
    found = json.loads(acl("INBOX", "--json")[1])
    assert [(each["identifier"], each["rights"]) for each in found] == [
        ("ann", "lrswipkxtea"),
        ("-bob", "t"),
        ("bob", "lrite"),
    ]
    store = SqliteStore(folder)
    assert store.execute(ReadRights(UserName("bob"), UserName("ann"), ("INBOX",))) == "lrie"
    store.close()
    assert acl("INBOX", "bob", "--delete") == (0, "", "")
    assert acl("INBOX")[1] == "ann\tlrswipkxtea\n-bob\tt\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("Nothing",), 1),
        (("Nothing", "bob", "l"), 1),
        (("INBOX", "ann", "l"), 1),
        (("INBOX", "bob"), 2),
        (("INBOX", "bob", "l", "--delete"), 2),
        (("INBOX", "--delete"), 2),
        (("INBOX", "bob", "lq"), 2),
        (("INBOX", "", "l"), 2),
    ],
)
def test_what_cannot_be_is_one_line(acl: Run, arguments: tuple[str, ...], code: int) -> None:
    found, out, err = acl(*arguments)
    assert (found, out, err.count("\n")) == (code, "", 1)
