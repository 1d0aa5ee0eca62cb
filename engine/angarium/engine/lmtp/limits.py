"""Limits of an LMTP connection: every buffer, list and wait ends somewhere (RFC 5321 §4.5.3)."""

from attrs import frozen


@frozen
class Limits:
    """What one connection may use."""

    line_octets_max: int = 2_048
    """a command line; RFC 5321 §4.5.3.1.4 asks for 512, extensions for some more"""
    recipients_max: int = 100
    """of one transaction; RFC 5321 §4.5.3.1.8 asks for 100 at least, further ones come in another transaction"""
    message_octets_max: int = 104_857_600
    """RFC 1870 §4"""
    stage_octets: int = 65_536
    """a message is gathered in memory up to this size; above it, its octets go to the store as they arrive"""
    command_seconds_max: float = 300.0
    """silence (RFC 5321 §4.5.3.2.7: at least 5 minutes)"""
    errors_max: int = 50
    """commands in a row that are none, or out of place"""
