"""Change stamps are shared by everybody who opens the folder."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from angarium.engine.operations import MailboxId, UserName
from angarium.store.sqlite.stamps import SLOTS, Stamps

INBOX = MailboxId(UserName("ann"), 1)


def damaged(path: Path) -> None:
    path.write_bytes(b"short")


@pytest.mark.parametrize("prepare", [lambda path: None, damaged])
def test_all_who_begin_at_once_share_one_file(tmp_path: Path, prepare: Callable[[Path], None]) -> None:
    for attempt in range(20):
        path = tmp_path / str(attempt)
        prepare(path)
        together = Barrier(4)

        def begin(path: Path = path, together: Barrier = together) -> Stamps:
            together.wait()
            return Stamps(path)

        with ThreadPoolExecutor(4) as pool:
            stamps = [each.result() for each in [pool.submit(begin) for _ in range(4)]]
        stamps[0].renew(INBOX)
        assert {each.read(INBOX) for each in stamps} == {stamps[0].read(INBOX)}
        stamps[3].invalidate(INBOX)
        assert [each.read(INBOX) for each in stamps] == [0] * 4
        for each in stamps:
            each.close()


def test_stamps_outlive_who_made_them(tmp_path: Path) -> None:
    first = Stamps(tmp_path / "stamps")
    first.renew(INBOX)
    before = first.read(INBOX)
    first.close()
    second = Stamps(tmp_path / "stamps")
    assert second.read(INBOX) == before != 0
    second.close()
    assert (tmp_path / "stamps").stat().st_size == SLOTS * 8
