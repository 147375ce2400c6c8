//! 取込: a file of goods, read beside the work of the counter, looked through, and taken in all at once.
//!
//! ```text
//!  files ─ Enter ─▶ reading ─▶ report ─ 1, 2 ─▶ writing ─▶ done
//!                  F8 stops   F8 throws it away
//!                  F9 leaves, and it goes on
//! ```
//!
//! Nothing changes before a person has read what is not right in the file.

use super::ItemsScreen;
use crate::app::action::Action;
use crate::app::keymap::Place;
use crate::app::message::items::{
    Clash, Goods, GoodsEvent, GoodsFile, GoodsRequest, GoodsTrouble, Imported, ItemsRequest,
    Progress,
};
use crate::app::message::{Effect, StoreRequest};
use crate::app::note::{Note, Value};
use crate::app::{Screen, State};
use crate::domain::item::sheet::{Column, Fault};
use crate::domain::money::AmountError;
use crate::locale::Text;

/// A file of goods being taken in. It goes on whatever is on the screen.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Import {
    /// None.
    #[default]
    None,
    /// Which file?
    Files(Files),
    /// Being read.
    Reading {
        /// Its name.
        name: String,
        /// Which reading.
        reading: u32,
        /// How far.
        progress: Progress,
    },
    /// Read: what is in it.
    Report {
        /// Its name.
        name: String,
        /// What is in it.
        goods: Box<Goods>,
        /// The first bad line that is shown.
        scroll: usize,
    },
    /// Being written.
    Writing {
        /// Its name.
        name: String,
    },
    /// Over.
    Over {
        /// Its name.
        name: String,
        /// How.
        end: End,
    },
}

/// The files there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Files {
    /// The folder; empty until it is known.
    pub folder: String,
    /// What lies in it, or the system's words; `None` until it is read.
    pub files: Option<Result<Vec<GoodsFile>, String>>,
    /// The row under the mark.
    pub selected: usize,
}

/// How an import ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It is in the catalogue.
    Imported(Imported),
    /// The file is no list of goods.
    Trouble(GoodsTrouble),
    /// It does not go with what is there.
    Clash(Clash),
    /// The books did not take it.
    NotWritten,
}

/// The screen of the import; what it shows is in the state, because it goes on behind other screens.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportScreen {
    behind: Box<ItemsScreen>,
}

/// Where the keys go.
pub const fn place(import: &Import) -> Place {
    match import {
        Import::None | Import::Files(_) => Place::ItemFiles,
        Import::Reading { .. } | Import::Writing { .. } => Place::ItemReading,
        Import::Report { .. } => Place::ItemReport,
        Import::Over { .. } => Place::ItemsOver,
    }
}

/// Open the import where it stands, or its files.
pub(crate) fn open(state: &mut State, out: &mut Vec<Effect>) {
    if let Screen::Items(items) = &state.screen {
        let behind = items.clone();
        state.screen = Screen::Import(ImportScreen { behind });
        state.note = None;
        if matches!(state.catalogue.import, Import::None) {
            look(state, out);
        }
    }
}

/// Look which files there are.
fn look(state: &mut State, out: &mut Vec<Effect>) {
    state.catalogue.import = Import::Files(Files::default());
    out.push(Effect::Goods(GoodsRequest::Files));
}

/// The reader of files says something.
pub(crate) fn take(state: &mut State, event: GoodsEvent) {
    match (event, &mut state.catalogue.import) {
        (GoodsEvent::Files { folder, files }, Import::Files(shown)) => {
            shown.folder = folder;
            shown.files = Some(files);
            shown.selected = 0;
        }
        (
            GoodsEvent::Progress {
                reading,
                progress: now,
            },
            Import::Reading {
                reading: ours,
                progress,
                ..
            },
        ) if reading == *ours => *progress = now,
        (
            GoodsEvent::Read { reading, result },
            Import::Reading {
                reading: ours,
                name,
                ..
            },
        ) if reading == *ours => {
            let name = std::mem::take(name);
            state.catalogue.import = match result {
                Ok(goods) => Import::Report {
                    name,
                    goods,
                    scroll: 0,
                },
                Err(trouble) => Import::Over {
                    name,
                    end: End::Trouble(trouble),
                },
            };
            if !matches!(state.screen, Screen::Import(_)) {
                state.say(Note::plain(Text::ItemFileRead));
            }
        }
        // Of a reading that was given up.
        _ => {}
    }
}

/// Why an action cannot be done now.
pub(crate) fn refusal(state: &State, action: Action) -> Option<Note> {
    match (action, &state.catalogue.import) {
        (Action::TakeWhole, Import::Report { goods, .. }) if goods.bad_count > 0 => {
            Some(Note::warning(Text::WholeNeedsEveryLine))
        }
        (Action::TakeItems | Action::TakeWhole, Import::Report { goods, .. })
            if goods.items.is_empty() =>
        {
            Some(Note::warning(Text::NoGoodLine))
        }
        (Action::StopImport, Import::Writing { .. }) => Some(Note::plain(Text::ItemsBeingWritten)),
        (Action::Choose, Import::Files(files)) if !matches!(&files.files, Some(Ok(_))) => {
            Some(Note::plain(Text::Reading))
        }
        (Action::Choose, Import::Files(files)) if files.marked().is_none() => {
            Some(Note::warning(Text::NoItemFile))
        }
        _ => None,
    }
}

impl Files {
    fn marked(&self) -> Option<&GoodsFile> {
        match &self.files {
            Some(Ok(files)) => files.get(self.selected),
            _ => None,
        }
    }

    fn last(&self) -> usize {
        match &self.files {
            Some(Ok(files)) => files.len().saturating_sub(1),
            _ => 0,
        }
    }
}

/// An action of this screen.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    state.note = None;
    let room = super::rows_on(state.size).saturating_sub(4).max(1);
    match (action, &mut state.catalogue.import) {
        (Action::Back, _) => back(state, out),
        (Action::StopImport, Import::Reading { .. }) => {
            out.push(Effect::Goods(GoodsRequest::Stop));
            look(state, out);
        }
        (Action::StopImport, Import::Report { .. }) => look(state, out),
        (Action::Choose | Action::FindPorts, Import::Over { .. } | Import::None) => {
            look(state, out)
        }
        (Action::FindPorts, Import::Files(_)) => look(state, out),
        (Action::Choose, Import::Files(files)) => {
            if let Some(file) = files.marked() {
                let name = file.name.clone();
                read(state, name, out);
            }
        }
        (Action::Up, Import::Files(files)) => files.selected = files.selected.saturating_sub(1),
        (Action::Down, Import::Files(files)) => {
            files.selected = (files.selected + 1).min(files.last());
        }
        (Action::PageUp | Action::Up, Import::Report { scroll, .. }) => {
            let by = if action == Action::Up { 1 } else { room };
            *scroll = scroll.saturating_sub(by);
        }
        (Action::PageDown | Action::Down, Import::Report { scroll, goods, .. }) => {
            let by = if action == Action::Down { 1 } else { room };
            *scroll = (*scroll + by).min(goods.bad.len().saturating_sub(1));
        }
        (Action::TakeItems, Import::Report { .. }) => write(state, false, out),
        (Action::TakeWhole, Import::Report { .. }) => write(state, true, out),
        _ => {}
    }
}

/// F9: back to the list. What is being read or written goes on; what is over is forgotten.
fn back(state: &mut State, out: &mut Vec<Effect>) {
    if let Import::Files(_) | Import::Over { .. } = state.catalogue.import {
        state.catalogue.import = Import::None;
    }
    if let Screen::Import(screen) = &state.screen {
        let mut items = screen.behind.clone();
        // The list may be another one now.
        items.ask(out);
        state.screen = Screen::Items(items);
    }
}

fn read(state: &mut State, name: String, out: &mut Vec<Effect>) {
    state.catalogue.reading = state.catalogue.reading.wrapping_add(1);
    let reading = state.catalogue.reading;
    out.push(Effect::Goods(GoodsRequest::Read {
        name: name.clone(),
        reading,
    }));
    state.catalogue.import = Import::Reading {
        name,
        reading,
        progress: Progress::default(),
    };
}

fn write(state: &mut State, whole: bool, out: &mut Vec<Effect>) {
    let Import::Report { name, goods, .. } = std::mem::take(&mut state.catalogue.import) else {
        return;
    };
    let import = crate::app::message::items::Import {
        stamp: state.settings.stamp(state.now),
        items: goods.items,
        whole,
    };
    out.push(Effect::Store(StoreRequest::Items(ItemsRequest::Import(
        import,
    ))));
    state.catalogue.import = Import::Writing { name };
}

/// The books took it in, or did not.
pub(super) fn done(state: &mut State, done: Result<Imported, Clash>, out: &mut Vec<Effect>) {
    let name = match &mut state.catalogue.import {
        Import::Writing { name } => std::mem::take(name),
        _ => return,
    };
    let end = match done {
        Ok(imported) => End::Imported(imported),
        Err(clash) => {
            out.push(Effect::Bell(2));
            End::Clash(clash)
        }
    };
    if !matches!(state.screen, Screen::Import(_)) {
        state.say(Note::plain(Text::ItemFileRead));
    }
    state.catalogue.import = Import::Over { name, end };
}

/// The books could not take it.
pub(super) fn not_written(state: &mut State) {
    if let Import::Writing { name } = &mut state.catalogue.import {
        let name = std::mem::take(name);
        let end = End::NotWritten;
        state.catalogue.import = Import::Over { name, end };
    }
}

/// What a column is called.
pub const fn column(column: Column) -> Text {
    match column {
        Column::Code => Text::ItemCode,
        Column::Jan => Text::ItemJan,
        Column::Name => Text::ItemName,
        Column::Kana => Text::ItemKana,
        Column::Price => Text::ItemPrice,
        Column::Tax => Text::ItemTax,
        Column::Quick => Text::ItemQuick,
    }
}

/// Why a line is not taken, and what to do.
pub fn fault_note(fault: &Fault) -> Note {
    let word = |word: &str| Value::Word(word.to_owned());
    let limit = |limit: usize| Value::Number(u64::try_from(limit).unwrap_or(u64::MAX));
    let of = |text, at: Column| Note::warning(text).with("column", Value::Text(column(at)));
    match fault {
        Fault::OpenQuote => Note::warning(Text::LineOpenQuote),
        Fault::TextAfterQuote => Note::warning(Text::LineTextAfterQuote),
        Fault::TooLong => Note::warning(Text::LineTooLong),
        Fault::TooManyCells => Note::warning(Text::LineTooManyCells),
        Fault::Unreadable(at) => of(Text::LineUnreadable, *at),
        Fault::Empty(at) => of(Text::LineEmpty, *at),
        Fault::Code(code) => Note::warning(Text::LineCode).with("value", word(code)),
        Fault::CardNumber => Note::warning(Text::LooksLikeCardNumber),
        Fault::JanRounded(jan) => Note::warning(Text::LineJanRounded).with("value", word(jan)),
        Fault::JanDigits(jan) => Note::warning(Text::LineJanDigits).with("value", word(jan)),
        Fault::JanCheck { jan, wants } => Note::warning(Text::LineJanCheck)
            .with("value", word(jan))
            .with("wants", word(&wants.to_string())),
        Fault::Break(at) => of(Text::LineBreak, *at),
        Fault::Long(at, most) => of(Text::LineLong, *at).with("limit", limit(*most)),
        Fault::Price(price, why) => {
            let text = match why {
                AmountError::Zero => Text::LinePriceZero,
                AmountError::Negative => Text::LinePriceNegative,
                AmountError::TooLarge => Text::LinePriceTooLarge,
                AmountError::Empty | AmountError::NotANumber => Text::LinePrice,
            };
            Note::warning(text).with("value", word(price))
        }
        Fault::Tax(tax) => Note::warning(Text::LineTax).with("value", word(tax)),
        Fault::Quick(key) => Note::warning(Text::LineQuick).with("value", word(key)),
        Fault::Double {
            column: at,
            value,
            line,
        } => of(Text::LineDouble, *at)
            .with("value", word(value))
            .with("line", Value::Number(*line)),
    }
}

/// Why a file is not taken, and what to do.
pub fn trouble_note(trouble: &GoodsTrouble) -> Note {
    use crate::domain::item::sheet::HeadingFault;
    match trouble {
        GoodsTrouble::Unreadable(said) => {
            Note::alarm(Text::ItemFileUnreadable).with("detail", Value::Word(said.clone()))
        }
        GoodsTrouble::NotText => Note::alarm(Text::ItemFileNotText),
        GoodsTrouble::TooMany => too_many(),
        GoodsTrouble::Heading(HeadingFault::Empty) => Note::alarm(Text::ItemFileEmpty),
        GoodsTrouble::Heading(HeadingFault::Broken) => Note::alarm(Text::ItemHeadingBroken),
        GoodsTrouble::Heading(HeadingFault::Twice(at)) => {
            Note::alarm(Text::ItemHeadingTwice).with("column", Value::Text(column(*at)))
        }
        GoodsTrouble::Heading(HeadingFault::Missing(missing)) => {
            let names = missing.iter().map(|at| column(*at)).collect();
            Note::alarm(Text::ItemHeadingMissing).with("columns", Value::Texts(names))
        }
    }
}

/// Why a file does not go with what is there.
pub fn clash_note(clash: &Clash) -> Note {
    match clash {
        Clash::TooMany => too_many(),
        Clash::Taken {
            column: at,
            value,
            code,
            held_by,
        } => Note::alarm(Text::ItemClash)
            .with("column", Value::Text(column(*at)))
            .with("value", Value::Word(value.clone()))
            .with("code", Value::Word(code.clone()))
            .with("held", Value::Word(held_by.clone())),
    }
}

fn too_many() -> Note {
    let most = u64::try_from(crate::domain::item::ITEMS_MAX).unwrap_or(u64::MAX);
    Note::alarm(Text::ItemsTooMany).with("limit", Value::Number(most))
}
