-- The search index of one user: worked out from the mail database, to be thrown away and made again at any time.

CREATE TABLE progress (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    indexed INTEGER NOT NULL                    -- contents up to this number have been seen to
) STRICT;
INSERT INTO progress VALUES (1, 0);

-- Decoded and folded text in UTF-8, to verify hits in.
CREATE TABLE text (
    content INTEGER PRIMARY KEY,
    headers BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- Contents that are looked at octet by octet instead: too long, or with a header that its text does not tell all of.
CREATE TABLE unindexed (content INTEGER PRIMARY KEY) STRICT;

-- Which contents have which three characters in a row, in headers or body. Neither positions nor columns are kept: hits are
-- verified anyway, and so the index is a third of the size.
CREATE VIRTUAL TABLE trigrams USING fts5 (
    both, content='', detail='none', columnsize=0, tokenize='trigram case_sensitive 1'
);
-- Which contents have which words, by column: where a whole word is looked for, most hits need no verifying.
CREATE VIRTUAL TABLE words USING fts5 (
    headers, body, content='', detail='column', columnsize=0, tokenize='ascii'
);
-- Gather 16 MB of trigrams before a segment is written: with the default of 1 MB most of the time goes into merging segments.
INSERT INTO trigrams (trigrams, rank) VALUES ('hashsize', 16777216);
