//! `config print` and `config check`.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::launch::{Surroundings, folder_of};
use super::library::Library;
use super::print;
use super::trouble::{Exit, Trouble, shown};
use crate::cli::{ConfigCommand, PlaceArgs};
use crate::config::problem::render;
use crate::config::{Config, Overrides, SAMPLE, SAMPLE_NAME};
use crate::domain::master::CardCompany;
use crate::domain::text::Language;

/// Write the sample, or check a file.
pub fn run(
    command: ConfigCommand,
    place: &PlaceArgs,
    surroundings: &Surroundings,
) -> Result<Exit, Trouble> {
    match command {
        ConfigCommand::Print => print(SAMPLE),
        ConfigCommand::Check { file } => {
            let file = match file {
                Some(file) => Some(file),
                None => surroundings.config_file(place)?,
            };
            check(file, surroundings)
        }
    }
}

fn check(file: Option<PathBuf>, surroundings: &Surroundings) -> Result<Exit, Trouble> {
    let nothing = Overrides::default();
    let piped = file.as_deref().is_some_and(|path| path.as_os_str() == "-");
    // A file brings the models and layouts beside it.
    let library = match &file {
        Some(path) if !piped => Library::of_folder(Some(folder_of(path))),
        Some(_) | None => surroundings.library.clone(),
    };
    library.check()?;
    let config = match &file {
        Some(_) if piped => Config::read("-", std::io::stdin().lock(), &library.models)?,
        Some(path) => Config::load(path, &library.models, &nothing)?,
        None => Config::shipped(&library.models, &nothing)?,
    };
    let name = file.as_deref().map_or(SAMPLE_NAME.to_owned(), shown);
    let language = surroundings.language;
    let minded = !config.warnings.is_empty();
    let mut out = match (language, &file) {
        (Language::Ja, Some(_)) if minded => format!("{name}: 使えますが、確かめてください。\n"),
        (Language::En, Some(_)) if minded => format!("{name}: it can be used, but look at this.\n"),
        (Language::Ja, Some(_)) => format!("{name}: 誤りはありません。\n"),
        (Language::En, Some(_)) => format!("{name}: nothing is wrong.\n"),
        (Language::Ja, None) => {
            "設定ファイルはありません。内蔵の見本の値で、練習モードで開きます。\n".to_owned()
        }
        (Language::En, None) => {
            "there is no config file: the values of the sample hold, in practice mode.\n".to_owned()
        }
    };
    out.push_str(&render(&name, &config.warnings, language));
    out.push_str(&summary(&config, &library, language));
    print(&out)
}

/// What a 取消 or 返品 sends to a terminal.
fn what_an_undo_sends(config: &Config, language: Language) -> &'static str {
    let mut ports = [&config.terminal.cat1, &config.terminal.cat2]
        .into_iter()
        .flatten();
    match (ports.any(|port| port.undo_link.is_on()), language) {
        (true, Language::Ja) => "undo_link = 1 の端末では、機種ができる取消・返品を連動で送ります",
        (true, Language::En) => "goes over the link where undo_link = 1 and the model can",
        (false, Language::Ja) => "端末へは何も送りません",
        (false, Language::En) => "transmits nothing",
    }
}

/// What the masters make the console do, in sentences: a checked file can still mean something else than its writer thinks.
fn summary(config: &Config, library: &Library, language: Language) -> String {
    let codes = |wanted: &dyn Fn(&CardCompany) -> bool| {
        let codes: Vec<&str> = config
            .cards
            .iter()
            .filter(|card| wanted(card))
            .map(|card| card.code.as_str())
            .collect();
        if codes.is_empty() {
            "-".to_owned()
        } else {
            codes.join(" ")
        }
    };
    let speaks = |card: &CardCompany| {
        let model = library.model(&card.model);
        model.is_some_and(|model| model.layout.is_some() && model.takes(card.card_class))
    };
    let linked = codes(&|card| card.sales_link.is_on() && speaks(card));
    let described = |card: &CardCompany| {
        let model = library.model(&card.model);
        model.is_some_and(|model| model.layout.is_some())
    };
    let mute = codes(&|card| card.sales_link.is_on() && !described(card));
    let guided = codes(&|card| card.void_link.is_on() || card.refund_link.is_on());
    let mut out = String::new();
    for (id, port) in [
        ("CAT1", &config.terminal.cat1),
        ("CAT2", &config.terminal.cat2),
    ] {
        if let Some(port) = port {
            let _ = writeln!(out, "  {id}: {} ({})", port.address, port.model);
        }
    }
    let sends = what_an_undo_sends(config, language);
    let lines = match (language, config.terminal.cat_link.is_on()) {
        (Language::Ja, true) => [
            format!("  売上連携 1: {linked} (会計の金額を端末へ送ります)"),
            format!("  取消・返品連携 1: {guided} (端末での手動操作へ案内します。{sends})"),
        ],
        (Language::Ja, false) => [
            "  CAT連動 0: 端末へは何も送りません".to_owned(),
            format!("  取消・返品連携 1: {guided} (端末での手動操作へ案内します)"),
        ],
        (Language::En, true) => [
            format!("  sales_link 1: {linked} (a sale's amount goes to the terminal)"),
            format!(
                "  void_link, refund_link 1: {guided} (leads to the manual procedure on the terminal; {sends})"
            ),
        ],
        (Language::En, false) => [
            "  cat_link 0: nothing goes to a terminal".to_owned(),
            format!(
                "  void_link, refund_link 1: {guided} (leads to the manual procedure on the terminal)"
            ),
        ],
    };
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
    people_and_rules(&mut out, config, library, language);
    if config.terminal.cat_link.is_on() && mute != "-" {
        let _ = match language {
            Language::Ja => writeln!(
                out,
                "  注意 {mute}: 連携機種の電文仕様がないため、まだ送れません (doctor に対処)"
            ),
            Language::En => writeln!(
                out,
                "  mind {mute}: the message layout of their model is missing, so nothing can be sent yet (doctor says what to do)"
            ),
        };
    }
    out
}

/// Who may be at the counter, and by which rules money goes back.
fn people_and_rules(out: &mut String, config: &Config, library: &Library, language: Language) {
    let people: Vec<String> = config
        .operators
        .iter()
        .map(|one| format!("{} {}", one.code, one.name))
        .collect();
    let people = people.join(", ");
    let rules = library.undo_rules.rules();
    let (all, open) = rules.fold((0, 0), |(all, open), rule| {
        (all + 1, open + usize::from(rule.to_confirm))
    });
    let asked = config.console.ask_operator && config.operators.len() > 1;
    let _ = match (language, asked) {
        (Language::Ja, true) => writeln!(out, "  担当者: {people} (会計・作業のたびに聞きます)"),
        (Language::Ja, false) => writeln!(out, "  担当者: {people}"),
        (Language::En, true) => {
            writeln!(out, "  operators: {people} (asked at each sale and task)")
        }
        (Language::En, false) => writeln!(out, "  operators: {people}"),
    };
    let _ = match language {
        Language::Ja => writeln!(
            out,
            "  取消・返品のルール: {all}件、うち要確認 {open}件 (undo_rules.toml)"
        ),
        Language::En => writeln!(
            out,
            "  void and refund rules: {all}, {open} of them to be confirmed (undo_rules.toml)"
        ),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_void_link_is_explained_as_guidance_that_sends_nothing() {
        let config = Config::embedded();
        let library = Library::shipped();
        let told = summary(&config, &library, Language::Ja);
        assert!(told.contains("端末へは何も送りません"), "{told}");
        let told = summary(&config, &library, Language::En);
        assert!(told.contains("transmits nothing"), "{told}");
        assert!(told.contains("CAT1: /dev/ttyUSB0 (open-cat)"), "{told}");
        // Where the site lets it, and the model can, it is not said to send nothing.
        let mut config = config;
        let port = config.terminal.cat1.as_mut().expect("a port");
        port.undo_link = crate::domain::master::Switch::On;
        for (language, said, not_said) in [
            (Language::Ja, "連動で送ります", "端末へは何も送りません"),
            (Language::En, "goes over the link", "transmits nothing"),
        ] {
            let told = summary(&config, &library, language);
            assert!(told.contains(said) && !told.contains(not_said), "{told}");
        }
    }

    #[test]
    fn a_card_whose_terminal_cannot_be_spoken_to_is_not_said_to_be_sent() {
        let mut config = Config::embedded();
        config.cards[0].model = "j-mups".to_owned();
        let library = Library::shipped();
        let told = summary(&config, &library, Language::En);
        assert!(told.contains("sales_link 1: 02 03"), "{told}");
        assert!(told.contains("mind 01:"), "{told}");
    }
}
