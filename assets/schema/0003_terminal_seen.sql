-- 0003: which terminal stands at a port.
--
-- As in the second step, the words of two CHECKs of `entry` are changed and no entry is read, copied or moved.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''terminal_day_closed'')', '''terminal_day_closed'', ''terminal_seen'')')
WHERE type = 'table' AND name = 'entry';
PRAGMA writable_schema = RESET;

-- A terminal answered that had not answered before it, or was confirmed by a person. The newest few rows say which one is known.
CREATE TABLE terminal_seen (
    cat      TEXT    NOT NULL CHECK (cat IN ('cat1', 'cat2')),
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    PRIMARY KEY (cat, entry_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER terminal_seen_is_never_changed BEFORE UPDATE ON terminal_seen
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a terminal that was seen is never changed'); END;
CREATE TRIGGER terminal_seen_is_never_taken_away BEFORE DELETE ON terminal_seen
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a terminal that was seen is never taken away'); END;
CREATE TRIGGER terminal_seen_belongs_to_its_entry BEFORE INSERT ON terminal_seen
BEGIN
    SELECT RAISE(ABORT, 'a terminal that was seen belongs to the entry that tells it')
    WHERE NOT EXISTS (SELECT 1 FROM entry WHERE id = NEW.entry_id AND kind = 'terminal_seen');
END;
