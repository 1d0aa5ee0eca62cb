"""The base subject (RFC 5256 §2.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.mail.limits import subject_chars_max
from angarium.engine.mail.subjects import BaseSubject, base_subject


@pytest.mark.parametrize(
    ("subject", "text", "is_reply"),
    [
        ("", "", False),
        ("hello", "hello", False),
        ("  hello \t there  ", "hello there", False),
        ("Re: hello", "hello", True),
        ("re : FW: fwd:hello", "hello", True),
        ("Re[2]: hello", "hello", True),
        ("Re [list] : hello", "hello", True),
        ("[list] Re: hello", "hello", True),
        ("[a][b] hello", "hello", False),
        ("Re: [a] [b] Re: hello", "hello", True),
        # a blob that is all there is stays
        ("[list]", "[list]", False),
        ("[a] [b]", "[b]", False),
        ("Re: [list]", "[list]", True),
        ("hello (fwd)", "hello", True),
        ("hello (FWD) (fwd) ", "hello", True),
        ("(fwd)", "", True),
        ("[Fwd: Re: hello (fwd)]", "hello", True),
        ("[fwd: [fwd: hello]]", "hello", True),
        ("[fwd: hello", "[fwd: hello", False),
        ("Re:", "", True),
        ("Re", "Re", False),
        ("Regarding: x", "Regarding: x", False),
        ("hello Re: you", "hello Re: you", False),
        ("[un[closed] x", "[un[closed] x", False),
        ("ſ Re: x", "ſ Re: x", False),
    ],
)
def test_base_subject(subject, text, is_reply):
    assert base_subject(subject) == BaseSubject(text, is_reply)


@given(st.lists(st.sampled_from(["Re:", "fwd", ":", "[", "]", "[fwd:", "(fwd)", " ", "x", "[a]", "\t"])).map("".join))
def test_a_base_subject_has_no_artifacts_left(subject):
    base = base_subject(subject).text
    assert base_subject(base) == BaseSubject(base, False)


def test_only_the_beginning_counts():
    assert len(base_subject("x" * 10_000_000).text) == subject_chars_max
