"""The Lark grammar against the RFCs' ABNF, by sentences drawn from each and given to the other."""

import pytest

from sampling import abnf_grammar, compare, print_table

SAMPLES = 40

pytestmark = pytest.mark.skipif(
    bool(abnf_grammar.missing_texts()), reason="the RFC texts are not beside the checkout (../shared/rfc)"
)

DRAWN = (
    []
    if abnf_grammar.missing_texts()
    else [(number, rule) for number in (9051, *abnf_grammar.SECTIONS) for rule in compare.rules_to_draw(number)]
)


@pytest.mark.parametrize(("number", "rule"), DRAWN, ids=lambda value: str(value))
def test_sentences_of_the_rfc_parse_here(number, rule):
    row = compare.abnf_to_lark(number, rule, SAMPLES)
    assert not row.unknown
    assert row.drawn == SAMPLES


@pytest.mark.parametrize("rule", compare.LARK_COMMANDS + compare.LARK_RESPONSES)
def test_our_sentences_are_the_rfcs(rule):
    row = compare.lark_to_abnf(rule, SAMPLES)
    assert not row.unknown
    assert row.drawn == SAMPLES


@pytest.mark.parametrize("difference", compare.known_differences(), ids=lambda difference: difference.name)
def test_known_differences_are_still_there(difference):
    by_abnf = compare.abnf_accepts(difference.example)
    by_lark = compare.lark_accepts(difference.example)
    assert (by_abnf, by_lark) == ((True, False) if difference.accepted_by == "abnf" else (False, True))
    assert compare.classify_as(difference.example, difference.accepted_by) is difference


def test_the_page_lists_the_differences():
    page = print_table.PAGE.read_text("utf-8")
    assert print_table.differences() in page
    assert page.count("\n| RFC ") == len(DRAWN)
