"""Opening databases: what one connection does must not take the locks of another in the same process away."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

from angarium.store.sqlite.connections import connect

VISIT = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); print(c.execute('SELECT x FROM t').fetchall()); c.close()"
"""Another process opens the database, reads and leaves; were it the last to have it open, it would remove the log."""


def test_a_second_connection_leaves_the_locks_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "mail.sqlite3"
    log = tmp_path / "mail.sqlite3-wal"
    with closing(connect(path)) as first:
        first.execute("CREATE TABLE t (x)")
        first.execute("INSERT INTO t VALUES (1)")
        before = log.stat().st_ino
        connect(path).close()
        subprocess.run([sys.executable, "-c", VISIT, str(path)], check=True, timeout=60)
        assert log.exists()
        assert log.stat().st_ino == before
        first.execute("INSERT INTO t VALUES (2)")
        seen = subprocess.run([sys.executable, "-c", VISIT, str(path)], check=True, timeout=60, stdout=subprocess.PIPE)
    assert seen.stdout == b"[(1,), (2,)]\n"


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "mail.sqlite3"
    for _ in range(2):
        connect(path).close()
        assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["mail.sqlite3"]
