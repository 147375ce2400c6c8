//! `madoguchi` without a subcommand: the console itself, from the data folder's lock to the terminal given back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use super::launch::{Launch, Surroundings, books_path};
use super::library::Library;
use super::sales::cards;
use super::trouble::{Exit, Trouble};
use super::{paper, receipt_computer};
use crate::app::message::Message;
use crate::app::message::export::{ExportRequest, ExportTrouble};
use crate::app::message::items::GoodsRequest;
use crate::app::note::Note;
use crate::app::settings::{Access, Barcodes, CatSetting, Operators, Settings, Shop, UndoSetting};
use crate::app::{Leaving, State};
use crate::cat::LinkEvent;
use crate::cat::dialect::layout::Layout;
use crate::cat::model::Model;
use crate::cat::simulator::TerminalSettings;
use crate::cat::simulator::script::Script;
use crate::config::Config;
use crate::config::mode::LinkPlan;
use crate::config::port::PortAddress;
use crate::config::scanner::ScannerPlace;
use crate::domain::barcode::framing::Framing;
use crate::domain::ledger::CatId;
use crate::edge::diagnostic::{Code, Log, Operation};
use crate::edge::link::{
    Clock, Dialer, Link, LinkHandle, Setup, TerminalOptions, practice_terminal,
    spawn as spawn_link, system_clock,
};
use crate::edge::orca::OrcaHandle;
use crate::edge::os::{self, Acquired, DataLock, Holder};
use crate::edge::run::{Adapters, LinkSetupRoom, Stage, run as run_loop};
use crate::edge::scanner::spawn as spawn_scanner;
use crate::edge::store::{BooksKind, Store, spawn as spawn_store};
use crate::edge::tty::{self, AmbiguousWidth, Probe, ReaderOptions, ScreenOptions};
use crate::edge::{goods, keys_file, store::OpenError};
use crate::locale::{Locale, Text};
use crate::ui::{self, Borders, Colour, Look};

/// Messages that may wait for the console.
const INBOX: usize = 256;
/// The model whose layout and capabilities practice plays, whatever the model is called.
const PRACTICE_MODEL: &str = "open-cat";
/// What the practice terminal keeps its own books in.
const PRACTICE_TERMINAL_BOOKS: &str = "practice-terminal.jsonl";

/// Open the console and stay until it is left.
pub fn run(launch: &Launch, surroundings: &Surroundings) -> Result<Exit, Trouble> {
    let support = launch.config.shop.support.as_str();
    let with_support = |trouble: Trouble| trouble.with_support(support);
    tty::check_terminal().map_err(|error| with_support(Trouble::from(error)))?;
    // A machine that cannot be hardened is no reason to close the counter; doctor says what is missing.
    let _ = os::harden();
    let clock = system_clock(launch.config.shop.utc_offset);
    let (access, _lock) = own_the_folder(&launch.data_dir, &clock).map_err(with_support)?;
    let store = open_books(launch, &access).map_err(|error| with_support(error.into()))?;
    let keys = keys_file::load(&launch.data_dir).map_err(|error| with_support(error.into()))?;
    let locale = Locale::shipped(launch.language)
        .map_err(|error| with_support(Trouble::internal(&error.to_string())))?;
    let mut log = Log::open(&launch.data_dir).ok();
    let (inbox, messages) = sync_channel(INBOX);

    let links =
        open_links(launch, surroundings, &access, &locale, &clock, &inbox).map_err(with_support)?;
    let settings = settings(launch, access, &links, keys, &surroundings.library);
    note(&mut log, &clock, Operation::Start, start_code(&settings));

    let store = {
        let inbox = inbox.clone();
        spawn_store(store, move |stored| tell(&inbox, Message::Stored(stored)))
            .map_err(|error| with_support(Trouble::internal(&error.to_string())))?
    };
    let mut screen = screen(launch, &locale).map_err(|error| with_support(error.into()))?;
    let mut state = State::new(settings, clock(), screen.screen.size());
    if !tty::is_utf8_locale(|name| std::env::var(name).ok()) {
        state.note = Some(Note::alarm(Text::TerminalNotUtf8));
    }
    let probe = screen.probe.take();
    let reader = {
        let inbox = inbox.clone();
        let options = ReaderOptions {
            custom: BTreeMap::new(),
            scanner: typed_framing(&launch.config),
            probe: probe.unwrap_or_else(|| Probe::assume(AmbiguousWidth::Unknown)),
        };
        tty::spawn_reader(move |message| tell(&inbox, message), options)
            .map_err(|error| with_support(tty::TtyError::from(error).into()))?
    };
    let printer = match &state.settings.access {
        Access::Owner => {
            let inbox = inbox.clone();
            let send = move |event| tell(&inbox, Message::Printer(event));
            paper::printer(launch, surroundings, &locale, &clock, send).map_err(with_support)?
        }
        Access::Viewer { .. } => None,
    };
    let orca =
        receipt_computer(launch, &state.settings, &clock, inbox.clone()).map_err(with_support)?;
    if state.settings.access == Access::Owner {
        serial_scanner(launch, &clock, &inbox).map_err(with_support)?;
    }
    let mut adapters = Adapters {
        printer,
        orca,
        link_setup: link_setup(launch, &clock, inbox.clone()),
        store,
        export: export(launch, inbox.clone()),
        goods: goods(launch, inbox.clone()),
        links: links
            .into_iter()
            .filter_map(|(id, (_, link))| link.map(|link| (id, link)))
            .collect(),
        save_key: save_key(&launch.data_dir, inbox.clone()),
        log,
    };
    let ended = run_loop(&mut state, &clock, &messages, &mut adapters, &mut screen);
    drop(screen);
    drop(reader);
    note(&mut adapters.log, &clock, Operation::End, Code::Done);
    close(adapters, messages);
    match ended {
        Ok(()) if state.leaving == Some(Leaving::HungUp) => Ok(Exit::HungUp),
        Ok(()) => Ok(Exit::Done),
        // The screen is gone, and with it whoever could read a sentence: the next start tells.
        Err(_) => Ok(Exit::HungUp),
    }
}

/// Take the data folder, or learn who has it.
fn own_the_folder(folder: &Path, clock: &Clock) -> Result<(Access, Option<DataLock>), Trouble> {
    os::private_folder(folder).map_err(|error| Trouble::data_folder(folder, &error))?;
    let holder = Holder::this_process(clock().wall);
    match DataLock::acquire(folder, &holder)? {
        Acquired::Owner(lock) => Ok((Access::Owner, Some(lock))),
        Acquired::HeldBy(holder) => Ok((
            Access::Viewer {
                holder: holder.map_or_else(|| "?".to_owned(), |holder| holder_words(&holder)),
            },
            None,
        )),
    }
}

/// Short enough for the frame of a small screen: who, where, since when, and the process to look for.
fn holder_words(holder: &Holder) -> String {
    format!(
        "{}@{} {} {} pid {}",
        holder.user,
        holder.host,
        holder.terminal.trim_start_matches("/dev/"),
        holder.since.format("%m-%d %H:%M"),
        holder.pid,
    )
}

fn open_books(launch: &Launch, access: &Access) -> Result<Store, OpenError> {
    let practice = launch.plan.practice;
    let path = books_path(&launch.data_dir, practice);
    let kind = if practice {
        BooksKind::Practice
    } else {
        BooksKind::Live
    };
    match access {
        Access::Owner => Store::open(&path, kind),
        Access::Viewer { .. } => Store::open_viewer_beside(&path),
    }
}

/// What stands at each port, and the way to it; none to a model whose messages are not described, which is never sent a byte.
type Links = BTreeMap<CatId, (CatSetting, Option<LinkHandle>)>;

/// The terminals of the plan; none for a viewer, who must not take the terminal's one connection.
fn open_links(
    launch: &Launch,
    surroundings: &Surroundings,
    access: &Access,
    locale: &Locale,
    clock: &Clock,
    inbox: &SyncSender<Message>,
) -> Result<Links, Trouble> {
    let mut links = Links::new();
    if *access != Access::Owner {
        return Ok(links);
    }
    let plans = [
        (CatId::Cat1, launch.plan.cat1.as_ref()),
        (CatId::Cat2, launch.plan.cat2.as_ref()),
    ];
    for (id, plan) in plans {
        let Some(plan) = plan else { continue };
        let books = (id == CatId::Cat1).then(|| launch.data_dir.join(PRACTICE_TERMINAL_BOOKS));
        let (setting, dialer) = line(plan, books, locale, &surroundings.library, clock)?;
        let Some(layout) = surroundings.library.layout_of(&setting.model) else {
            links.insert(id, (setting, None));
            continue;
        };
        let inbox = inbox.clone();
        let send = move |event: LinkEvent| tell(&inbox, Message::Link(id, event));
        let link = Link {
            dialer,
            layout,
            model: setting.model.clone(),
            clock: clock.clone(),
        };
        let handle =
            spawn_link(link, send).map_err(|error| Trouble::internal(&error.to_string()))?;
        links.insert(id, (setting, Some(handle)));
    }
    Ok(links)
}

/// What stands at one CAT port, and the way to it. `books` are those of a simulated terminal.
pub(super) fn line(
    plan: &LinkPlan,
    books: Option<PathBuf>,
    locale: &Locale,
    library: &Library,
    clock: &Clock,
) -> Result<(CatSetting, Dialer), Trouble> {
    let known = |name: &str| {
        library.model(name).ok_or_else(|| {
            let known: Vec<String> = library.models.names().map(str::to_owned).collect();
            Trouble::unknown_model(name, &known)
        })
    };
    match plan {
        LinkPlan::Port {
            address,
            model,
            serial,
            ..
        } => {
            let model = known(model)?;
            let setting = CatSetting::new(address.to_string(), model);
            Ok((setting, Dialer::to(address.clone(), *serial)))
        }
        LinkPlan::Simulator { model } => {
            let asked = known(model)?;
            let played = known(PRACTICE_MODEL)?;
            // Who the shop's own terminal is and how staff work at it, and the wire of the one that is played.
            let model = Model {
                name: asked.name,
                title: asked.title,
                accepts: asked.accepts,
                manual: asked.manual,
                ..played
            };
            let dialer = practice_terminal(TerminalOptions {
                model: model.clone(),
                layout: Layout::open_cat(),
                script: Script::approving(),
                settings: TerminalSettings {
                    seed: clock().wall.timestamp_millis().unsigned_abs(),
                    ..TerminalSettings::default()
                },
                books,
                clock: clock.clone(),
            })
            .map_err(|error| Trouble::internal(&error.to_string()))?;
            let address = locale.text(Text::SimulatedTerminal).to_owned();
            Ok((CatSetting::new(address, model), dialer))
        }
    }
}

fn settings(
    launch: &Launch,
    access: Access,
    links: &Links,
    keys: BTreeMap<Vec<u8>, crate::app::key::Key>,
    library: &Library,
) -> Settings {
    let config = &launch.config;
    let port = |id: CatId| match id {
        CatId::Cat1 => config.terminal.cat1.as_ref(),
        CatId::Cat2 => config.terminal.cat2.as_ref(),
    };
    let cat = |id: CatId, setting: &CatSetting| CatSetting {
        undo_link: port(id).is_some_and(|port| port.undo_link.is_on()),
        daily_log_at: port(id).and_then(|port| port.daily_log_at),
        ..setting.clone()
    };
    let orca = receipt_computer::setting(launch, &access);
    Settings {
        language: launch.language,
        practice: launch.plan.practice,
        orca,
        access,
        shop: Shop {
            lines: config.shop.name.clone(),
            support: config.shop.support.clone(),
            invoice_number: config.shop.invoice_number.clone(),
            tax_rates: config.shop.tax_rates,
            day_boundary: config.shop.day_boundary,
            amount_max: config.shop.amount_max,
        },
        terminal_code: config.terminal.code.clone(),
        operator: config.operator.clone(),
        operators: Operators {
            list: config.operators.clone(),
            ask: config.console.ask_operator,
        },
        undo: UndoSetting {
            first_side: config.undo_first_side,
            rules: library.undo_rules.clone(),
        },
        cards: config.cards.clone(),
        classes: config.classes.clone(),
        cats: links
            .iter()
            .map(|(id, (setting, _))| (*id, cat(*id, setting)))
            .collect(),
        keys,
        paper: paper::setting(launch, library),
        barcodes: Barcodes {
            rules: Arc::new(library.barcodes.clone()),
            patient_required: config.scanner.as_ref().is_some_and(|s| s.patient_required),
        },
    }
}

/// How a scanner types. Without one that does nothing is held back: each key would have to wait to see whether it is one.
fn typed_framing(config: &Config) -> Framing {
    match &config.scanner {
        Some(scanner) if scanner.place == ScannerPlace::Keyboard => scanner.framing.clone(),
        _ => Framing::typed(0),
    }
}

/// The scanner on a serial port, where the config names one.
fn serial_scanner(
    launch: &Launch,
    clock: &Clock,
    inbox: &SyncSender<Message>,
) -> Result<(), Trouble> {
    let Some(scanner) = &launch.config.scanner else {
        return Ok(());
    };
    let ScannerPlace::Serial { port, baud } = &scanner.place else {
        return Ok(());
    };
    let inbox = inbox.clone();
    let place = (port.clone(), *baud);
    let clock = clock.clone();
    let now_ms = move || clock().mono_ms;
    spawn_scanner(place, scanner.framing.clone(), now_ms, move |message| {
        tell(&inbox, message);
    })
    .map_err(|error| Trouble::internal(&error.to_string()))
}

/// A message that cannot be delivered has nobody left to read it: the console is on its way out.
fn tell(inbox: &SyncSender<Message>, message: Message) {
    let _ = inbox.send(message);
}

fn receipt_computer(
    launch: &Launch,
    settings: &Settings,
    clock: &Clock,
    inbox: SyncSender<Message>,
) -> Result<Option<OrcaHandle>, Trouble> {
    if settings.orca.connected.is_none() {
        return Ok(None);
    }
    receipt_computer::connect(launch, clock, move |event| {
        tell(&inbox, Message::Orca(event))
    })
}

/// What answers the link set-up screen.
fn link_setup(launch: &Launch, clock: &Clock, inbox: SyncSender<Message>) -> LinkSetupRoom {
    let plans = [
        (CatId::Cat1, launch.plan.cat1.as_ref()),
        (CatId::Cat2, launch.plan.cat2.as_ref()),
    ];
    let (mut addresses, mut lines) = (BTreeMap::new(), BTreeMap::new());
    for (id, plan) in plans {
        if let Some(LinkPlan::Port {
            address, serial, ..
        }) = plan
        {
            if let PortAddress::Serial(_) = address {
                lines.insert(id, *serial);
            }
            addresses.insert(id, address.clone());
        }
    }
    let setup = Setup {
        addresses,
        lines,
        folder: launch.data_dir.clone(),
        clock: clock.clone(),
        answer: Arc::new(move |event| tell(&inbox, Message::LinkSetup(event))),
    };
    Box::new(move |request, links| setup.take(request, links))
}

/// What writes クレジット利用履歴 into a file: a thread of its own that reads beside the books' own.
fn export(launch: &Launch, inbox: SyncSender<Message>) -> Box<dyn Fn(ExportRequest)> {
    let data = launch.data_dir.clone();
    let books = books_path(&data, launch.plan.practice);
    let (classes, language) = (launch.config.classes.clone(), launch.language);
    Box::new(move |request| {
        let (data, books, classes) = (data.clone(), books.clone(), classes.clone());
        let answer = inbox.clone();
        let work = move || {
            let file = cards::export(&request, &books, &data, (&classes, language));
            tell(&answer, Message::Exported(file));
        };
        let thread = std::thread::Builder::new().name("export".to_owned());
        if let Err(error) = thread.spawn(work) {
            let trouble = ExportTrouble::NotWritten(error.to_string());
            // The inbox has room: this is called between two messages, never from a flood of them.
            let _ = inbox.try_send(Message::Exported(Err(trouble)));
        }
    })
}

/// What reads files of goods for the console.
fn goods(launch: &Launch, inbox: SyncSender<Message>) -> Box<dyn Fn(GoodsRequest)> {
    let folder = launch.data_dir.join(goods::IMPORTS);
    let room = goods::Room::new(folder, move |event| tell(&inbox, Message::Goods(event)));
    Box::new(move |request| room.take(request))
}

fn save_key(
    folder: &Path,
    inbox: SyncSender<Message>,
) -> Box<dyn Fn(Vec<u8>, crate::app::key::Key)> {
    let folder = folder.to_owned();
    Box::new(move |bytes, key| {
        let saved = keys_file::save(&folder, &bytes, key)
            .map(|()| key)
            .map_err(|error| error.to_string());
        // The inbox has room: this is called between two messages, never from a flood of them.
        let _ = inbox.try_send(Message::KeySaved(saved));
    })
}

/// The books first: they bring their log into the file. Whatever they still say is read, so that they never wait for us.
fn close(adapters: Adapters, messages: std::sync::mpsc::Receiver<Message>) {
    let reader = std::thread::spawn(move || for _ in messages {});
    if let Some(printer) = adapters.printer {
        printer.close();
    }
    if let Some(orca) = adapters.orca {
        orca.close();
    }
    adapters.store.close();
    for link in adapters.links.into_values() {
        link.close();
    }
    // It ends by itself once the last sender is gone; the process does not wait for it.
    drop(reader);
}

fn start_code(settings: &Settings) -> Code {
    match (&settings.access, settings.practice) {
        (Access::Viewer { .. }, _) => Code::Viewer,
        (Access::Owner, true) => Code::Practice,
        (Access::Owner, false) => Code::Done,
    }
}

fn note(log: &mut Option<Log>, clock: &Clock, operation: Operation, code: Code) {
    if let Some(log) = log {
        log.note(clock().wall, operation, code, None);
    }
}

/// The operator's screen: what is drawn, and how it looks here.
struct Desk {
    screen: tty::Screen,
    locale: Locale,
    look: Look,
    probe: Option<Probe>,
}

fn screen(launch: &Launch, locale: &Locale) -> Result<Desk, tty::TtyError> {
    let console = &launch.config.console;
    let colour = !console.mono && tty::colour_is_wanted(|name| std::env::var(name).ok());
    let screen = tty::Screen::enter(ScreenOptions {
        colour,
        synchronized: false,
    })?;
    let probe = match console.ascii_borders {
        Some(true) => Probe::assume(AmbiguousWidth::Wide),
        Some(false) => Probe::assume(AmbiguousWidth::Narrow),
        None => Probe::ask(&screen)?,
    };
    let wide = probe.width == AmbiguousWidth::Wide;
    Ok(Desk {
        screen,
        locale: locale.clone(),
        look: Look {
            borders: if wide { Borders::Ascii } else { Borders::Lines },
            colour: if colour {
                Colour::Sixteen
            } else {
                Colour::Mono
            },
            ambiguous_wide: wide,
        },
        probe: Some(probe),
    })
}

impl Stage for Desk {
    fn draw(&mut self, state: &State) -> std::io::Result<()> {
        // What a bug of ours would do to the terminal is tested with the real program; a release knows nothing of it.
        #[cfg(debug_assertions)]
        if std::env::var_os("MADOGUCHI_TEST_PANIC").is_some_and(|_| !state.basket.lines.is_empty())
        {
            panic!("a panic that a test asked for");
        }
        let drawn = self
            .screen
            .draw(|frame| ui::draw(frame, state, &self.locale, &self.look));
        match drawn {
            // The terminal takes nothing at the moment: a later frame paints everything anew.
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut => Ok(()),
            drawn => drawn,
        }
    }

    fn redraw(&mut self, (columns, rows): (u16, u16)) -> std::io::Result<()> {
        self.screen.resize(columns, rows);
        self.screen.redraw();
        Ok(())
    }

    fn bell(&mut self, times: u8) -> std::io::Result<()> {
        self.screen.ring(times);
        Ok(())
    }
}
