"""What a server may make a client hold, and what a client may send at once."""

from typing import Final

from attrs import frozen

LITERAL_MINUS_OCTETS_MAX: Final = 4096
"""The longest non-synchronizing literal under LITERAL- (RFC 7888 §4)."""


@frozen
class ClientLimits:
    """What a server may make a client hold; ``response_octets_max`` counts one response's literals together."""

    line_octets_max: int = 8 * 1024 * 1024
    literal_octets_max: int = 256 * 1024 * 1024
    response_octets_max: int = 512 * 1024 * 1024
    literal_count_max: int = 10_000
