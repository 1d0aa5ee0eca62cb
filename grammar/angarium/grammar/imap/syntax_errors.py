"""What is wrong with octets that are no command or response, and where (RFC 9051 §7.1.3 says what to answer)."""

from lark.exceptions import UnexpectedInput, UnexpectedToken


class ValueRefused(Exception):
    """The grammar took it, its value is out of range: ``octet`` is the place in the text, ``expected`` the ABNF rule."""

    def __init__(self, octet: int, expected: str) -> None:
        super().__init__(f"expected {expected} at octet {octet}")
        self.octet = octet
        self.expected = expected


class _SyntaxError(Exception):
    """``octet`` is the offset in the frame where it went wrong, ``expected`` the ABNF rules that could have come there."""

    def __init__(self, octet: int, expected: tuple[str, ...]) -> None:
        self.octet = octet
        self.expected = expected
        self.message = f"expected {' or '.join(expected)} at octet {octet}"
        super().__init__(self.message)


class CommandSyntaxError(_SyntaxError):
    """Octets that are no command; ``tag`` is None when not even a tag could be read (RFC 9051 §7.1.3)."""

    def __init__(self, octet: int, expected: tuple[str, ...], tag: bytes | None = None, unknown_command: bool = False) -> None:
        super().__init__(octet, expected)
        self.tag = tag
        self.unknown_command = unknown_command


class ResponseSyntaxError(_SyntaxError):
    """Octets that are no response."""


# Terminals whose ABNF name is not theirs with "-" for "_": one terminal for several rules, or a keyword inside a rule.
_ABNF_NAMES = {
    "$END": "CRLF",
    "SP": "SP",
    "LPAR": '"("',
    "RPAR": '")"',
    "PLUS": '"+"',
    "STAR": '"*"',
    "APPENDUID": "resp-text-code",
    "ATOMS": "capability",
    "BADCHARSET": "resp-text-code",
    "BASE64_LINE": "base64",
    "BODY_BASIC": "body-type-basic",
    "BODY_EXT_1PART_ALL": "body-ext-1part",
    "BODY_EXT_MPART_ALL": "body-ext-mpart",
    "BODY_MSG": "body-type-msg",
    "BODY_NAME": "msg-att-static",
    "BODY_TEXT": "body-type-text",
    "CHANGEDSINCE": "fetch-modifier",
    "CATENATE": '"CATENATE"',
    "CAT_TEXT": "text-literal",
    "CAT_URL": "url",
    "CHARSET": '"CHARSET"',
    "CHILDINFO": "childinfo-extended-item",
    "CODE_BEGIN": '"["',
    "CODE_CAPABILITY": "resp-text-code",
    "CODE_END": '"]"',
    "CODE_NZ_NUMBER": "resp-text-code",
    "CODE_TEXT": "text",
    "CONDSTORE": "select-param",
    "COPYUID": "resp-text-code",
    "EARLIER": '"(EARLIER)"',
    "ENABLED": "enable-data",
    "ESEARCH": "esearch-response",
    "ESEARCH_ALL": "search-return-data",
    "ESEARCH_MODSEQ": "search-return-data",
    "ESEARCH_NUMBER": "search-return-data",
    "ESEARCH_PARTIAL": "search-return-data",
    "ESEARCH_UPDATE": "search-return-data",
    "ESEARCH_UID": '"UID"',
    "EXISTS": '"EXISTS"',
    "FETCH_BINARY": "fetch-att",
    "FETCH_BINARY_SIZE": "fetch-att",
    "FETCH_BODY": "fetch-att",
    "FETCH_MACRO": "fetch-att",
    "FLAGS": '"FLAGS"',
    "FLAG_PERM_LIST": "flag-perm",
    "FLAG_SEQUENCE": "flag",
    "HEADER": "search-key",
    "HIGHESTMODSEQ": "resp-text-code",
    "MAILBOXID": "resp-text-code",
    "MODIFIED": "resp-text-code",
    "MODSEQ": "search-key",
    "MSG_ATT_BINARY": "msg-att-static",
    "MSG_ATT_BINARY_SIZE": "msg-att-static",
    "MSG_ATT_EMAILID": "msg-att-static",
    "MSG_ATT_ENVELOPE": "msg-att-static",
    "MSG_ATT_FLAGS": "msg-att-dynamic",
    "MSG_ATT_INTERNALDATE": "msg-att-static",
    "MSG_ATT_MODSEQ": "msg-att-dynamic",
    "MSG_ATT_PREVIEW": "msg-att-dynamic",
    "MSG_ATT_RFC822": "msg-att-static",
    "MSG_ATT_SAVEDATE": "msg-att-static",
    "MSG_ATT_SECTION": "msg-att-static",
    "MSG_ATT_SIZE": "msg-att-static",
    "MSG_ATT_THREADID": "msg-att-static",
    "MSG_ATT_UID": "msg-att-static",
    "NOT": "search-key",
    "NZ_NUMBERS": "nz-number",
    "OLDNAME": "oldname-extended-item",
    "OR": "search-key",
    "PERMANENTFLAGS": "resp-text-code",
    "QRESYNC": "select-param",
    "RECENT": '"RECENT"',
    "RESP_COND_OTHER": "resp-cond-bye",
    "RETURN": '"RETURN"',
    "SEARCH_DATE": "search-key",
    "SEARCH_FLAG": "search-key",
    "SEARCH_KEYWORD": "search-key",
    "SEARCH_OBJECTID": "search-key",
    "SEARCH_SIZE": "search-key",
    "SEARCH_STRING": "search-key",
    "SEARCH_UID": "search-key",
    "SEARCH_WITHIN": "search-key",
    "SORT_CHARSET": "charset",
    "STATUS_OPTION": "return-option",
    "STORE_ATT": "store-att-flags",
    "THREAD_BEGIN": "thread-list",
    "THREAD_END": '")"',
    "UNCHANGEDSINCE": "store-modifier",
    "USE": "create-param",
    "VANISHED": "fetch-modifier",
    "VANISHED_RESP": "expunged-resp",
}


def abnf_name(terminal: str) -> str:
    """The ABNF rule that a Lark terminal stands for."""
    name = terminal.removeprefix("_")
    return _ABNF_NAMES.get(name) or name.lower().replace("_", "-")


def place(error: UnexpectedInput, text: str) -> tuple[int, tuple[str, ...]]:
    """Offset in ``text`` where the parse stopped, and the ABNF rules that could have come there."""
    if isinstance(error, UnexpectedToken):
        offset = len(text) if error.token.type == "$END" else error.token.start_pos
    else:
        offset = error.pos_in_stream
    # Asked of the parser, because LALR merges states and so the lexer knows of more terminals than can come here.
    terminals = error.interactive_parser.accepts()  # type: ignore[no-untyped-call]
    return offset or 0, tuple(sorted({abnf_name(terminal) for terminal in terminals}))
