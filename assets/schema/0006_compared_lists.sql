-- 0006: lists of words are compared, not built.
--
-- SQLite makes a table of its own for each list of three words or more, each time it looks something up in it: five for every entry, which took
-- longer than the entry itself. Words that are compared one by one, or two by two, are the same rule. As in the steps before, the words of CHECKs
-- are changed and no row is read, copied or moved.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql,
    'CHECK (kind IN (
                       ''sold'', ''pending'', ''sent'', ''outcome_unknown'', ''posted'', ''released'', ''parked'',
                       ''shown'', ''reissued'', ''audit'', ''by_hand'', ''step'', ''booked'', ''explained'', ''printed'', ''terminal_day_closed'', ''terminal_seen'', ''reflection''))',
    'CHECK (CASE kind
                       WHEN ''sold'' THEN 1 WHEN ''pending'' THEN 1 WHEN ''sent'' THEN 1 WHEN ''outcome_unknown'' THEN 1
                       WHEN ''posted'' THEN 1 WHEN ''released'' THEN 1 WHEN ''parked'' THEN 1 WHEN ''shown'' THEN 1
                       WHEN ''reissued'' THEN 1 WHEN ''audit'' THEN 1 WHEN ''by_hand'' THEN 1 WHEN ''step'' THEN 1
                       WHEN ''booked'' THEN 1 WHEN ''explained'' THEN 1 WHEN ''printed'' THEN 1
                       WHEN ''terminal_day_closed'' THEN 1 WHEN ''terminal_seen'' THEN 1 WHEN ''reflection'' THEN 1 ELSE 0 END)'),
    'kind IN (''audit'', ''terminal_day_closed'', ''terminal_seen'')',
    'kind IN (''audit'', ''terminal_day_closed'') OR kind = ''terminal_seen''')
WHERE type = 'table' AND name = 'entry';
UPDATE sqlite_schema SET sql = replace(replace(replace(replace(sql,
    'kind IN (''sale'', ''void'', ''refund'')', 'kind IN (''sale'', ''void'') OR kind = ''refund'''),
    'link IN (''linked'', ''manual'', ''none'')', 'link IN (''linked'', ''manual'') OR link = ''none'''),
    'state IN (''settled'', ''declined'', ''cancelled'')', 'state IN (''settled'', ''declined'') OR state = ''cancelled'''),
    'kind IN (''hand'', ''part_paid'', ''correction'', ''unreflected'')',
    'kind IN (''hand'', ''part_paid'') OR kind IN (''correction'', ''unreflected'')')
WHERE type = 'table' AND name IN ('sale', 'tender', 'settlement', 'task', 'movement_group');
PRAGMA writable_schema = RESET;

-- A slip is opened once.
DROP TRIGGER entry_opens_a_new_slip;
CREATE TRIGGER entry_opens_a_new_slip BEFORE INSERT ON entry
WHEN NEW.kind IN ('sold', 'pending') OR NEW.kind = 'by_hand'
BEGIN
    SELECT RAISE(ABORT, 'a slip number is used once')
    WHERE EXISTS (SELECT 1 FROM entry WHERE slip_number = NEW.slip_number);
END;

-- A sale that went to a terminal, over the link or by hand, and has no outcome is the only one that takes these.
DROP TRIGGER entry_follows_an_open_sale;
CREATE TRIGGER entry_follows_an_open_sale BEFORE INSERT ON entry
WHEN NEW.kind IN ('sent', 'outcome_unknown') OR NEW.kind IN ('parked', 'posted') OR NEW.kind IN ('released', 'booked')
BEGIN
    SELECT RAISE(ABORT, 'only a sale that was written for a terminal takes this entry')
    WHERE NOT EXISTS (
        SELECT 1 FROM sale WHERE slip_number = NEW.slip_number
          AND CASE WHEN NEW.kind IN ('posted', 'released') THEN cat IS NOT NULL OR hand_model IS NOT NULL
                   WHEN NEW.kind = 'booked' THEN hand_model IS NOT NULL
                   ELSE cat IS NOT NULL END);
    SELECT RAISE(ABORT, 'a sale that has its outcome takes no other')
    WHERE EXISTS (SELECT 1 FROM settlement WHERE slip_number = NEW.slip_number);
    SELECT RAISE(ABORT, 'a sale is sent once, before anything is heard of it')
    WHERE NEW.kind NOT IN ('released', 'booked')
      AND EXISTS (SELECT 1 FROM sale WHERE slip_number = NEW.slip_number AND cat IS NOT NULL)
      AND (NEW.kind = 'sent') = EXISTS (
        SELECT 1 FROM entry WHERE slip_number = NEW.slip_number AND kind = 'sent');
    SELECT RAISE(ABORT, 'work by hand is booked once')
    WHERE NEW.kind = 'booked' AND EXISTS (SELECT 1 FROM booking WHERE slip_number = NEW.slip_number);
END;

DROP TRIGGER entry_follows_a_slip;
CREATE TRIGGER entry_follows_a_slip BEFORE INSERT ON entry
WHEN NEW.kind IN ('step', 'explained') OR NEW.kind = 'printed'
BEGIN
    SELECT RAISE(ABORT, 'only a slip that was opened takes this entry')
    WHERE NOT EXISTS (SELECT 1 FROM sale WHERE slip_number = NEW.slip_number);
END;
