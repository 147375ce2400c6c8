//! Mistakes in layout files of every shape: the line, the problem, the remedy. And no file whatever stops the reader.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

const K_100: &str = include_str!("../../../../../docs/k-100.toml");

/// What is changed in a shipped file, to what; then a part of the line that is named, of the problem, and of the remedy.
type Mistake = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

fn holds(good: &str, mistakes: &[Mistake]) {
    Layout::parse("good.toml", good).expect("good as it is");
    for (from, to, line, problem, remedy) in mistakes {
        let toml = good.replacen(from, to, 1);
        assert_ne!(toml, good, "{from}");
        let error = match Layout::parse("x.toml", &toml) {
            Err(error) => error,
            Ok(_) => panic!("{to} is taken"),
        };
        let named = toml.lines().nth(error.line - 1).unwrap_or_default();
        assert!(named.contains(line), "{to}: {error} → {named}");
        assert!(error.problem.contains(problem), "{to}: {error}");
        assert!(error.remedy.contains(remedy), "{to}: {error}");
    }
}

#[test]
fn a_framing_that_cannot_work_is_refused() {
    #[rustfmt::skip]
    holds(
        K_100,
        &[
            ("handshake = \"acknowledged\"", "", "[framing]", "handshake is missing", "basic_mode"),
            ("\"acknowledged\"", "\"polite\"", "polite", "unknown variant", "correct"),
            ("start = \"STX\"", "start = \"STXX\"", "STXX", "no bytes", "two hexadecimal digits"),
            ("start = \"STX\"", "start = \"\"", "start", "no bytes", "names like STX"),
            ("start = \"STX\"", "start = \"ACK\"", "ACK", "begins with the byte of a reply", "STX"),
            ("start = \"STX\"", "ack = \"NAK\"", "[framing]", "cannot be told from a reply", "start bytes"),
            ("end = \"ETX\"", "end = \"ETX\"\nack = \"06 06\"", "06 06", "not one byte", "one name"),
            ("end = \"ETX\"", "end = \"ETX\"\nack = \"NAK\"", "ack", "same byte", "give two"),
            ("end = \"ETX\"", "end = \"ETX\"\nkind = \"basic_mode\"", "kind", "already", "remove"),
            ("width = 2, form = \"big_endian\" }\nend", "width = 9, form = \"big_endian\" }\nend", "length", "1 to 8", "number of bytes"),
            ("length = { width = 2, form = \"big_endian\" }\nend = \"ETX\"", "", "[framing]", "where a text ends", "end bytes"),
            ("check = { kind = \"crc16/ccitt-false\", covers = \"text_and_end\" }", "", "[framing]", "check is missing", "kind = \"none\""),
            ("crc16/ccitt-false", "crc32", "crc32", "is no check", "/x-25"),
            ("crc16/ccitt-false", "crc16", "check", "polynomial", "crc16/x-25"),
            ("kind = \"crc16/ccitt-false\"", "kind = \"xor\", initial = 1", "check", "no parameters", "remove"),
            ("kind = \"crc16/ccitt-false\"", "kind = \"crc16\", polynomial = 0x1021, base = \"00\"", "check", "no base", "initial"),
            ("kind = \"crc16/ccitt-false\"", "kind = \"xor\", form = \"decimal\"", "check", "decimal", "hex"),
            ("message_max = 512", "message_max = 512\nblock_text_max = 100", "block_text_max", "ends one of them", "ETB"),
            ("message_max = 512", "message_max = 512\nblock_end = \"03\"", "block_end", "cannot be told", "ETB"),
            ("message_max = 512", "message_max = 512\nprogress = { start = \"STX\", end = \"EOT\", text_len = 20 }", "progress", "begins like", "SOH"),
            ("message_max = 512", "message_max = 512\nprogress = { start = \"SOH\", end = \"EOT\", text_len = 0 }", "progress", "0 is not within", "bounds"),
            ("message_max = 512", "message_max = 512\nescape = { byte = \"ETX\" }", "escape", "escape byte", "of its own"),
        ],
    );
}

#[test]
fn tags_and_fields_that_do_not_fit_are_refused() {
    #[rustfmt::skip]
    holds(
        K_100,
        &[
            ("tlv = { tag_width = 1, length_width = 1, length_form = \"big_endian\" }", "", "shape", "form of tags", "add tlv"),
            ("tag_width = 1", "tag_width = 0", "tlv", "cannot be so wide", "1 to 8"),
            ("shape = \"tlv\"", "shape = \"fixed\"", "tlv", "no tags", "remove tlv"),
            ("tag_hex = \"01\"", "tag_hex = \"0102\"", "role = \"amount\"", "tag_width", "pairs"),
            ("tag_hex = \"01\"", "tag_hex = \"0\"", "role = \"amount\"", "tag_width", "pairs"),
            ("tag_hex = \"02\"", "tag_hex = \"01\"", "sequence_number", "tag of another", "of its own"),
            (", tag_hex = \"02\", width = 3, form = \"bcd\" },\n]", ", width = 3 },\n]", "sequence_number", "no tag", "front"),
            ("form = \"bcd\"", "form = \"roman\"", "amount", "unknown variant", "correct"),
            ("width = 6, form = \"bcd\"", "width = 9, form = \"big_endian\"", "amount", "more than 8", "1 to 8"),
            ("width = 6, form = \"bcd\"", "width = 6, form = \"bcd\", signed = true", "amount", "below zero", "digits"),
            ("width = 6, form = \"bcd\"", "width = 6, scale = 0", "amount", "scale", "1 to 1000000"),
            ("width = 6, form = \"bcd\"", "width = 6, any_text = true", "amount", "any text", "sequence_number"),
            ("width = 6, form = \"bcd\"", "rest = true", "amount", "rest of a message", "length stands"),
            ("width = 6, form = \"bcd\"", "width = 6, may_be_missing = true", "amount", "place is fixed", "required"),
            ("align = \"right\", pad = \"0\"", "scale = 10", "original_slip", "no number", "numeric"),
            ("{ constant = \"10\" }", "{ constant = \"10\", filler = \"x\" }", "constant", "either a role", "one of the keys"),
            ("{ constant = \"10\" }", "{ constant_hex = \"1\" }", "constant", "fill its width", "constant_hex"),
            ("{ constant = \"10\" }", "{ filler = \"10\", blank = [\"1\"] }", "filler", "no role", "belong"),
            ("{ constant = \"10\" }", "{ filler = \"１０\" }", "filler", "does not fit", "ASCII"),
            (", also = \"center_result_code\"", ", also = \"account\"", "result", "cannot be that", "center_result_code"),
            ("write = { center_error = \"10\"", "write = { center_eror = \"10\"", "result", "means nothing", "word of the role"),
            ("write = { center_error = \"10\"", "write = { center_error = \"100\"", "result", "does not fit", "ASCII"),
            ("\"50\" = \"stopped\"", "\"50\" = \"approved\"", "result", "two wire texts", "write = {"),
            ("role = \"date\", tag_hex = \"06\", width = 8", "role = \"date\", tag_hex = \"06\", width = 4, format = \"%m%d\"", "date", "whole date", "%Y%m%d"),
            ("role = \"clock\", tag_hex = \"07\", width = 6", "role = \"clock\", tag_hex = \"07\", width = 2, format = \"%M\"", "clock", "time of day", "%H%M%S"),
            ("\"1\" = \"waiting_for_card\"", "\"\" = \"waiting_for_card\"", "phase", "does not fit", "required = false"),
        ],
    );
}

#[test]
fn messages_that_do_not_fit_together_are_refused() {
    #[rustfmt::skip]
    holds(
        K_100,
        &[
            ("answers = [\"sale\", \"void\"]", "", "[[message]]", "no transaction field", "answers"),
            ("answers = [\"sale\", \"void\"]", "answers = [\"purchase\"]", "purchase", "unknown variant", "correct"),
            ("answers = [\"last_result\"]", "", "[[message]]", "cannot be told apart", "answers"),
            ("given = { inquiry_status = \"not_found\" }", "given = { inquiry_status = \"lost\" }", "given", "means nothing", "word of the role"),
            ("given = { inquiry_status = \"not_found\" }", "given = { status = \"not_found\" }", "given", "unknown role", "name a role"),
            ("given = { inquiry_status = \"not_found\" }", "given = { time = \"now\" }", "given", "means nothing", "word of the role"),
            ("given = { inquiry_status = \"not_found\" }", "", "[[message]]", "no inquiry_status", "given"),
            ("command = \"sale\"", "command = \"sale\"\nanswered_by = \"acknowledgement\"", "[[message]]", "cannot answer", "status and standalone"),
            ("command = \"sale\"", "command = \"sale\"\nanswers = [\"sale\"]", "[[message]]", "answers nothing", "replies"),
            ("command = \"sale\"", "command = \"sale\"\ntrailing_separator = \"written\"", "[[message]]", "separated", "remove"),
            ("command = \"sale\"", "command = \"sale\"\nseparator = \"|\"", "separator", "no separator", "remove separator"),
            ("command = \"sale\"", "command = \"sale\"\nrecord = [{ constant = \"1\" }]", "[[message]]", "records", "transactions"),
            ("command = \"last_result\"", "command = \"standalone\"", "[[message]]", "nothing answers", "answered_by"),
        ],
    );
    let transbank = Layout::shipped_file("transbank").expect("shipped");
    #[rustfmt::skip]
    holds(
        transbank,
        &[
            // The special case must come first.
            ("{ empty = true, name = \"approval code\" }", "{ filler = \"\", name = \"approval code\" }", "[[message]]", "cannot be told apart", "constant"),
            ("{ constant = \"11\" }", "{ filler = \"11\" }", "[[message]]", "cannot be told apart", "constant"),
            ("separator = \"|\"", "separator = \"x\"", "separator", "punctuation", "u001C"),
            ("width = 9 }", "width = 4, form = \"bcd\" }", "amount", "between separators", "digits"),
        ],
    );
    let swapped = transbank.replacen(
        "{ empty = true, name = \"approval code\" }",
        "{ role = \"approval_code\", width = 6 }",
        1,
    );
    let swapped = swapped.replacen(
        "{ role = \"approval_code\", width = 6 },\n  { role = \"amount\", width = 10",
        "{ empty = true },\n  { role = \"amount\", width = 10",
        1,
    );
    let error = Layout::parse("x.toml", &swapped).expect_err("refused");
    assert!(
        error.problem.contains("would be taken for every"),
        "{error}"
    );
    assert!(
        error.remedy.contains("special case stands first"),
        "{error}"
    );
}

#[test]
fn a_file_of_any_size_is_refused_before_it_is_read() {
    let error = Layout::parse("x.toml", &"#".repeat(1_048_577)).expect_err("refused");
    assert_eq!(error.line, 1);
    assert!(error.problem.contains("longer than"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Lines doubled, dropped and swapped, characters changed: read or refused, and what is read may be used.
    #[test]
    fn no_file_whatever_stops_the_reader(
        which in 0..5_usize,
        edits in prop::collection::vec((0..4_u8, any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<char>()), 1..4),
        text in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        let files: Vec<&str> = Layout::shipped_names()
            .filter_map(Layout::shipped_file)
            .chain([K_100])
            .collect();
        let mut lines: Vec<String> = files[which].lines().map(str::to_owned).collect();
        for (edit, at, other, c) in edits {
            let (at, other) = (at.index(lines.len()), other.index(lines.len()));
            match edit {
                0 => lines[at] = lines[other].clone(),
                1 => lines.swap(at, other),
                2 => {
                    let words: Vec<&str> = lines[other].split_inclusive(' ').collect();
                    if let Some(word) = words.get(at % words.len().max(1)) {
                        let word = (*word).to_owned();
                        lines[at].push_str(&word);
                    }
                }
                _ => {
                    let mut changed: Vec<char> = lines[at].chars().collect();
                    let place = other % (changed.len() + 1);
                    changed.insert(place, c);
                    lines[at] = changed.into_iter().collect();
                }
            }
        }
        if let Ok(layout) = Layout::parse("x.toml", &lines.join("\n")) {
            let _ = layout.hear(&text, number(1));
            let _ = layout.decode_reply(&text);
            let _ = layout.explain(&text, Sender::Terminal);
            let _ = layout.encode_command(&Command::Authorize(authorize(TransactionType::Sales)), at());
            let _ = layout.encode_reply(&answer(Answer::Result(approved())));
        }
    }
}
