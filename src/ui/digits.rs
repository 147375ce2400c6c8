//! Amounts in digits that can be read from a metre away: three rows high, five where there is room.

use ratatui::layout::Rect;

use super::pen::{Pen, row, skip, take};
use super::style::Role;
use crate::domain::money::Yen;
use crate::locale::Text;

/// Draw an amount and its unit; returns how many rows it took.
pub(crate) fn draw(pen: &mut Pen<'_>, area: Rect, amount: Yen, role: Role) -> u16 {
    let unit = pen.text(Text::Yen);
    text(pen, area, &amount.to_string(), unit, role)
}

/// Draw a number off a slip; what is no digit has no large shape, and leaves the number small. Returns how many rows it took.
pub(crate) fn number(pen: &mut Pen<'_>, area: Rect, number: &str, role: Role) -> u16 {
    if number.bytes().all(|b| b.is_ascii_digit()) {
        return text(pen, area, number, "", role);
    }
    pen.put(row(area, 0), number, role);
    1
}

fn text(pen: &mut Pen<'_>, area: Rect, text: &str, word: &str, role: Role) -> u16 {
    let unit = pen.width(word) + 1;
    let plain = pen.look.plain();
    let room = area.width.saturating_sub(unit);
    let high = if pen.large() && width_of(text, 5, plain) <= room {
        5
    } else {
        3
    };
    if width_of(text, high, plain) > room || area.height < high {
        let rest = pen.put(row(area, 0), text, role);
        pen.put(skip(rest, 1), word, role);
        return 1;
    }
    let mut place = Rect {
        height: high,
        ..area
    };
    for c in text.chars() {
        let wide = width_of(&c.to_string(), high, plain) - 1;
        for line in 0..high {
            let drawn = glyph(c, line, high, plain);
            pen.put_raw(take(row(place, line), wide), &drawn, role);
        }
        place = skip(place, wide + 1);
    }
    pen.put(row(place, high - 1), word, role);
    high
}

fn width_of(text: &str, high: u16, plain: bool) -> u16 {
    text.chars()
        .map(|c| {
            let columns = glyph(c, 0, high, plain).chars().count();
            u16::try_from(columns).unwrap_or(u16::MAX / 64) + 1
        })
        .sum()
}

fn glyph(c: char, line: u16, high: u16, plain: bool) -> String {
    let line = usize::from(line);
    if high == 5 {
        let ink = if plain { "##" } else { "██" };
        let bits = match c.to_digit(10) {
            Some(digit) => DOTS[digit as usize][line],
            None => COMMA_DOTS[line],
        };
        return bits
            .bytes()
            .map(|bit| if bit == b' ' { "  " } else { ink })
            .collect();
    }
    let table = if plain { &STROKES } else { &BLOCKS };
    let comma = if plain { &COMMA_STROKES } else { &COMMA_BLOCKS };
    match c.to_digit(10) {
        Some(digit) => table[digit as usize][line],
        None => comma[line],
    }
    .to_owned()
}

const BLOCKS: [[&str; 3]; 10] = [
    ["█▀▀█", "█  █", "█▄▄█"],
    ["▄█  ", " █  ", "▄█▄ "],
    ["▀▀▀█", "█▀▀▀", "█▄▄▄"],
    ["▀▀▀█", " ▀▀█", "▄▄▄█"],
    ["█  █", "█▄▄█", "   █"],
    ["█▀▀▀", "▀▀▀█", "▄▄▄█"],
    ["█▀▀▀", "█▀▀█", "█▄▄█"],
    ["█▀▀█", "   █", "   █"],
    ["█▀▀█", "█▀▀█", "█▄▄█"],
    ["█▀▀█", "▀▀▀█", "▄▄▄█"],
];
const COMMA_BLOCKS: [&str; 3] = ["  ", "  ", "▄▀"];

const STROKES: [[&str; 3]; 10] = [
    [" __ ", "|  |", "|__|"],
    ["    ", "  | ", "  | "],
    [" __ ", " __|", "|__ "],
    [" __ ", " __|", " __|"],
    ["    ", "|__|", "   |"],
    [" __ ", "|__ ", " __|"],
    [" __ ", "|__ ", "|__|"],
    [" __ ", "   |", "   |"],
    [" __ ", "|__|", "|__|"],
    [" __ ", "|__|", " __|"],
];
const COMMA_STROKES: [&str; 3] = ["  ", "  ", " ,"];

const DOTS: [[&str; 5]; 10] = [
    ["###", "# #", "# #", "# #", "###"],
    ["## ", " # ", " # ", " # ", "###"],
    ["###", "  #", "###", "#  ", "###"],
    ["###", "  #", "###", "  #", "###"],
    ["# #", "# #", "###", "  #", "  #"],
    ["###", "#  ", "###", "  #", "###"],
    ["###", "#  ", "###", "# #", "###"],
    ["###", "# #", "  #", "  #", "  #"],
    ["###", "# #", "###", "# #", "###"],
    ["###", "# #", "###", "  #", "###"],
];
const COMMA_DOTS: [&str; 5] = ["  ", "  ", "  ", " #", "# "];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::text::{is_ambiguous, width};

    #[test]
    fn every_digit_is_drawn_in_cells_of_one_width() {
        for c in "0123456789,".chars() {
            for (high, plain) in [(3, false), (3, true), (5, false), (5, true)] {
                let wide = width(&glyph(c, 0, high, plain));
                for line in 0..high {
                    let drawn = glyph(c, line, high, plain);
                    assert_eq!(width(&drawn), wide, "{c} {line}");
                    assert!(!plain || !drawn.contains(is_ambiguous), "{c} {line}");
                }
            }
        }
    }

    #[test]
    fn no_two_digits_look_alike() {
        for (high, plain) in [(3, false), (3, true), (5, false)] {
            let all: std::collections::BTreeSet<Vec<String>> = ('0'..='9')
                .map(|c| (0..high).map(|line| glyph(c, line, high, plain)).collect())
                .collect();
            assert_eq!(all.len(), 10);
        }
    }
}
