"""Sentences that are in the form we would choose: read and said again, not an octet has changed."""

import pytest

from angarium.grammar.imap.framing import Frame
from angarium.grammar.imap.parse_command import parse_command
from angarium.grammar.imap.parse_response import parse_response
from angarium.grammar.imap.render_command import render_command
from angarium.grammar.imap.render_response import render_response


@pytest.mark.parametrize(
    "octets",
    [
        b"a SEARCH OR (BODY x LARGER 1) UNKEYWORD y FROM z",
        b'a UID SEARCH RETURN (MIN SAVE) CHARSET UTF-8 HEADER X "" NOT 1:* SENTBEFORE 1-Feb-2020 TEXT x',
        rb'a SEARCH MODSEQ "/flags/\\draft" all 5 UID $ SMALLER 3 BEFORE 28-Feb-2021',
        b'a SORT (SUBJECT REVERSE DATE ARRIVAL) "US ASCII" UNSEEN FROM x',
        b"a UID SORT (SIZE REVERSE TO CC FROM) UTF-8 OR SEEN 1:*",
        b"a UID THREAD ORDEREDSUBJECT US-ASCII ALL",
        b"a SORT (DISPLAYFROM REVERSE DISPLAYTO) UTF-8 ALL",
        b"a THREAD REFS UTF-8 ALL",
        b"a UID SORT RETURN () (DATE) UTF-8 ALL",
        b"a SORT RETURN (MIN MAX ALL COUNT SAVE) (DATE REVERSE SIZE) UTF-8 UNSEEN",
        b'a THREAD REFERENCES "x]" UID 1 MODSEQ 5',
        b"a SELECT x (CONDSTORE QRESYNC (1 2 3:4 (1 3)))",
        b'a LIST (SUBSCRIBED RECURSIVEMATCH) "" (a %) RETURN (CHILDREN STATUS (MESSAGES))',
        b"a UID FETCH 1,3:* (FLAGS BINARY.PEEK[1]<0.5> BINARY.SIZE[] BODY[1.TEXT]) (CHANGEDSINCE 1 VANISHED)",
        b"a UID STORE $ (UNCHANGEDSINCE 0) -FLAGS.SILENT (\\Seen x)",
        b'a ID ("a" NIL)',
        b"a ID NIL",
        b"a SEARCH MODSEQ 0",
        b"a EXAMINE INBOX",
        b"a UID EXPUNGE 1",
        b"a AUTHENTICATE PLAIN AA==",
    ],
)
def test_commands(octets):
    assert render_command(parse_command(Frame(octets))) == (octets + b"\r\n",)


@pytest.mark.parametrize(
    "octets",
    [
        b'* 1 FETCH (BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL "d" "7BIT" 1 2 "md5" ("inline" NIL))'
        b'("A" "B" NIL NIL NIL "7BIT" 1 NIL) "MIXED" ("BOUNDARY" "x") ("attachment" ("filename" "f")) ("en" "fr") "loc" 5))',
        b'* 1 FETCH (BODY ("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 1 (NIL NIL ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL NIL NIL)'
        b' ("A" "B" NIL NIL NIL "7BIT" 1) 3))',
        b"* 1 FETCH (MODSEQ (5) FLAGS () UID 3 RFC822.SIZE 4 BINARY.SIZE[1] 6 BODY[1]<7> NIL RFC822.TEXT NIL)",
        b'* 1 FETCH (INTERNALDATE " 1-Jul-2020 01:02:03 -0130")',
        b'* LIST (\\Noselect) "\\\\" a ("CHILDINFO" ("SUBSCRIBED") "OLDNAME" (b))',
        b'* NAMESPACE (("" "/")("x" NIL)) NIL NIL',
        b'* ESEARCH (TAG "a") UID MIN 1 MAX 2 ALL 1:2 COUNT 2 MODSEQ 3',
        b'* ESEARCH (TAG "a") UID ALL 5,4,1:3,2',
        b"* SORT",
        b"* SORT 5 3 (MODSEQ 7)",
        b"* THREAD",
        b"* THREAD (2)(3 6 (4 23)(44 7 96))",
        b"* THREAD ((3)(5))((6)((7)(8)))",
        b"* VANISHED (EARLIER) 1:3",
        b"a OK [COPYUID 1 5:4,9 1:3] done",
        b'* NO [BADCHARSET (UTF-8 "a b")] x',
        b"+ [ALERT] x",
        b"+ AA==",
    ],
)
def test_responses(octets):
    assert render_response(parse_response(Frame(octets))) == octets + b"\r\n"
