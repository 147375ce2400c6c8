//! Draws `State`; never changes it.
use crate::{app::State, locale::Locale};
/// x
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Borders {
    /// x
    Lines,
    /// x
    Ascii,
}
/// x
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// x
    Sixteen,
    /// x
    Mono,
}
/// x
pub struct Look {
    /// x
    pub borders: Borders,
    /// x
    pub colour: Colour,
    /// x
    pub ambiguous_wide: bool,
}
/// x
pub fn draw(frame: &mut ratatui::Frame, state: &State, _locale: &Locale, _look: &Look) {
    frame.render_widget(
        ratatui::widgets::Paragraph::new(format!(
            "{:?} {:?} {:?}",
            state.screen, state.note, state.cats
        ))
        .wrap(ratatui::widgets::Wrap { trim: false }),
        frame.area(),
    )
}
