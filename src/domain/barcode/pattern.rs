//! The look of a bar code, as a site writes it: `02 0001 a{6} c`. Digits, capitals and what stands in quotes are themselves; small letters are fields.

use std::collections::BTreeMap;

/// What a piece of a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// `a`: 金額, whole yen.
    Amount,
    /// `p`: 患者番号.
    Patient,
    /// `i`: 伝票番号 of the receipt computer.
    Invoice,
    /// `o`: 入外.
    InOut,
    /// `c`: the check digit.
    Check,
    /// `s`: digits that are the same on every code of the site.
    Constant,
    /// `x`: any character, which says nothing here.
    Any,
}

impl Part {
    const ALL: &'static [(char, Part)] = &[
        ('a', Part::Amount),
        ('p', Part::Patient),
        ('i', Part::Invoice),
        ('o', Part::InOut),
        ('c', Part::Check),
        ('s', Part::Constant),
        ('x', Part::Any),
    ];

    /// True where only digits can stand.
    const fn is_digits(self) -> bool {
        matches!(self, Part::Amount | Part::Invoice)
    }
}

/// One piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// This character.
    Literal(char),
    /// One character of a field.
    Field(Part),
    /// One or more characters of a field, as many as there are.
    Rest(Part),
}

/// The look of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    pieces: Vec<Piece>,
}

/// Why a code does not look like that. Places count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlike {
    /// Another number of characters: how many it wants, and whether more may follow.
    Length {
        /// At least, or exactly.
        wants: usize,
        /// More may follow.
        open: bool,
    },
    /// Another character than the one that is always there.
    Literal {
        /// Where.
        at: usize,
        /// What should stand there.
        wants: char,
    },
    /// No digit in a field of digits.
    NotADigit {
        /// Where.
        at: usize,
    },
}

/// The longest code that a pattern describes.
const CHARS_MAX: usize = 80;

impl Pattern {
    /// Read a pattern; blanks are for the eye.
    ///
    /// # Errors
    ///
    /// What is wrong, in a sentence.
    pub fn parse(text: &str) -> Result<Pattern, String> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let part = Part::ALL.iter().find(|(letter, _)| *letter == c);
            match (c, part) {
                (' ', _) => {}
                ('\'', _) => loop {
                    match rest.next() {
                        Some('\'') => break,
                        Some(c) => pieces.push(Piece::Literal(c)),
                        None => return Err("a quote ' is left open".to_owned()),
                    }
                },
                (_, Some((_, part))) => match rest.peek() {
                    Some('{') => {
                        rest.next();
                        let mut count = String::new();
                        let closed = rest.by_ref().any(|c| {
                            count.extend((c != '}').then_some(c));
                            c == '}'
                        });
                        let count = count.parse::<usize>().ok().filter(|_| closed);
                        let count = count.filter(|count| (1..=CHARS_MAX).contains(count));
                        let count = count.ok_or_else(|| {
                            format!("behind `{c}{{` stands a number of 1 to {CHARS_MAX} and `}}`")
                        })?;
                        pieces.extend(std::iter::repeat_n(Piece::Field(*part), count));
                    }
                    Some('+') => {
                        rest.next();
                        pieces.push(Piece::Rest(*part));
                    }
                    _ => pieces.push(Piece::Field(*part)),
                },
                ('a'..='z' | '{' | '}' | '+', None) => {
                    return Err(format!(
                        "`{c}` is no field; fields are a, p, i, o, c, s and x, and small letters of a code stand in quotes '…'"
                    ));
                }
                _ => pieces.push(Piece::Literal(c)),
            }
        }
        let open = pieces.iter().filter(|p| matches!(p, Piece::Rest(_)));
        match (pieces.len(), open.count()) {
            (0, _) => Err("it is empty".to_owned()),
            (_, 2..) => Err("only one field can have a `+`".to_owned()),
            (CHARS_MAX.., _) => Err(format!("it is longer than {CHARS_MAX} characters")),
            _ => Ok(Pattern { pieces }),
        }
    }

    /// How many characters a code has, and whether more may follow.
    pub fn length(&self) -> (usize, bool) {
        let open = self.pieces.iter().any(|p| matches!(p, Piece::Rest(_)));
        (self.pieces.len(), open)
    }

    /// How many characters belong to a field; one with a `+` counts as one.
    pub fn count(&self, part: Part) -> usize {
        let of_part =
            |piece: &&Piece| matches!(piece, Piece::Field(p) | Piece::Rest(p) if *p == part);
        self.pieces.iter().filter(of_part).count()
    }

    /// How many characters are always the same.
    pub fn literals(&self) -> usize {
        let literal = |piece: &&Piece| matches!(piece, Piece::Literal(_));
        self.pieces.iter().filter(literal).count()
    }

    /// Cut a code into its fields: the characters of each, in their order, and under [`Part::Check`] nothing but the check characters.
    /// The second is the code without its check characters.
    ///
    /// # Errors
    ///
    /// The first place where it looks otherwise.
    pub fn cut(&self, code: &str) -> Result<(BTreeMap<Part, String>, String), Unlike> {
        let characters: Vec<char> = code.chars().collect();
        let (wants, open) = self.length();
        let spare = match characters.len().checked_sub(wants) {
            Some(0) => 0,
            Some(spare) if open => spare,
            _ => return Err(Unlike::Length { wants, open }),
        };
        let mut parts: BTreeMap<Part, String> = BTreeMap::new();
        let mut payload = String::new();
        let mut at = 0;
        for piece in &self.pieces {
            let (part, take) = match piece {
                Piece::Literal(wants) => {
                    if characters[at] != *wants {
                        let wants = *wants;
                        return Err(Unlike::Literal { at: at + 1, wants });
                    }
                    payload.push(characters[at]);
                    at += 1;
                    continue;
                }
                Piece::Field(part) => (*part, 1),
                Piece::Rest(part) => (*part, 1 + spare),
            };
            for &c in &characters[at..at + take] {
                at += 1;
                if part.is_digits() && !c.is_ascii_digit() {
                    return Err(Unlike::NotADigit { at });
                }
                parts.entry(part).or_default().push(c);
                if part != Part::Check {
                    payload.push(c);
                }
            }
        }
        Ok((parts, payload))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_cuts_a_code_into_its_fields() {
        let pattern = Pattern::parse("02 0001 a{6} c").expect("a pattern");
        assert_eq!(pattern.length(), (13, false));
        assert_eq!(pattern.literals(), 6);
        let (parts, payload) = pattern.cut("0200010006508").expect("it fits");
        assert_eq!(parts[&Part::Amount], "000650");
        assert_eq!(parts[&Part::Check], "8");
        assert_eq!(payload, "020001000650");
        for (code, unlike) in [
            (
                "020001000650",
                Unlike::Length {
                    wants: 13,
                    open: false,
                },
            ),
            ("0200020006508", Unlike::Literal { at: 6, wants: '1' }),
            ("0200010O06508", Unlike::NotADigit { at: 8 }),
        ] {
            assert_eq!(pattern.cut(code), Err(unlike), "{code}");
        }
    }

    #[test]
    fn one_field_may_take_what_is_left() {
        let pattern = Pattern::parse("'pt-' p+ o c").expect("a pattern");
        let (parts, payload) = pattern.cut("pt-0012317").expect("it fits");
        assert_eq!(parts[&Part::Patient], "00123");
        assert_eq!((&*parts[&Part::InOut], &*parts[&Part::Check]), ("1", "7"));
        assert_eq!(payload, "pt-001231");
        assert_eq!(
            pattern.cut("pt-17"),
            Err(Unlike::Length {
                wants: 6,
                open: true
            })
        );
    }

    #[test]
    fn a_pattern_that_cannot_be_read_says_why() {
        for (text, why) in [
            ("", "empty"),
            ("  ", "empty"),
            ("02 q", "`q` is no field"),
            ("a{0}", "stands a number"),
            ("a{6", "stands a number"),
            ("p+ a+", "only one field"),
            ("'abc", "left open"),
            ("6}", "`}` is no field"),
            ("x{79} x{79}", "longer"),
        ] {
            let said = Pattern::parse(text).expect_err(text);
            assert!(said.contains(why), "{text}: {said}");
        }
    }
}
