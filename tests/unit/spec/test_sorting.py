"""Threading as stores do it, against the steps of the RFC taken one by one (RFC 5256 §3)."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.mail import threads as threading
from angarium.engine.mail.prerender import prerender
from angarium.engine.mail.threads import ThreadKeys, thread
from angarium.grammar.imap.sorting import ThreadAlgorithm
from angarium.spec.sorting import arrival, sent_date, threads


@frozen
class Letter:
    """A message as the model has it."""

    uid: int
    internal_date: datetime
    content: bytes


ids = st.integers(1, 6).map(lambda number: f"<{number}@x>")
subjects = st.sampled_from(["", "a", "b", "Re: a", "Re: b", "c (fwd)", "[fwd: c]"])
moments = st.integers(0, 5).map(lambda hours: datetime(2023, 1, 2, tzinfo=UTC) + timedelta(hours=hours))


@st.composite
def letters(draw: st.DrawFn) -> list[Letter]:
    found = []
    for uid in range(1, draw(st.integers(1, 9)) + 1):
        fields = {"Message-ID": draw(st.none() | ids), "References": " ".join(draw(st.lists(ids, max_size=4))) or None}
        fields["Subject"] = draw(subjects)
        fields["Date"] = draw(st.none() | moments.map("{:%d %b %Y %H:%M:%S +0000}".format))
        header = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
        found.append(Letter(uid, draw(moments), header.encode() + b"\r\n"))
    return found


def keys_of(letter: Letter) -> ThreadKeys:
    found = prerender(letter.content)
    return ThreadKeys(
        letter.uid, sent_date(letter), arrival(letter), found.subject_key, found.is_reply, found.message_id, found.references
    )


@pytest.mark.parametrize("algorithm", ThreadAlgorithm)
def test_threads_are_what_the_steps_make(algorithm: ThreadAlgorithm) -> None:
    @given(letters())
    def agree(mail: list[Letter]) -> None:
        members = thread(algorithm, [keys_of(letter) for letter in mail])
        assert members == threads(algorithm, mail)
        assert sorted(uid for _, uid in members if uid is not None) == [letter.uid for letter in mail]

    agree()


def test_a_thread_as_deep_as_a_mailbox_is_long() -> None:
    count = 5000
    mail = [ThreadKeys(uid, uid, uid, "", True, str(uid), [str(uid - 1)]) for uid in range(1, count + 1)]
    assert thread(ThreadAlgorithm.REFERENCES, mail) == tuple((uid - 1, uid) for uid in range(1, count + 1))
    depths = [depth for depth, _ in thread(ThreadAlgorithm.REFERENCES, mail[::-1])]
    assert depths == list(range(count))


def test_looking_for_loops_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing may be spent on it, a message that has answers is not made one."""
    mail = [ThreadKeys(uid, uid, uid, "", True, str(uid), [str(uid - 1)] if uid > 1 else []) for uid in range(9, 0, -1)]
    assert max(depth for depth, _ in thread(ThreadAlgorithm.REFERENCES, mail)) == 8
    monkeypatch.setattr(threading, "thread_steps_max", -len(mail) * 100)
    members = thread(ThreadAlgorithm.REFERENCES, mail)
    assert max(depth for depth, _ in members) == 1
    assert sorted(uid for _, uid in members if uid is not None) == list(range(1, 10))
