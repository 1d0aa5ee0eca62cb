r"""RFC 9051 §2.3.2 to §2.3.4, §5.2: flags, internal date and size of a message, over the model and over SQLite."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from angarium.spec.model_store import ModelStore
from angarium.store.sqlite.store import SqliteStore
from conformance.dialogue import Dialogue

KEYWORDS = ["$Forwarded", "$MDNSent", "$Junk", "$NotJunk", "$Phishing"]
MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"


@pytest.fixture(params=["model", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ModelStore | SqliteStore]:
    if request.param == "model":
        yield ModelStore({"tim": "secret"})
        return
    store = SqliteStore(tmp_path, upkeep=False)
    store.accounts.add("tim", "secret")
    yield store
    store.close()


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_keywords_are_kept_and_found(tim: Dialogue, keyword: str) -> None:
    tim.append(MESSAGE)
    tim.append(MESSAGE, keyword)
    tim.command("a SELECT INBOX")
    assert tim.command(f"b SEARCH KEYWORD {keyword}")[0] == b"* SEARCH 2"
    assert tim.command(f"c SEARCH UNKEYWORD {keyword}")[0] == b"* SEARCH 1"
    tim.command("d COPY 2 Archive")
    tim.command("e MOVE 2 Archive")
    tim.command("f SELECT Archive")
    assert tim.command(f"g SEARCH KEYWORD {keyword}")[0] == b"* SEARCH 1 2"
    for line in tim.command("h FETCH 1:2 FLAGS")[:-1]:
        assert keyword.encode() in line


def test_flags_are_seen_by_every_session(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    other = log_in()
    other.command("a SELECT INBOX")
    inbox.command(r"b STORE 2 +FLAGS (\Flagged Work)")
    told = other.command("c NOOP")
    assert rb"* FLAGS (\Answered \Flagged \Deleted \Seen \Draft Work)" in told
    assert rb"* 2 FETCH (FLAGS (\Flagged Work))" in told
    later = log_in()
    later.command("d SELECT INBOX")
    assert later.command("e FETCH 2 FLAGS")[0] == rb"* 2 FETCH (FLAGS (\Flagged Work))"
    inbox.command(r"f STORE 2 -FLAGS (\Flagged)")
    assert later.command("g NOOP")[0] == b"* 2 FETCH (FLAGS (Work))"


@pytest.mark.parametrize("command", ["COPY", "MOVE"])
def test_copies_keep_the_internal_date(tim: Dialogue, command: str) -> None:
    date = b'"07-Feb-1994 21:52:25 -0800"'
    assert tim.say(b"a APPEND INBOX %b {%d+}\r\n%b\r\n" % (date, len(MESSAGE), MESSAGE))[-1].startswith(b"a OK")
    tim.command("b SELECT INBOX")
    assert tim.command(f"c {command} 1 Archive")[-1].startswith(b"c OK")
    tim.command("d SELECT Archive")
    assert tim.command("e FETCH 1 INTERNALDATE")[0] == b'* 1 FETCH (INTERNALDATE " 7-Feb-1994 21:52:25 -0800")'


@pytest.mark.parametrize(
    "message",
    [
        MESSAGE,
        b"no header at all",
        b"\r\n\r\n",
        b"Subject: \xc3\xa4\xff\r\n\r\n\xe4\xf6\xfc 8-bit of no charset\r\n",
        b"Subject: bare\n\nline feeds\n",
        b"Subject: large\r\n\r\n" + b"0123456789abcde\r\n" * 20_000,
    ],
    ids=["usual", "one line", "empty lines", "8-bit", "line feeds", "large"],
)
def test_the_size_is_that_of_the_whole_text(tim: Dialogue, message: bytes) -> None:
    tim.append(message)
    tim.command("a SELECT INBOX")
    found = re.match(rb"\* 1 FETCH \(RFC822.SIZE (\d+)\)", tim.command("b FETCH 1 RFC822.SIZE")[0])
    assert found
    assert int(found[1]) == len(message)
    assert tim.command("c FETCH 1 BODY.PEEK[]")[0] == b"* 1 FETCH (BODY[] {%d}\r\n%b)" % (len(message), message)
