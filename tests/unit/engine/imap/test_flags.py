import pytest

from angarium.engine.imap.flags import storable


@pytest.mark.parametrize(
    ("flags", "stored"),
    [
        ((), ()),
        ((rb"\seen", rb"\SEEN"), (rb"\Seen",)),
        ((rb"\Recent", rb"\Nonsense", b"$Work", b"$work"), (b"$Work",)),
    ],
)
def test_storable(flags: tuple[bytes, ...], stored: tuple[bytes, ...]) -> None:
    assert storable(flags) == stored
