"""Who the server says it is: the greeting and ID (RFC 9051 §7.1, RFC 2971 §3.2)."""

from typing import Any, Final

from attrs import Attribute, field, frozen

VALUE_OCTETS_MAX: Final = 1_024
"""No value of ID may be longer (RFC 2971 §3.3)."""


def _fits(identity: Any, attribute: "Attribute[Any]", value: str | None) -> None:
    if value is not None and len(value.encode("utf-8")) > VALUE_OCTETS_MAX:
        raise ValueError(f"{attribute.name} is longer than {VALUE_OCTETS_MAX} octets")


@frozen
class Identity:
    """``name`` goes into the greeting, all of it into the ID response; None is left out there."""

    name: str = field(default="Angarium", validator=_fits)
    version: str | None = field(default=None, validator=_fits)
    vendor: str | None = field(default=None, validator=_fits)
    support_url: str | None = field(default=None, validator=_fits)

    @property
    def parameters(self) -> tuple[tuple[bytes, bytes | None], ...]:
        """The field-value pairs of ID (RFC 2971 §3.3)."""
        pairs = (("name", self.name), ("version", self.version), ("vendor", self.vendor), ("support-url", self.support_url))
        return tuple((name.encode("ascii"), value.encode("utf-8")) for name, value in pairs if value is not None)
