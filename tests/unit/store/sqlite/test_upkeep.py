"""Indexing and purging wait until nobody changes the mail any more, in whichever process."""

import os
import time
from pathlib import Path

from angarium.engine.operations import UserName
from angarium.store.sqlite.upkeep import changed_ago
from angarium.store.sqlite.users import DATABASE, user_folder

MIRA = UserName("mira")


def test_mail_without_a_log_has_not_changed_lately(tmp_path: Path) -> None:
    assert changed_ago(tmp_path, MIRA) == float("inf")


def test_the_log_says_when_the_mail_has_changed(tmp_path: Path) -> None:
    folder = user_folder(tmp_path, MIRA)
    folder.mkdir(parents=True)
    log = folder / f"{DATABASE}-wal"
    log.touch()
    os.utime(log, (time.time() - 1_000,) * 2)
    assert changed_ago(tmp_path, MIRA) >= 1_000
    os.utime(log, (time.time() + 1_000,) * 2)  # a clock that was set back must not put the work off for ever
    assert changed_ago(tmp_path, MIRA) == 0
