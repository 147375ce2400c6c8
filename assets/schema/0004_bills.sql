-- 0004: bills that come from outside, and telling the receipt computer of the money.
--
-- As in the steps before no entry is read, copied or moved: one new word in the CHECK of `entry`, one in that of `task`.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''terminal_seen'')),', '''terminal_seen'', ''reflection'')),')
WHERE type = 'table' AND name = 'entry';
UPDATE sqlite_schema SET sql = replace(sql, '''correction'')', '''correction'', ''unreflected'')')
WHERE type = 'table' AND name = 'task';
PRAGMA writable_schema = RESET;

-- One for each slip of a bill that came from outside: whose, the code that was scanned off it, and how many postings the receipt computer is to
-- be told of once the slip is settled.
CREATE TABLE bill (
    slip_number INTEGER PRIMARY KEY REFERENCES sale (slip_number),
    patient     TEXT,
    code        TEXT,
    postings    INTEGER NOT NULL CHECK (postings BETWEEN 0 AND 65535)
) STRICT;

-- The same bill is paid once a day.
CREATE INDEX bill_by_code ON bill (code, slip_number) WHERE code IS NOT NULL;

CREATE TRIGGER bill_is_never_changed BEFORE UPDATE ON bill
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a bill is never changed'); END;
CREATE TRIGGER bill_is_never_taken_away BEFORE DELETE ON bill
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a bill is never taken away'); END;

CREATE TRIGGER bill_comes_with_its_sale BEFORE INSERT ON bill
BEGIN
    SELECT RAISE(ABORT, 'a bill is written with its sale')
    WHERE NEW.slip_number IS NOT (SELECT max(slip_number) FROM sale);
END;

-- Only of money that moved for certain is anybody told.
CREATE TRIGGER entry_reflects_a_settled_bill BEFORE INSERT ON entry
WHEN NEW.kind = 'reflection'
BEGIN
    SELECT RAISE(ABORT, 'only a settled slip of a bill is reflected')
    WHERE NOT EXISTS (
        SELECT 1 FROM bill JOIN sale USING (slip_number) LEFT JOIN settlement USING (slip_number)
        WHERE slip_number = NEW.slip_number AND bill.postings > 0
          AND (settlement.state = 'settled' OR (sale.cat IS NULL AND sale.hand_model IS NULL)));
END;
