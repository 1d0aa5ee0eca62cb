"""Who the server says it is: the greeting and ID (RFC 9051 §7.1, RFC 2971 §3.2)."""

from attrs import frozen


@frozen
class Identity:
    """``name`` goes into the greeting, all of it into the ID response; None is left out there."""

    name: str = "Angarium"
    version: str | None = None
    vendor: str | None = None
    support_url: str | None = None

    @property
    def parameters(self) -> tuple[tuple[bytes, bytes | None], ...]:
        """The field-value pairs of ID (RFC 2971 §3.3)."""
        pairs = (("name", self.name), ("version", self.version), ("vendor", self.vendor), ("support-url", self.support_url))
        return tuple((field.encode("ascii"), value.encode("utf-8")) for field, value in pairs if value is not None)
