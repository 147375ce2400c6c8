//! Text on a grid of cells: how wide it is, cutting it with a mark, wrapping it, and making it safe for the terminal at hand.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::domain::text::is_unsafe;

/// Columns a text takes, as the screen is laid out.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// Safe to draw: controls and bidi marks gone; where `plain`, characters that such a terminal may draw two columns wide are replaced.
pub(crate) fn clean(text: &str, plain: bool) -> Cow<'_, str> {
    let odd = |c: char| is_unsafe(c) || plain && is_ambiguous(c);
    if !text.contains(odd) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_unsafe(*c)) {
        if plain && is_ambiguous(c) {
            push_plain(&mut clean, c);
        } else {
            clean.push(c);
        }
    }
    Cow::Owned(clean)
}

/// True for a character that is one column wide here and may be two on a terminal set to East Asian widths.
pub(crate) fn is_ambiguous(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    // Letters that the width tables call narrow, and that such terminals draw wide all the same.
    let letter = matches!(c, '\u{C0}'..='\u{24F}' | '\u{370}'..='\u{52F}') && c.is_alphabetic();
    letter || c.width() != c.width_cjk()
}

/// Greek letters by their nearest Latin ones, α to ω.
const GREEK: &[u8; 25] = b"abgdezhtiklmnxoprsstufxpo";

fn push_plain(clean: &mut String, c: char) {
    match c {
        '①'..='⑳' => clean.push_str(&format!("({})", c as u32 - '①' as u32 + 1)),
        'Ⅰ'..='Ⅹ' => {
            let roman = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"];
            clean.push_str(roman[(c as u32 - 'Ⅰ' as u32) as usize]);
        }
        '…' | '‥' => clean.push_str(".."),
        '≪' => clean.push_str("<<"),
        '≫' => clean.push_str(">>"),
        '※' | '★' | '☆' => clean.push('*'),
        '→' => clean.push('>'),
        '←' => clean.push('<'),
        '↑' => clean.push('^'),
        '↓' => clean.push('v'),
        '×' => clean.push('x'),
        '÷' => clean.push('/'),
        '±' => clean.push_str("+-"),
        '°' => clean.push_str("deg"),
        '·' | '•' | '―' | '—' | '–' | '─' => clean.push('-'),
        '‘' | '’' => clean.push('\''),
        '“' | '”' => clean.push('"'),
        '○' | '◯' | '●' | '◎' => clean.push('o'),
        '□' | '■' | '◆' | '◇' | '△' | '▲' | '▽' | '▼' => clean.push('#'),
        '│' => clean.push('|'),
        'α'..='ω' => clean.push(char::from(GREEK[(c as u32 - 'α' as u32) as usize])),
        'Α'..='Ω' => {
            let small = GREEK[(c as u32 - 'Α' as u32) as usize];
            clean.push(char::from(small.to_ascii_uppercase()));
        }
        _ => clean.push(unaccented(c)),
    }
}

/// Accents go, their letters stay.
const fn unaccented(c: char) -> char {
    match c {
        'À'..='Å' => 'A',
        'Ç' => 'C',
        'È'..='Ë' => 'E',
        'Ì'..='Ï' => 'I',
        'Ñ' => 'N',
        'Ò'..='Ö' | 'Ø' => 'O',
        'Ù'..='Ü' => 'U',
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' | 'ø' => 'o',
        'ù'..='ü' => 'u',
        _ => '?',
    }
}

/// At most `columns` wide; what is cut off is marked. Never for amounts.
pub(crate) fn fit<'a>(text: &'a str, columns: usize, plain: bool) -> Cow<'a, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mark = if plain { ".." } else { "…" };
    let Some(room) = columns.checked_sub(width(mark)) else {
        return Cow::Owned(".".repeat(columns));
    };
    let mut cut = head(text, room).to_owned();
    cut.push_str(mark);
    Cow::Owned(cut)
}

/// As much of the beginning as fits.
pub(crate) fn head(text: &str, columns: usize) -> &str {
    let mut end = 0;
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += width(grapheme);
        if used > columns {
            break;
        }
        end = at + grapheme.len();
    }
    &text[..end]
}

/// As much of the end as fits.
pub(crate) fn tail(text: &str, columns: usize) -> &str {
    let mut start = text.len();
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        used += width(grapheme);
        if used > columns {
            break;
        }
        start = at;
    }
    &text[start..]
}

/// Lines of at most `columns`, broken as on a slip.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    crate::slip::wrap(text, columns, width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_width_voicing_marks_take_a_column_of_their_own() {
        assert_eq!(width("ﾊﾞｰｺｰﾄﾞ"), 7);
        assert_eq!(width("診断書"), 6);
    }

    #[test]
    fn a_cut_is_marked_and_never_splits_a_character() {
        for (text, columns, cut) in [
            ("診断書", 6, "診断書"),
            ("診断書代", 7, "診断書…"),
            ("診断書代", 6, "診断…"),
            ("診断書", 1, "…"),
            ("診断書", 0, ""),
            ("abc", 2, "a…"),
        ] {
            assert_eq!(fit(text, columns, false), cut, "{text} {columns}");
        }
        assert_eq!(fit("診断書代", 7, true), "診断..");
        assert_eq!(fit("診断書", 1, true), ".");
        assert_eq!(tail("診断書", 5), "断書");
        assert_eq!(head("診断書", 5), "診断");
    }

    #[test]
    fn a_wide_terminal_gets_no_ambiguous_character() {
        assert_eq!(
            clean("①※A→B×3…≪αΩéЖ≫·", true),
            "(1)*A>Bx3..<<aOe?>>-",
            "every ambiguous character is replaced"
        );
        assert_eq!(clean("①※\u{202e}", false), "①※");
        assert_eq!(clean("診断書ﾊﾞ", true), "診断書ﾊﾞ");
    }

    #[test]
    fn lines_break_between_words_and_never_before_a_full_stop() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("端末を確かめる。", 14), ["端末を確かめ", "る。"]);
        assert_eq!(wrap("端末 E101 確認", 9), ["端末 E101", "確認"]);
        assert_eq!(wrap("", 9), [""]);
        assert_eq!(wrap("漢字", 1), ["漢", "字"]);
    }
}
