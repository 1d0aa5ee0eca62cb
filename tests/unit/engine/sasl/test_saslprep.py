import pytest

from angarium.engine.sasl.saslprep import saslprep


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("user", "user"),
        ("", ""),
        ("I\u00adX", "IX"),  # RFC 4013 §3
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
        ("\u0627\u0628", "\u0627\u0628"),
    ],
)
def test_prepares(text: str, prepared: str) -> None:
    assert saslprep(text) == prepared


@pytest.mark.parametrize(
    "text",
    ["\u0007", "a\nb", "\u0627\u0031", "a\u0627", "\u0627a\u0627", "\ue000", "\ufffd", "\u0221", "\U0001f600"],
)
def test_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"prohibited|unassigned|direction|right-to-left"):
        saslprep(text)
