//! A drawn screen as lines of text, as a person would read them off the terminal.

use std::sync::OnceLock;

use madoguchi::app::State;
use madoguchi::domain::text::Language;
use madoguchi::locale::Locale;
use madoguchi::ui::{self, Borders, Colour, Look};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// No colour, line drawing borders.
pub(crate) const MONO: Look = Look {
    borders: Borders::Lines,
    colour: Colour::Mono,
    ambiguous_wide: false,
};

/// One drawn frame.
pub(crate) struct Drawn {
    pub(crate) buffer: Buffer,
    /// Where the real cursor stands; `None` where it is hidden.
    pub(crate) cursor: Option<Position>,
}

/// The shipped texts, read once.
pub(crate) fn locale(language: Language) -> &'static Locale {
    static JA: OnceLock<Locale> = OnceLock::new();
    static EN: OnceLock<Locale> = OnceLock::new();
    let cell = match language {
        Language::Ja => &JA,
        Language::En => &EN,
    };
    cell.get_or_init(|| Locale::shipped(language).expect("the shipped texts"))
}

/// Draw a state at a size.
pub(crate) fn draw(state: &State, look: &Look, size: (u16, u16)) -> Drawn {
    let locale = locale(state.settings.language);
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).expect("a terminal");
    let mut state = state.clone();
    state.size = size;
    terminal
        .draw(|frame| ui::draw(frame, &state, locale, look))
        .expect("drawn");
    let backend = terminal.backend();
    Drawn {
        buffer: backend.buffer().clone(),
        cursor: backend.cursor_visible().then(|| backend.cursor_position()),
    }
}

impl Drawn {
    /// The lines, wide characters in their two columns, blanks at the end left out.
    pub(crate) fn lines(&self) -> Vec<String> {
        let area = self.buffer.area;
        (area.top()..area.bottom())
            .map(|y| {
                let mut line = String::new();
                let mut x = area.left();
                while x < area.right() {
                    let symbol = self.buffer[(x, y)].symbol();
                    line.push_str(symbol);
                    x += u16::try_from(symbol.width()).unwrap_or(1).max(1);
                }
                line.trim_end().to_owned()
            })
            .collect()
    }

    /// The lines and where the cursor is.
    pub(crate) fn text(&self) -> String {
        let cursor = match self.cursor {
            Some(at) => format!("cursor: {},{}", at.x, at.y),
            None => "cursor: hidden".to_owned(),
        };
        format!("{}\n{cursor}", self.lines().join("\n"))
    }
}

/// The cell right of a wide character belongs to it: nothing else may stand there.
pub(crate) fn no_border_is_swallowed(drawn: &Drawn, name: &str) {
    let area = drawn.buffer.area;
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let symbol = drawn.buffer[(x, y)].symbol();
            let wide = symbol.chars().next().and_then(UnicodeWidthChar::width) == Some(2);
            if wide {
                assert!(
                    x + 1 < area.right(),
                    "{name}: {symbol} at the edge of row {y}"
                );
                let next = drawn.buffer[(x + 1, y)].symbol();
                assert_eq!(next, " ", "{name}: {symbol} swallows {next} at {x},{y}");
            }
        }
    }
}
