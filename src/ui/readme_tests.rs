//! The key table of `README.md` is written from the key map: `UPDATE_README=1 cargo test --lib readme` writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::app::action::Action;
use crate::app::key::Key;
use crate::app::keymap::Place;
use crate::domain::text::Language;
use crate::locale::{Locale, Text};
use crate::ui::words;

const BEGIN: &str =
    "<!-- keys: written by a test from the key map; UPDATE_README=1 cargo test --lib readme -->\n";
const END: &str = "<!-- end of keys -->";

/// Both languages side by side; once where they agree.
fn both(text: Text) -> String {
    let of = |language| {
        let locale = Locale::shipped(language).expect("the shipped texts");
        locale.text(text).to_owned()
    };
    let (ja, en) = (of(Language::Ja), of(Language::En));
    if ja == en { ja } else { format!("{ja} {en}") }
}

fn table() -> String {
    let mut out = String::from("| screen | keys |\n|---|---|\n");
    let everywhere = [
        (Key::Char('?'), Action::Help),
        (Key::Ctrl('c'), Action::Leave),
        (Key::Ctrl('l'), Action::Redraw),
    ];
    let _ = writeln!(
        out,
        "| **{}** | {} |",
        both(Text::HelpEverywhere),
        said(&everywhere)
    );
    for place in Place::ALL {
        let title = both(words::title(*place));
        let _ = writeln!(out, "| **{title}** | {} |", said(place.bindings()));
    }
    out
}

/// Each action once, with every key that says it.
fn said(bindings: &[(Key, Action)]) -> String {
    let mut keys: BTreeMap<usize, (String, Action)> = BTreeMap::new();
    for (key, action) in bindings {
        let first = bindings.iter().position(|(_, other)| other == action);
        let name = format!("`{}`", words::key(*key));
        keys.entry(first.unwrap_or_default())
            .and_modify(|(names, _)| {
                names.push(' ');
                names.push_str(&name);
            })
            .or_insert((name, *action));
    }
    let said: Vec<String> = keys
        .into_values()
        .map(|(names, action)| format!("{names} {}", both(action.label())))
        .collect();
    said.join(" · ")
}

#[test]
fn the_key_table_of_the_readme_is_the_key_map() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).expect("README.md is there");
    let begin = readme.find(BEGIN).expect("the table has a beginning") + BEGIN.len();
    let end = begin + readme[begin..].find(END).expect("the table has an end");
    if std::env::var_os("UPDATE_README").is_some() {
        let written = format!("{}{}{}", &readme[..begin], table(), &readme[end..]);
        std::fs::write(&path, written).expect("README.md can be written");
    } else {
        assert_eq!(
            readme[begin..end],
            table(),
            "run UPDATE_README=1 cargo test --lib readme"
        );
    }
}
