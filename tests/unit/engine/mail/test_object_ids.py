"""Tests of identifiers of messages and threads (RFC 8474 §5)."""

import re
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.mail.object_ids import digest_prefix, email_id, new_thread_id, thread_id

DIGEST = sha256(b"message").digest()
names = st.text(max_size=5)


def test_an_emailid_is_an_objectid():
    assert re.fullmatch(rb"M[0-9a-f]{40}", email_id(DIGEST))


@given(st.binary(min_size=32, max_size=32))
def test_the_digest_is_found_again(digest):
    assert digest_prefix(email_id(digest)) == digest[:20]


@pytest.mark.parametrize(
    "object_id",
    [
        b"",
        b"M",
        b"T" + email_id(DIGEST)[1:],
        email_id(DIGEST).upper(),
        email_id(DIGEST)[:-2],
        email_id(DIGEST) + b"00",
        b"Mx-_",
        b"_",
    ],
)
def test_other_ids_are_nobodys(object_id):
    assert digest_prefix(object_id) is None


def test_a_thread_begins_with_the_eldest():
    assert new_thread_id(("a", "b"), "c", DIGEST) == new_thread_id((), "a", DIGEST) != new_thread_id((), "c", DIGEST)


def test_a_message_without_ids_is_a_thread_of_its_own():
    assert new_thread_id((), "", DIGEST) == "T" + DIGEST.hex()[:24]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"b": "Tb", "a": "Ta", "c": "Tc"}, "Tb"),
        ({"a": "Ta", "c": "Tc"}, "Ta"),
        ({"c": "Tc"}, "Tc"),
        ({"d": "Td"}, new_thread_id(("a", "b"), "c", DIGEST)),
    ],
)
def test_the_nearest_ancestor_decides(known, expected):
    assert thread_id(("a", "b"), "c", DIGEST, known) == expected


@given(st.lists(names, max_size=3).map(tuple), names, st.dictionaries(names, st.just("T0")))
def test_a_threadid_is_an_objectid(references, message_id, known):
    assert re.fullmatch("T[0-9a-f]{24}|T0", thread_id(references, message_id, DIGEST, known))
