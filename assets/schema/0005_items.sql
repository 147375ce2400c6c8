-- 0005: what is sold over the counter.
--
-- No book of money: an import changes it as a whole, and the audit entry of the same commit says what it came to. Sales keep their own copy of
-- name, price and tax, so nothing that is booked depends on a row of this.
CREATE TABLE item (
    code   TEXT    PRIMARY KEY CHECK (length(code) BETWEEN 1 AND 20),
    jan    TEXT    UNIQUE CHECK (length(jan) IN (8, 13)),
    name   TEXT    NOT NULL CHECK (length(name) >= 1),
    kana   TEXT    NOT NULL,
    price  INTEGER NOT NULL CHECK (price BETWEEN 1 AND 99999999),
    tax    TEXT    NOT NULL CHECK (tax IN ('non_taxable', 'taxable', 'reduced')),
    quick  INTEGER UNIQUE CHECK (quick BETWEEN 1 AND 9),
    -- Code, JAN, name and kana as searches compare them, a line each.
    search TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
