"""A process with several writing threads is killed at a random moment: each acknowledged message is there, none is half there."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from angarium.engine.operations import Column, FetchMessages, OpenMailbox, UserName
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.store.check import check
from angarium.store.sqlite.store import SqliteStore

WRITER = """
import os, sys, threading
from hashlib import sha256
from pathlib import Path
from angarium.engine.operations import AppendMessages, NewMessage, UserName
from angarium.store.sqlite.store import SqliteStore

store = SqliteStore(Path(sys.argv[1]))

def write(thread):
    number = 0
    while True:
        number += 1
        body = f"{sys.argv[2]}.{thread}.{number} ".encode() * (10_000 if number % 5 == 0 else 300)
        message = b"Subject: x\\r\\n\\r\\n" + body
        (uid,) = store.execute(AppendMessages(UserName("ann"), "INBOX", (NewMessage(message),))).uids
        os.write(1, f"{uid} {sha256(message).hexdigest()}\\n".encode())

for thread in range(4):
    threading.Thread(target=write, args=(thread,)).start()
"""


@pytest.mark.parametrize("seed", range(5))
def test_killed_while_writing(tmp_path: Path, seed: int) -> None:
    acknowledged: dict[int, str] = {}
    moments = random.Random(seed)
    for round in range(2):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(round)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(moments.uniform(0.01, 0.2))
        os.kill(process.pid, signal.SIGKILL)
        lines = (first + process.stdout.read()).decode().splitlines()
        process.wait()
        for line in lines:
            uid, digest = line.split()
            assert int(uid) not in acknowledged, "a UID was given twice"
            acknowledged[int(uid)] = digest
    assert acknowledged
    assert all("belongs to no message" in finding.problem for finding in check(tmp_path, repair=False))
    with closing(SqliteStore(tmp_path, upkeep=False)) as store:
        mailbox = store.execute(OpenMailbox(UserName("ann"), "INBOX")).id
        for uid, digest in acknowledged.items():
            (row,) = store.execute(FetchMessages(mailbox, NumberSet(((uid, uid),)), Column.CONTENT)).rows
            assert row.content is not None
            assert sha256(row.content).hexdigest() == digest
