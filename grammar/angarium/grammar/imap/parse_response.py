"""A frame to a response value, for the client side (RFC 9051 §2.2.2, §7, §9)."""

from lark import Token, Tree
from lark.exceptions import UnexpectedInput

from angarium.grammar.imap.framing import Frame
from angarium.grammar.imap.grammar_files import response_parser
from angarium.grammar.imap.response_rules import RESPONSE_RULES
from angarium.grammar.imap.responses import Response
from angarium.grammar.imap.syntax_errors import ResponseSyntaxError, ValueRefused, place
from angarium.grammar.imap.terminals import source_of
from angarium.grammar.imap.tree_values import value_of

__all__ = ["ResponseSyntaxError", "parse_response"]


def parse_response(frame: Frame, utf8: bool = False) -> Response:
    """The response in ``frame``; ``ResponseSyntaxError`` for anything that is none.

    ``utf8``: mailbox names are UTF-8, as after ENABLE IMAP4rev2 (RFC 9051 §5.1), else modified UTF-7 (RFC 3501 §5.1.3).
    """
    text = frame.octets.decode("latin-1")
    try:
        tree: Tree[Token] = response_parser().parse(text)
        response: Response = value_of(tree, RESPONSE_RULES, source_of(frame, 0, utf8))
    except UnexpectedInput as error:
        raise ResponseSyntaxError(*place(error, text)) from None
    except ValueRefused as error:
        raise ResponseSyntaxError(error.octet, (error.expected,)) from None
    return response
