"""Limits of an IMAP connection: every buffer, list, nesting and wait ends somewhere (RFC 9051 §5.4, RFC 7888 §4)."""

from attrs import frozen


@frozen
class Limits:
    """What one connection may use; the defaults suit a public server."""

    line_octets_max: int = 65_536
    """a command line without its literals; mail clients send sequence sets of tens of kilobytes"""
    literal_octets_max: int = 65_536
    """a literal gathered in memory"""
    login_literal_octets_max: int = 4_096
    """a literal before authentication: names and passwords"""
    literal_count_max: int = 64
    append_octets_max: int = 104_857_600
    """a message of APPEND; above ``literal_octets_max`` it is streamed to the store"""
    append_literals_max: int = 500
    """literals of one APPEND: its messages (RFC 3502), and its mailbox name may be another"""
    append_memory_octets_max: int = 1_048_576
    """messages of one APPEND gathered in memory; further ones are streamed however small they are"""
    append_sum_octets_max: int = 1_073_741_824
    """all messages of one APPEND"""
    url_octets_max: int = 8_192
    """a URL of CATENATE that comes as a literal (RFC 4469)"""
    login_seconds_max: float = 120.0
    """silence before authentication"""
    idle_seconds_max: float = 1_800.0
    """silence after it (RFC 9051 §5.4: at least 30 minutes)"""
    list_patterns_max: int = 256
    """patterns of one LIST; each is tried on every name"""
    search_keys_max: int = 1_000
    """keys of one SEARCH; what clients ask has a dozen"""
    search_text_keys_max: int = 64
    """keys on text of one SEARCH: each may have to look at every message"""
    contexts_max: int = 8
    """searches of a session that are kept up to date; each holds four octets for every message it has found (RFC 5267 §4.3.1)"""
    context_sorted_max: int = 10_000
    """messages of a sorted result that is kept up to date: for every one that comes they are all sorted again"""
    idle_poll_seconds: float = 30.0
    """during IDLE the store is looked at this often even when nothing wakes us, in case a notification was lost"""
    login_failures_max: int = 5
    bad_commands_max: int = 20
    """BAD answers in a row"""
    write_octets: int = 65_536
    """answers are gathered up to about this size before they go to the transport"""
    inflate_octets: int = 65_536
    """what has come compressed is inflated up to about this size at a time (RFC 4978)"""
    deflater_seconds_max: float = 10.0
    """after so much silence the memory for compressing answers is let go until there is one"""
    content_chunk_octets: int = 262_144
    """a message too large for a row is read in pieces of this size"""
    header_octets_max: int = 1_048_576
    """how much of a header HEADER.FIELDS looks at"""
    decoded_octets_max: int = 104_857_600
    """a body part that BINARY decodes"""
