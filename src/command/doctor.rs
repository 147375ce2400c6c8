//! `doctor`: looks at everything a counter needs, and says what to do about what is wrong.

use std::fmt::Write as _;

use serde::Serialize;

use super::launch::Surroundings;
use super::print;
use super::trouble::{Exit, Trouble};
use crate::cli::{DoctorArgs, DoctorFormat, PlaceArgs, StartArgs};
use crate::config::mode::{self, Plan, Start};
use crate::config::problem::render;
use crate::config::{Config, Overrides, SAMPLE_NAME};
use crate::domain::text::{Bilingual, Language, strip_unsafe};
use crate::edge::os::Presence;

mod books;
mod library;
mod port;
pub(super) mod receipt_computer;
mod seat;

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Ok,
    Warn,
    Fail,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Check {
    /// Its word, the same in every language and version.
    check: &'static str,
    status: Status,
    detail: Bilingual,
    remedy: Option<Bilingual>,
}

impl Check {
    fn ok(check: &'static str, ja: impl Into<String>, en: impl Into<String>) -> Check {
        Check {
            check,
            status: Status::Ok,
            detail: Bilingual::new(ja, en),
            remedy: None,
        }
    }

    fn warn(check: &'static str, ja: impl Into<String>, en: impl Into<String>) -> Check {
        Check {
            status: Status::Warn,
            ..Check::ok(check, ja, en)
        }
    }

    fn fail(check: &'static str, ja: impl Into<String>, en: impl Into<String>) -> Check {
        Check {
            status: Status::Fail,
            ..Check::ok(check, ja, en)
        }
    }

    fn with_remedy(self, ja: impl Into<String>, en: impl Into<String>) -> Check {
        Check {
            remedy: Some(Bilingual::new(ja, en)),
            ..self
        }
    }
}

/// Look at everything; exit code 1 where a check fails.
pub fn run(
    arguments: DoctorArgs,
    start: StartArgs,
    place: &PlaceArgs,
    surroundings: &Surroundings,
) -> Result<Exit, Trouble> {
    let start = arguments.start.or(start);
    let checks = look(place, &start, surroundings);
    report(&checks, arguments.format, surroundings.language)
}

/// Say what was found; exit code 1 where a check fails.
pub(super) fn report(
    checks: &[Check],
    format: DoctorFormat,
    language: Language,
) -> Result<Exit, Trouble> {
    print(&match format {
        DoctorFormat::Text => text(checks, language),
        DoctorFormat::Json => json(checks, language)?,
    })?;
    let failed = checks.iter().any(|check| check.status == Status::Fail);
    Ok(if failed {
        Exit::CheckFailed
    } else {
        Exit::Done
    })
}

fn look(place: &PlaceArgs, start: &StartArgs, surroundings: &Surroundings) -> Vec<Check> {
    let (config, mut checks) = read_config(place, start, surroundings);
    let plan = config.as_ref().and_then(|(config, present)| {
        let asked = Start {
            config_present: *present,
            port_given: start.port.is_some(),
            practice: start.practice,
        };
        match mode::plan(asked, &config.terminal, &surroundings.library.models) {
            Ok(plan) => Some(plan),
            Err(refusal) => {
                checks.push(of_trouble("port", &refusal.into()));
                None
            }
        }
    });
    checks.push(library::look(&surroundings.library));
    let offset = config.as_ref().map(|(config, _)| config.shop.utc_offset);
    let practice = plan.as_ref().map_or(start.practice, |plan| plan.practice);
    let folder = surroundings.data_dir(place);
    let presence = folder.as_deref().map_or(Presence::Free, Presence::look);
    if let Some(plan) = &plan {
        checks.extend(terminals(plan, surroundings, &presence));
    }
    if let Some((config, _)) = &config {
        let file = surroundings.config_file(place).ok().flatten();
        checks.extend(receipt_computer::checks(config, file.as_deref(), practice));
    }
    checks.push(seat::owner(&presence));
    match folder {
        Ok(folder) => {
            checks.extend(books::look(&folder, practice, seat::now()));
            checks.push(seat::keys(&folder));
        }
        Err(trouble) => checks.push(of_trouble("database", &trouble)),
    }
    checks.push(seat::clock(seat::now(), offset));
    checks.push(seat::locale(surroundings.environment));
    checks.push(seat::screen(surroundings.environment));
    checks
}

fn terminals(plan: &Plan, surroundings: &Surroundings, presence: &Presence) -> Vec<Check> {
    let mut checks = Vec::new();
    for link in [&plan.cat1, &plan.cat2].into_iter().flatten() {
        checks.push(port::model(link, &surroundings.library));
        checks.push(match presence {
            Presence::Free => port::look(link),
            Presence::HeldBy(_) => port::left_alone(link),
        });
    }
    if checks.is_empty() {
        checks.push(Check::ok(
            "port",
            "CAT連動 0: 決済端末とは連動しません",
            "cat_link 0: no card terminal is linked",
        ));
    }
    checks
}

/// The config, whether there is a file, and what is to be said of it. A wrong config does not end the examination.
fn read_config(
    place: &PlaceArgs,
    start: &StartArgs,
    surroundings: &Surroundings,
) -> (Option<(Config, bool)>, Vec<Check>) {
    let file = match surroundings.config_file(place) {
        Ok(file) => file,
        Err(trouble) => return (None, vec![of_trouble("config", &trouble)]),
    };
    let overrides = Overrides {
        port: start.port.clone(),
        model: start.model.clone(),
    };
    let name = file
        .as_deref()
        .map_or(SAMPLE_NAME.to_owned(), super::trouble::shown);
    let read = match &file {
        Some(path) => Config::load(path, &surroundings.library.models, &overrides),
        None => Config::shipped(&surroundings.library.models, &overrides),
    };
    let config = match read {
        Ok(config) => config,
        Err(error) => return (None, vec![of_trouble("config", &error.into())]),
    };
    let check = if config.warnings.is_empty() {
        match &file {
            Some(_) => Check::ok("config", name.clone(), name),
            None => Check::ok(
                "config",
                "設定ファイルなし: 内蔵の見本の値を使います",
                "no config file: the values of the sample hold",
            ),
        }
    } else {
        let told = |language| render(&name, &config.warnings, language);
        Check::warn("config", told(Language::Ja), told(Language::En)).with_remedy(
            "上の対処のとおりに直し、madoguchi config check で確かめてください",
            "do as said above, then run `madoguchi config check`",
        )
    };
    (Some((config, file.is_some())), vec![check])
}

fn of_trouble(check: &'static str, trouble: &Trouble) -> Check {
    let told = &*trouble.told;
    let joined = |language| {
        format!(
            "{} {}",
            told.what.get(language),
            told.why.get(language).trim()
        )
    };
    Check {
        remedy: Some(told.remedy.clone()),
        ..Check::fail(check, joined(Language::Ja), joined(Language::En))
    }
}

/// One line a check, its remedy below it.
fn text(checks: &[Check], language: Language) -> String {
    let mut out = String::new();
    let todo = match language {
        Language::Ja => "対処",
        Language::En => "what to do",
    };
    for check in checks {
        let mark = match check.status {
            Status::Ok => "[ok]  ",
            Status::Warn => "[warn]",
            Status::Fail => "[FAIL]",
        };
        let mut lines = check.detail.get(language).lines().map(strip_unsafe);
        let first = lines.next().unwrap_or_default();
        let _ = writeln!(out, "{mark} {:<9} {first}", check.check);
        for line in lines {
            let _ = writeln!(out, "                 {line}");
        }
        if let Some(remedy) = &check.remedy {
            let _ = writeln!(
                out,
                "                 {todo}: {}",
                strip_unsafe(remedy.get(language))
            );
        }
    }
    out
}

fn json(checks: &[Check], language: Language) -> Result<String, Trouble> {
    #[derive(Serialize)]
    struct Row<'a> {
        check: &'a str,
        status: Status,
        detail: &'a str,
        remedy: Option<&'a str>,
    }
    let rows: Vec<Row<'_>> = checks
        .iter()
        .map(|check| Row {
            check: check.check,
            status: check.status,
            detail: check.detail.get(language),
            remedy: check.remedy.as_ref().map(|remedy| remedy.get(language)),
        })
        .collect();
    let text = serde_json::to_string_pretty(&rows)
        .map_err(|error| Trouble::internal(&error.to_string()))?;
    Ok(text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::launch::tests::{with_config, world};

    fn find<'a>(checks: &'a [Check], name: &str) -> &'a Check {
        checks
            .iter()
            .find(|check| check.check == name)
            .unwrap_or_else(|| panic!("no {name}: {checks:?}"))
    }

    #[test]
    fn everything_is_looked_at_on_a_fresh_machine() {
        let home = tempfile::tempdir().expect("a folder");
        let checks = look(
            &PlaceArgs::default(),
            &StartArgs::default(),
            &world(home.path()),
        );
        for name in [
            "config", "models", "model", "port", "owner", "keys", "folder", "database", "clock",
            "locale", "screen",
        ] {
            find(&checks, name);
        }
        for name in ["config", "model", "port", "folder", "database"] {
            assert_eq!(find(&checks, name).status, Status::Ok, "{checks:?}");
        }
        assert!(!home.path().join("data").exists(), "a look makes nothing");
    }

    #[test]
    fn whatever_is_not_ok_says_what_to_do() {
        let home = tempfile::tempdir().expect("a folder");
        with_config(
            home.path(),
            &crate::config::SAMPLE.replace("/dev/ttyUSB0", "/dev/null"),
        );
        let port_taken = StartArgs {
            port: Some("tcp://127.0.0.1:1".parse().expect("an address")),
            ..StartArgs::default()
        };
        for start in [StartArgs::default(), port_taken] {
            let checks = look(&PlaceArgs::default(), &start, &world(home.path()));
            assert_eq!(find(&checks, "port").status, Status::Fail);
            for check in &checks {
                assert_eq!(
                    check.status == Status::Ok,
                    check.remedy.is_none(),
                    "{check:?}"
                );
            }
        }
    }

    #[test]
    fn a_wrong_config_does_not_end_the_examination() {
        let home = tempfile::tempdir().expect("a folder");
        with_config(home.path(), "[shop]\nnaem = 1\n");
        let checks = look(
            &PlaceArgs::default(),
            &StartArgs::default(),
            &world(home.path()),
        );
        assert_eq!(find(&checks, "config").status, Status::Fail);
        find(&checks, "database");
        let text = text(&checks, Language::Ja);
        assert!(
            text.contains("「name」の書き間違い") && text.contains("対処: "),
            "{text}"
        );
        let json: serde_json::Value =
            serde_json::from_str(&json(&checks, Language::En).expect("json")).expect("json");
        for row in json.as_array().expect("a list") {
            let keys: Vec<&String> = row.as_object().expect("an object").keys().collect();
            assert_eq!(keys, ["check", "detail", "remedy", "status"]);
        }
    }

    #[test]
    fn practice_at_a_terminal_that_cannot_train_fails() {
        let home = tempfile::tempdir().expect("a folder");
        let start = StartArgs {
            practice: true,
            port: Some("COM3".parse().expect("an address")),
            model: Some("j-mups".into()),
        };
        let checks = look(&PlaceArgs::default(), &start, &world(home.path()));
        assert_eq!(find(&checks, "port").status, Status::Fail, "{checks:?}");
    }
}
