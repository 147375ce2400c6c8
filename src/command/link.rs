//! `link probe` and `link trace`: what is at the end of the terminal's line, found out without money.

use std::fmt::Write as _;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use serde::Serialize;

use super::console::line;
use super::launch::{Launch, Surroundings};
use super::print;
use super::trouble::{Exit, Trouble, shown};
use crate::app::message::link_setup::TraceFrame;
use crate::cat::examination::Verdict;
use crate::cli::{DoctorFormat, LinkArgs, LinkCommand, PlaceArgs, StartArgs};
use crate::config::mode::LinkPlan;
use crate::domain::ledger::CatId;
use crate::domain::text::{Bilingual, Language, strip_unsafe};
use crate::edge::link::{
    Clock, Link, LinkHandle, export_path, spawn as spawn_link, system_clock, text_line,
};
use crate::edge::os::Presence;
use crate::locale::{Locale, Text};
use crate::ui::link_verdict::{Words, words};

/// How often new pieces of the trace are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What was found at one CAT port.
#[derive(Debug, Serialize)]
struct Found {
    cat: CatId,
    address: String,
    model: String,
    answers: bool,
    /// None where nothing may be sent to this model.
    #[serde(flatten)]
    verdict: Option<Verdict>,
    what: String,
    known: Option<String>,
    remedy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<Vec<TraceFrame>>,
}

/// Examine the terminals; exit code 1 where one does not answer.
pub fn run(
    command: LinkCommand,
    start: StartArgs,
    place: &PlaceArgs,
    surroundings: &Surroundings,
) -> Result<Exit, Trouble> {
    match command {
        LinkCommand::Probe(link) => probe(link, start, false, place, surroundings),
        LinkCommand::Trace { exported: true, .. } => exported(place, surroundings),
        LinkCommand::Trace { link, .. } => probe(link, start, true, place, surroundings),
    }
}

fn probe(
    arguments: LinkArgs,
    start: StartArgs,
    traced: bool,
    place: &PlaceArgs,
    surroundings: &Surroundings,
) -> Result<Exit, Trouble> {
    let start = arguments.start.or(start);
    let launch = surroundings.launch(place, &start)?;
    if start.port.is_none() && !launch.plan.practice {
        refuse_beside_a_console(&launch)?;
    }
    let language = surroundings.language_of(&launch.config);
    let locale =
        Locale::shipped(language).map_err(|error| Trouble::internal(&error.to_string()))?;
    let clock = system_clock(launch.config.shop.utc_offset);
    let live = traced && arguments.format == DoctorFormat::Text;
    let plans = [
        (CatId::Cat1, launch.plan.cat1.as_ref()),
        (CatId::Cat2, launch.plan.cat2.as_ref()),
    ];
    let mut all = Vec::new();
    for (cat, plan) in plans {
        let Some(plan) = plan else { continue };
        let mut found = look(cat, plan, surroundings, &locale, &clock, live)?;
        if !traced || live {
            found.trace = None;
        }
        if arguments.format == DoctorFormat::Text {
            print(&text(&found, language))?;
        }
        all.push(found);
    }
    if all.is_empty() && arguments.format == DoctorFormat::Text {
        print(&format!("{}\n", locale.text(Text::LinkSwitchedOff)))?;
    }
    if arguments.format == DoctorFormat::Json {
        let json = serde_json::to_string_pretty(&all)
            .map_err(|error| Trouble::internal(&error.to_string()))?;
        print(&(json + "\n"))?;
    }
    Ok(if all.iter().all(|found| found.answers) {
        Exit::Done
    } else {
        Exit::CheckFailed
    })
}

/// A terminal takes one connection: while a console is open, its line belongs to it.
fn refuse_beside_a_console(launch: &Launch) -> Result<(), Trouble> {
    let Presence::HeldBy(holder) = Presence::look(&launch.data_dir) else {
        return Ok(());
    };
    let who = holder.map_or_else(|| "?".to_owned(), |holder| holder.user);
    Err(Trouble::new(
        Exit::CheckFailed,
        Bilingual::new(
            "窓口の画面が開いているため、端末の線に触れません。",
            "a console is open, so the terminal's line is left alone.",
        ),
        Bilingual::new(
            format!("{} を {who} が使っています。", shown(&launch.data_dir)),
            format!("{} is in use by {who}.", shown(&launch.data_dir)),
        ),
        Bilingual::new(
            "その画面の F4→端末接続 で調べるか、画面を閉じてからもう一度。",
            "look there with F4, Terminal connection, or close that console and try again.",
        ),
    )
    .with_support(&launch.config.shop.support))
}

fn look(
    cat: CatId,
    plan: &LinkPlan,
    surroundings: &Surroundings,
    locale: &Locale,
    clock: &Clock,
    live: bool,
) -> Result<Found, Trouble> {
    let (setting, dialer) = line(plan, None, locale, &surroundings.library, clock)?;
    let title = setting.model.title.get(locale.language()).to_owned();
    let mut found = Found {
        cat,
        address: setting.address,
        model: setting.model.name.clone(),
        answers: false,
        verdict: None,
        what: locale.fill(Text::ModelNeedsLayout, &[("model", &title)]),
        known: None,
        remedy: setting
            .model
            .note
            .as_ref()
            .map(|note| note.get(locale.language()).to_owned()),
        trace: None,
    };
    let Some(layout) = surroundings.library.layout_of(&setting.model) else {
        return Ok(found);
    };
    let link = Link {
        dialer,
        layout,
        model: setting.model,
        clock: clock.clone(),
    };
    let link = spawn_link(link, |_| {}).map_err(|error| Trouble::internal(&error.to_string()))?;
    let (send, verdict) = mpsc::channel();
    link.examine(move |found| {
        // The receiver waits below.
        let _ = send.send(found);
    });
    let verdict = wait(&link, &verdict, live)?;
    found.trace = Some(link.trace());
    link.close();
    let Words {
        what,
        known,
        remedy,
    } = words(locale, &verdict);
    found.answers = matches!(
        verdict,
        Verdict::Answered { .. } | Verdict::Acknowledged { .. }
    );
    (found.what, found.known, found.remedy) = (what, known, remedy);
    found.verdict = Some(verdict);
    Ok(found)
}

/// Until the verdict is there. The trace is shown while it grows; its newest piece may still change, so it is shown last.
fn wait(link: &LinkHandle, verdict: &Receiver<Verdict>, live: bool) -> Result<Verdict, Trouble> {
    let mut shown = 0;
    loop {
        let over = match verdict.recv_timeout(LOOK_EVERY) {
            Ok(verdict) => Some(verdict),
            Err(mpsc::RecvTimeoutError::Timeout) => None,
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return Err(Trouble::internal("the link ended without a verdict"));
            }
        };
        if live {
            let frames = link.trace();
            let settled = match over {
                Some(_) => frames.len(),
                None => frames.len().saturating_sub(1),
            };
            let mut out = String::new();
            for frame in frames.iter().take(settled).skip(shown) {
                let _ = writeln!(out, "{}", text_line(frame));
            }
            shown = settled.max(shown);
            print(&out)?;
        }
        if let Some(verdict) = over {
            return Ok(verdict);
        }
    }
}

fn text(found: &Found, language: Language) -> String {
    let mark = if found.answers { "[ok]  " } else { "[FAIL]" };
    let todo = match language {
        Language::Ja => "対処",
        Language::En => "what to do",
    };
    let name = match found.cat {
        CatId::Cat1 => "cat1",
        CatId::Cat2 => "cat2",
    };
    let mut out = format!(
        "{mark} {name:<9} {} ({}): {}\n",
        found.address,
        found.model,
        strip_unsafe(&found.what)
    );
    let indent = " ".repeat(17);
    if let Some(known) = &found.known {
        let _ = writeln!(out, "{indent}{}", strip_unsafe(known));
    }
    if let Some(remedy) = &found.remedy {
        let _ = writeln!(out, "{indent}{todo}: {}", strip_unsafe(remedy));
    }
    out
}

/// What the console's screen exported, for each CAT port that has it.
fn exported(place: &PlaceArgs, surroundings: &Surroundings) -> Result<Exit, Trouble> {
    let folder = surroundings.data_dir(place)?;
    let mut any = false;
    for cat in [CatId::Cat1, CatId::Cat2] {
        let path = export_path(&folder, cat);
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                any = true;
                print(&format!("# {}\n{text}", shown(&path)))?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Trouble::data_folder(&path, &error)),
        }
    }
    if any {
        return Ok(Exit::Done);
    }
    Err(Trouble::new(
        Exit::CheckFailed,
        Bilingual::new(
            "書き出した通信記録がありません。",
            "there is no exported trace.",
        ),
        Bilingual::new(
            format!("{} にありません。", shown(&folder)),
            format!("{} holds none.", shown(&folder)),
        ),
        Bilingual::new(
            "窓口の画面の F4→端末接続→3 通信記録 で F2 を押すと書き出されます。",
            "press F2 in the console: F4, Terminal connection, 3 Trace.",
        ),
    ))
}
