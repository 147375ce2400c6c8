//! How things look: roles of the theme in 16 named colours or in none, borders, and the shapes that say a state without colour.

use ratatui::style::{Color, Modifier, Style};

/// What the terminal at hand can show; decided once, at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// How boxes are drawn.
    pub borders: Borders,
    /// Whether there is colour.
    pub colour: Colour,
    /// True where the terminal draws ambiguous characters (※ ① →) two columns wide.
    pub ambiguous_wide: bool,
}

/// How boxes are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Borders {
    /// Line drawing characters.
    Lines,
    /// `+`, `-` and `|`.
    Ascii,
}

/// Whether there is colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// The 16 named colours.
    Sixteen,
    /// None (NO_COLOR): bold, dim and reverse only.
    Mono,
}

/// What a piece of the screen is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Text.
    Plain,
    /// Text that is looked for first.
    Strong,
    /// Text that may be overlooked, and what cannot be done now.
    Faint,
    /// Borders and rules.
    Border,
    /// The name of a screen.
    Title,
    /// All is well.
    Good,
    /// Something is to be looked at.
    Care,
    /// Something is wrong.
    Alarm,
    /// The practice banner.
    Practice,
    /// The row under the mark.
    Mark,
    /// A key that does something now.
    Key,
    /// What to say to the customer, what to do at the terminal.
    Say,
    /// A field that is typed into.
    Field,
}

/// A state as a shape, beside its word and its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    /// ● linked, approved, done.
    Full,
    /// ◐ at work.
    Half,
    /// ▲ not known yet.
    Triangle,
    /// ■ down, refused.
    Square,
    /// ◇ off the link.
    Diamond,
    /// ✕ not used.
    Cross,
    /// ○ not looked at yet.
    Empty,
}

impl Look {
    /// True where only characters of certain width may be drawn.
    pub(crate) const fn plain(&self) -> bool {
        self.ambiguous_wide || matches!(self.borders, Borders::Ascii)
    }

    /// The style of a role.
    pub(crate) fn style(&self, role: Role) -> Style {
        let base = Style::new();
        let style = match (role, self.colour) {
            (Role::Plain, _) => return base,
            (Role::Strong, _) => return base.add_modifier(Modifier::BOLD),
            (Role::Mark | Role::Key, _) => return base.add_modifier(Modifier::REVERSED),
            (Role::Field, _) => return base.add_modifier(Modifier::BOLD),
            (Role::Faint, Colour::Mono) => return base.add_modifier(Modifier::DIM),
            (Role::Border, Colour::Mono) => return base,
            (Role::Practice, Colour::Mono) => {
                return base.add_modifier(Modifier::BOLD | Modifier::REVERSED);
            }
            (_, Colour::Mono) => return base.add_modifier(Modifier::BOLD),
            (Role::Faint, Colour::Sixteen) => return base.fg(Color::DarkGray),
            (Role::Border, Colour::Sixteen) => return base.fg(Color::DarkGray),
            (Role::Title, Colour::Sixteen) => base.fg(Color::LightCyan),
            (Role::Good, Colour::Sixteen) => base.fg(Color::LightGreen),
            (Role::Care, Colour::Sixteen) => base.fg(Color::LightYellow),
            (Role::Alarm, Colour::Sixteen) => base.fg(Color::LightRed),
            (Role::Say, Colour::Sixteen) => base.fg(Color::LightCyan),
            (Role::Practice, Colour::Sixteen) => base.fg(Color::Black).bg(Color::Yellow),
        };
        style.add_modifier(Modifier::BOLD)
    }

    /// A shape as this terminal can draw it.
    pub(crate) const fn shape(&self, shape: Shape) -> &'static str {
        if self.plain() {
            return match shape {
                Shape::Full => "[OK]",
                Shape::Half => "[..]",
                Shape::Triangle => "[??]",
                Shape::Square => "[!!]",
                Shape::Diamond => "[<>]",
                Shape::Cross => "[--]",
                Shape::Empty => "[  ]",
            };
        }
        match shape {
            Shape::Full => "●",
            Shape::Half => "◐",
            Shape::Triangle => "▲",
            Shape::Square => "■",
            Shape::Diamond => "◇",
            Shape::Cross => "✕",
            Shape::Empty => "○",
        }
    }

    /// The characters of a box. Practice has a double frame: a shape that tells it from live without colour.
    pub(crate) const fn frame(&self, practice: bool) -> &'static Frame {
        match (self.plain(), practice) {
            (false, false) => &SINGLE,
            (false, true) => &DOUBLE,
            (true, false) => &ASCII,
            (true, true) => &ASCII_DOUBLE,
        }
    }
}

/// The characters of a box and of what joins it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Top and bottom.
    pub(crate) along: &'static str,
    /// Sides.
    pub(crate) side: &'static str,
    /// Corners: top left, top right, bottom left, bottom right.
    pub(crate) corners: [&'static str; 4],
    /// A rule inside.
    pub(crate) rule: &'static str,
    /// A divider inside.
    pub(crate) divider: &'static str,
    /// Where a rule meets the sides: left, right.
    pub(crate) rule_ends: [&'static str; 2],
    /// Where a divider meets a rule above it, and the bottom.
    pub(crate) divider_ends: [&'static str; 2],
}

const SINGLE: Frame = Frame {
    along: "─",
    side: "│",
    corners: ["┌", "┐", "└", "┘"],
    rule: "─",
    divider: "│",
    rule_ends: ["├", "┤"],
    divider_ends: ["┬", "┴"],
};
const DOUBLE: Frame = Frame {
    along: "═",
    side: "║",
    corners: ["╔", "╗", "╚", "╝"],
    rule: "─",
    divider: "│",
    rule_ends: ["╟", "╢"],
    divider_ends: ["┬", "╧"],
};
const ASCII: Frame = Frame {
    along: "-",
    side: "|",
    corners: ["+", "+", "+", "+"],
    rule: "-",
    divider: "|",
    rule_ends: ["+", "+"],
    divider_ends: ["+", "+"],
};
const ASCII_DOUBLE: Frame = Frame {
    along: "=",
    side: "#",
    corners: ["#", "#", "#", "#"],
    rule: "-",
    divider: "|",
    rule_ends: ["#", "#"],
    divider_ends: ["+", "#"],
};
