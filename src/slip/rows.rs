//! A sheet laid out for a width: every row as it stands on the paper or the screen.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::{Align, Line, NARROWEST, Sheet, Size};
use crate::domain::slip::SlipNumber;

/// What a sheet is laid out on.
#[derive(Debug, Clone, Copy)]
pub struct Grid {
    columns: usize,
    width: fn(&str) -> usize,
    /// False where all text is of one size.
    sizes: bool,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Row {
    /// Characters from the left edge on.
    Text(String, Size),
    /// Empty rows.
    Feed(u8),
    /// A bar code.
    Barcode(SlipNumber),
    /// The site's picture.
    Logo,
    /// The end of the paper.
    Cut,
}

impl Grid {
    /// So many columns (32 or more) of a screen or a file.
    pub fn screen(columns: usize) -> Grid {
        Grid {
            columns: columns.max(NARROWEST),
            width: |text| text.width(),
            sizes: false,
        }
    }

    /// So many columns (32 or more) of paper.
    pub(super) fn paper(columns: usize) -> Grid {
        Grid {
            columns: columns.max(NARROWEST),
            width: super::charset::paper_width,
            sizes: true,
        }
    }

    pub(super) fn rows(&self, sheet: &Sheet) -> Vec<Row> {
        let mut rows = Vec::new();
        for line in &sheet.lines {
            match line {
                Line::Text { text, align, size } => self.words(text, *align, *size, &mut rows),
                Line::Ends { left, right, size } => self.ends(left, right, *size, &mut rows),
                Line::Banner { text, mark } => self.banner(text, *mark, &mut rows),
                Line::Rule(mark) => rows.push(Row::Text(
                    mark.to_string().repeat(self.columns),
                    Size::Normal,
                )),
                Line::Feed(count) => rows.push(Row::Feed(*count)),
                Line::Barcode(slip) => rows.push(Row::Barcode(*slip)),
                Line::Logo => rows.push(Row::Logo),
                Line::Cut => rows.push(Row::Cut),
            }
        }
        rows
    }

    fn columns_of(&self, size: Size) -> usize {
        if self.sizes {
            self.columns / size.columns()
        } else {
            self.columns
        }
    }

    fn words(&self, text: &str, align: Align, size: Size, rows: &mut Vec<Row>) {
        let columns = self.columns_of(size);
        for line in wrap(text, columns, self.width) {
            let room = columns.saturating_sub((self.width)(&line));
            let before = match align {
                Align::Left => 0,
                Align::Centre => room / 2,
                Align::Right => room,
            };
            rows.push(Row::Text(format!("{}{line}", " ".repeat(before)), size));
        }
    }

    /// Words that leave no room for the value go on in rows of their own; the value stands in the last.
    fn ends(&self, left: &str, right: &str, size: Size, rows: &mut Vec<Row>) {
        let columns = self.columns_of(size);
        let value = (self.width)(right);
        let mut lines = wrap(left, columns, self.width);
        let last = lines.pop().unwrap_or_default();
        rows.extend(lines.into_iter().map(|line| Row::Text(line, size)));
        let used = (self.width)(&last);
        if used + usize::from(used > 0) + value <= columns {
            let between = " ".repeat(columns - used - value);
            rows.push(Row::Text(format!("{last}{between}{right}"), size));
        } else {
            rows.push(Row::Text(last, size));
            self.words(right, Align::Right, size, rows);
        }
    }

    fn banner(&self, text: &str, mark: char, rows: &mut Vec<Row>) {
        for line in wrap(text, self.columns - 4, self.width) {
            let room = self.columns.saturating_sub((self.width)(&line) + 2);
            let marks = mark.to_string().repeat(room / 2);
            // An odd column goes between, so that both ends are alike.
            let odd = " ".repeat(room % 2);
            let row = format!("{marks} {line}{odd} {marks}");
            rows.push(Row::Text(row, Size::Normal));
        }
    }
}

/// The sheet as text: what a screen shows and a file holds.
pub fn text(sheet: &Sheet, columns: usize) -> Vec<String> {
    let grid = Grid::screen(columns);
    let mut lines = Vec::new();
    for row in grid.rows(sheet) {
        match row {
            Row::Text(text, _) => lines.push(text.trim_end().to_owned()),
            Row::Feed(count) => lines.extend((0..count).map(|_| String::new())),
            Row::Barcode(slip) => {
                let code = format!("|| {} ||", slip.code());
                let before = (grid.columns - code.len()) / 2;
                lines.push(format!("{}{code}", " ".repeat(before)));
            }
            Row::Logo | Row::Cut => {}
        }
    }
    lines
}

/// Lines of at most `columns` by this measure: words stay whole, Japanese breaks anywhere, and no line begins with a closing mark. A word
/// that is wider than a line is broken.
pub fn wrap(text: &str, columns: usize, width: fn(&str) -> usize) -> Vec<String> {
    let mut lines: Vec<Vec<&str>> = vec![Vec::new()];
    let mut used = 0;
    for piece in pieces(text)
        .into_iter()
        .flat_map(|p| broken(p, columns, width))
    {
        let wide = width(piece);
        let line = lines.last_mut().expect("there is always a line");
        if used + wide <= columns || line.is_empty() {
            used += wide;
            line.push(piece);
            continue;
        }
        let mut next = Vec::new();
        if may_not_begin(piece) && line.len() > 1 {
            next.extend(line.pop());
        }
        if !piece.trim().is_empty() {
            next.push(piece);
        }
        used = next.iter().map(|p| width(p)).sum();
        lines.push(next);
    }
    lines
        .iter()
        .map(|line| line.concat().trim_end().to_owned())
        .collect()
}

/// A piece that no line holds, in parts that one does.
fn broken(piece: &str, columns: usize, width: fn(&str) -> usize) -> Vec<&str> {
    if width(piece) <= columns {
        return vec![piece];
    }
    let mut parts = Vec::new();
    let (mut start, mut used) = (0, 0);
    for (at, grapheme) in piece.grapheme_indices(true) {
        let wide = width(grapheme);
        if used + wide > columns && at > start {
            parts.push(&piece[start..at]);
            start = at;
            used = 0;
        }
        used += wide;
    }
    parts.push(&piece[start..]);
    parts
}

/// What a line may be broken between: words, spaces, single Japanese characters.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut in_word = false;
    for (at, grapheme) in text.grapheme_indices(true) {
        let word = grapheme.is_ascii() && !grapheme.trim().is_empty();
        if (!word || !in_word) && at > start {
            pieces.push(&text[start..at]);
            start = at;
        }
        in_word = word;
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}

fn may_not_begin(piece: &str) -> bool {
    piece.starts_with([
        '。', '、', '」', '』', ')', '）', '!', '！', '?', '？', '・', 'ー', '…', '円', '々', 'っ',
        'ゃ', 'ゅ', 'ょ', 'ッ', 'ャ', 'ュ', 'ョ', ',', '.',
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: Line) -> Sheet {
        Sheet { lines: vec![line] }
    }

    fn ends(left: &str, right: &str, size: Size) -> Sheet {
        one(Line::Ends {
            left: left.into(),
            right: right.into(),
            size,
        })
    }

    #[test]
    fn a_value_is_never_cut_and_a_long_name_goes_on_below() {
        for (left, right, lines) in [
            ("診断書", "2,200", &["診断書                     2,200"][..]),
            (
                "とても長い名前の検査と処置と説明書",
                "課 99,999,999",
                &[
                    "とても長い名前の検査と処置と説明",
                    "書                 課 99,999,999",
                ],
            ),
            ("", "1,230", &["                           1,230"]),
            (
                "とても長い名前の検査と処置",
                "12,345,678",
                &[
                    "とても長い名前の検査と処置",
                    "                      12,345,678",
                ],
            ),
        ] {
            assert_eq!(text(&ends(left, right, Size::Normal), 32), lines, "{left}");
        }
    }

    #[test]
    fn paper_and_screen_measure_by_their_own_widths() {
        let sheet = ends("①ﾊﾞｽ", "¥1", Size::Normal);
        let of = |grid: Grid| match grid.rows(&sheet).remove(0) {
            Row::Text(text, _) => text.matches(' ').count(),
            other => panic!("{other:?}"),
        };
        assert_eq!(of(Grid::screen(32)), 32 - 4 - 2);
        assert_eq!(of(Grid::paper(32)), 32 - 5 - 2);
    }

    #[test]
    fn wide_letters_have_half_the_room_on_paper_and_all_of_it_on_a_screen() {
        let sheet = ends("合計", "3,430", Size::Double);
        assert_eq!(
            Grid::paper(32).rows(&sheet),
            [Row::Text("合計       3,430".into(), Size::Double)]
        );
        assert_eq!(text(&sheet, 32)[0].width(), 32);
    }

    #[test]
    fn nothing_is_wider_than_the_paper() {
        let long = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789診断書";
        for columns in crate::slip::escpos::COLUMNS {
            for line in [
                Line::Text {
                    text: long.into(),
                    align: Align::Centre,
                    size: Size::Normal,
                },
                Line::Banner {
                    text: long.into(),
                    mark: '*',
                },
                Line::Rule('-'),
                Line::Ends {
                    left: long.into(),
                    right: "99,999,999".into(),
                    size: Size::Normal,
                },
            ] {
                for row in text(&one(line), columns) {
                    assert!(row.width() <= columns, "{row}");
                }
            }
        }
    }
}
