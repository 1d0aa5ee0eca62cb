"""Several processes on one folder, starting at the same moment with a user that has no mail yet."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

from angarium.engine.operations import FetchStatus, OpenMailbox, SearchMessages, UserName
from angarium.grammar.imap.commands import StatusItem
from angarium.grammar.imap.search_keys import BodyContains
from angarium.store.check import check
from angarium.store.contracts.harness import EVERY_UID
from angarium.store.sqlite.store import SqliteStore

USER = UserName("ann")
PROGRAM = """
import sys
from pathlib import Path
from angarium.engine.operations import AppendMessages, NewMessage, OpenMailbox, SearchMessages, UserName
from angarium.grammar.imap.search_keys import BodyContains
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.store.sqlite.store import SqliteStore

user = UserName("ann")
input()
store = SqliteStore(Path(sys.argv[1]), upkeep=False)
for number in range(20):
    appended = store.execute(AppendMessages(user, "INBOX", (NewMessage(b"Subject: x\\r\\n\\r\\nneedle"),)))
    print(appended.uids[0])
    if number % 5 == 0:
        store.catch_up(user)
        found = store.execute(SearchMessages(appended.mailbox, BodyContains(b"NEEDLE"), NumberSet(((1, 2**32 - 1),))))
        assert appended.uids[0] in found.uids
store.close()
"""


def test_processes_share_a_folder(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    given = [int(line) for process in processes for line in process.communicate(timeout=60)[0].split()]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted(given) == list(range(1, 61))
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        opened = store.execute(OpenMailbox(USER, "INBOX"))
        assert list(opened.uids) == sorted(given)
        store.catch_up(USER)
        assert len(store.execute(SearchMessages(opened.id, BodyContains(b"needle"), EVERY_UID)).uids) == 60
        (status,) = store.execute(FetchStatus(USER, ("INBOX",), frozenset({StatusItem.MESSAGES})))
        assert status.values == {StatusItem.MESSAGES: 60}
    assert check(tmp_path, repair=False) == []
