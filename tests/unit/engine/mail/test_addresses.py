"""Address lists beyond the grammar, and beside Python's own parser."""

from email.headerregistry import Address as PythonAddress
from email.headerregistry import AddressHeader
from email.policy import default
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.mail.addresses import GROUP_END, Address, address_list
from angarium.engine.mail.limits import addresses_max


def mailbox(local, host, name=None, route=None):
    return Address(name, route, local, host)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"", []),
        (b"  ", []),
        (b"a@b", [mailbox(b"a", b"b")]),
        (b"Joe Public <joe@x.org>", [mailbox(b"joe", b"x.org", b"Joe Public")]),
        (b"Joe   Q. Public  <joe@x.org>", [mailbox(b"joe", b"x.org", b"Joe Q. Public")]),
        (b'"Public, Joe" <joe@x.org>', [mailbox(b"joe", b"x.org", b"Public, Joe")]),
        (b'"a \\"b\\" c" <joe@x.org>', [mailbox(b"joe", b"x.org", b'a "b" c')]),
        (b'"" <joe@x.org>', [mailbox(b"joe", b"x.org", b"")]),
        (b"joe@x.org (Joe (the) Public)", [mailbox(b"joe", b"x.org", b"Joe (the) Public")]),
        (b"<joe@x.org> (Joe) ()", [mailbox(b"joe", b"x.org", b"Joe")]),
        (b"Joe <joe@x.org> (not this)", [mailbox(b"joe", b"x.org", b"Joe")]),
        (b'"john smith"@x', [mailbox(b"john smith", b"x")]),
        (b"a@[192.0.2.1]", [mailbox(b"a", b"[192.0.2.1]")]),
        (b"a@[ IPv6:: 1 ]", [mailbox(b"a", b"[IPv6::1]")]),
        (b"<@r1,@r2,:joe@x>", [mailbox(b"joe", b"x", None, b"@r1,@r2")]),
        (b"<@r1", [mailbox(b"", b"", None, b"@r1")]),
        (b"G:;", [Address(None, None, b"G", None), GROUP_END]),
        (
            b"G: a@b, c@d;, e@f",
            [Address(None, None, b"G", None), mailbox(b"a", b"b"), mailbox(b"c", b"d"), GROUP_END, mailbox(b"e", b"f")],
        ),
        # never closed
        (b"G: a@b", [Address(None, None, b"G", None), mailbox(b"a", b"b"), GROUP_END]),
        (b'"Joe <a@b>', [mailbox(b"Joe <a@b>", b"")]),
        (b"a@b (Joe", [mailbox(b"a", b"b", b"Joe")]),
        (b"a@[192", [mailbox(b"a", b"[192")]),
        (b"Joe <a@b, c@d", [mailbox(b"a", b"b", b"Joe"), mailbox(b"c", b"d")]),
        # not as the RFC has it
        (b"root", [mailbox(b"root", b"")]),
        (b"<>", [mailbox(b"", b"")]),
        (b"<root>", [mailbox(b"root", b"")]),
        (b"@b", [mailbox(b"", b"b")]),
        (b"John Smith @ b", [mailbox(b"John Smith", b"b")]),
        (b"a@b <a@b>", [mailbox(b"a", b"b", b"a@b")]),
        (b"a@b c@d", [mailbox(b"a", b"b")]),
        (b"<a@b> <c@d>", [mailbox(b"a", b"b"), mailbox(b"c", b"d")]),
        (b"<a@b> Joe", [mailbox(b"a", b"b", b"Joe")]),
        (b"a@b; c@d", [mailbox(b"a", b"b"), mailbox(b"c", b"d")]),
        (b": a@b", [mailbox(b"a", b"b")]),
        (b"G: H: a@b;", [Address(None, None, b"G", None), mailbox(b"H a", b"b"), GROUP_END]),
        (b",,a@b,,", [mailbox(b"a", b"b")]),
        (b"caf\xe9 <a@b>", [mailbox(b"a", b"b", b"caf\xe9")]),
    ],
)
def test_address_list(value, expected):
    assert list(address_list(value)) == expected


@pytest.mark.parametrize("one", [b"a@b,", b'"a"@b,'])
def test_a_list_has_a_limit(one):
    assert len(address_list(one * (addresses_max + 5))) == addresses_max


@given(st.binary())
def test_anything_has_an_address_list(value):
    for address in address_list(value):
        assert address == GROUP_END or address.mailbox is not None


atoms = st.text("abcXYZ019-_+", min_size=1, max_size=8)
names = st.lists(atoms, max_size=3).map(" ".join) | st.text('abc ,.<>()"\\@', max_size=8).map(str.strip)
sane = st.lists(
    st.builds(lambda n, u, d: PythonAddress(n, u, d), names, atoms, st.lists(atoms, min_size=1, max_size=3).map(".".join))
)


@given(sane)
def test_python_reads_the_same_addresses(addresses):
    value = ", ".join(map(str, addresses))
    found = address_list(value.encode())
    assert [(a.name or b"", a.mailbox, a.host) for a in found] == [
        (a.display_name.encode(), a.username.encode(), a.domain.encode()) for a in addresses
    ]
    # Up to 3.11.8 Python reads an address without anything in it where there is none.
    assert [(n, a) for n, a in getaddresses([value]) if a] == [
        ((f.name or b"").decode(), f"{(f.mailbox or b'').decode()}@{(f.host or b'').decode()}") for f in found
    ]


@pytest.mark.parametrize("value", ["G: a@b, Joe <c@d>;", "Joe (x) <a@b>, x@y", "a.b@c.d"])
def test_headerregistry_reads_the_same_mailboxes(value):
    header = default.header_factory("To", value)
    assert isinstance(header, AddressHeader)
    found = [a for a in address_list(value.encode()) if a.host is not None]
    assert [(a.mailbox, a.host) for a in found] == [(a.username.encode(), a.domain.encode()) for a in header.addresses]
