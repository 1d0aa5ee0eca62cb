import pytest

from angarium.engine.imap.asks import Refused
from angarium.engine.imap.flags import storable
from angarium.grammar.imap.responses import Condition


@pytest.mark.parametrize(
    ("flags", "stored"),
    [
        ((), ()),
        ((rb"\seen", rb"\SEEN"), (rb"\Seen",)),
        ((rb"\Nonsense", b"$Work", b"$work"), (b"$Work",)),
    ],
)
def test_storable(flags: tuple[bytes, ...], stored: tuple[bytes, ...]) -> None:
    assert storable(flags) == stored


@pytest.mark.parametrize("flags", [(rb"\Recent",), (rb"\Seen", rb"\RECENT")])
def test_recent_is_no_flag_to_set(flags: tuple[bytes, ...]) -> None:
    with pytest.raises(Refused, match="nobody can set") as refused:
        storable(flags)
    assert refused.value.outcome.condition is Condition.BAD
