//! Holds the picture of `src/lib.rs` to be true: who may know whom, what a room never touches, and how large things may grow.
//!
//! The source is read with `syn`. Imports (nested, aliased, glob), inline paths, `self`, `super` and paths inside macros are
//! resolved to where they lead; code under `cfg(test)` is left out. Every rule is proven by a planted violation.

#[path = "architecture/source.rs"]
mod source;

#[path = "architecture/planted.rs"]
mod planted;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use source::{Module, Use};

/// One room: what it may know, what it never touches.
struct Room {
    /// Module path.
    name: &'static str,
    /// Modules of this crate it may know beside itself.
    may_know: &'static [&'static str],
    /// Parts of those that it may not.
    but_not: &'static [&'static str],
    /// Crates it may use beside `std`; `*` is every one.
    crates: &'static [&'static str],
    /// No I/O, no clock, no threads, no floats.
    pure: bool,
}

/// The table. The longest name that fits a module is its room. Rooms that have seeded bugs know `teeth`, which knows nobody.
const ROOMS: &[Room] = &[
    Room {
        name: "teeth",
        may_know: &[],
        but_not: &[],
        crates: &[],
        pure: true,
    },
    Room {
        name: "domain",
        may_know: &["teeth"],
        but_not: &[],
        crates: &[
            "serde",
            "chrono",
            "thiserror",
            "unicode_width",
            "unicode_segmentation",
            "unicode_normalization",
        ],
        pure: true,
    },
    Room {
        name: "cat",
        may_know: &["domain", "teeth"],
        but_not: &[],
        crates: &[
            "serde",
            "serde_json",
            "chrono",
            "thiserror",
            "toml",
            "encoding_rs",
        ],
        pure: true,
    },
    Room {
        name: "orca",
        may_know: &["domain", "teeth"],
        but_not: &[],
        crates: &[
            "serde",
            "serde_json",
            "chrono",
            "thiserror",
            "toml",
            "quick_xml",
        ],
        pure: true,
    },
    Room {
        name: "locale",
        // The language itself is a word of the domain.
        may_know: &["domain::text"],
        but_not: &[],
        crates: &["serde", "thiserror", "toml"],
        pure: true,
    },
    Room {
        name: "slip",
        may_know: &["domain", "locale"],
        but_not: &[],
        crates: &[
            "serde",
            "chrono",
            "thiserror",
            "toml",
            "encoding_rs",
            "unicode_width",
            "unicode_segmentation",
            "unicode_normalization",
        ],
        pure: true,
    },
    Room {
        name: "app",
        // Of slips only the site's words, which the console is told at its start.
        may_know: &[
            "domain",
            "cat",
            "orca::answer",
            "orca::call",
            "locale",
            "slip::template",
            "teeth",
        ],
        but_not: &[
            "cat::session",
            "cat::frame",
            "cat::dialect",
            "cat::simulator",
        ],
        crates: &[
            "serde",
            "chrono",
            "thiserror",
            "unicode_width",
            "unicode_segmentation",
            "unicode_normalization",
        ],
        pure: true,
    },
    Room {
        name: "ui",
        // Of the receipt computer only what its result codes mean to staff.
        may_know: &["app", "slip", "domain", "locale", "orca::texts"],
        but_not: &["app::message::Effect"],
        crates: &["ratatui", "chrono", "unicode_width", "unicode_segmentation"],
        pure: true,
    },
    Room {
        name: "config",
        may_know: &["domain", "cat::model", "slip::charset", "slip::escpos"],
        but_not: &[],
        crates: &[
            "serde",
            "chrono",
            "thiserror",
            "toml",
            "directories",
            "unicode_width",
        ],
        pure: false,
    },
    Room {
        name: "cli",
        may_know: &["config", "domain", "command"],
        but_not: &[],
        crates: &["clap", "clap_complete", "toml"],
        pure: false,
    },
    Room {
        name: "edge::link",
        may_know: ADAPTERS_KNOW,
        but_not: &[],
        crates: &[
            "serde",
            "serde_json",
            "chrono",
            "thiserror",
            "serialport",
            "rustix",
        ],
        pure: false,
    },
    Room {
        name: "edge::store",
        may_know: ADAPTERS_KNOW,
        but_not: &[],
        crates: &[
            "serde",
            "serde_json",
            "chrono",
            "thiserror",
            "rusqlite",
            "sha2",
            "rustix",
            "unicode_normalization",
        ],
        pure: false,
    },
    Room {
        name: "edge::printer",
        may_know: ADAPTERS_KNOW,
        but_not: &[],
        crates: &["chrono", "thiserror", "serialport"],
        pure: false,
    },
    Room {
        name: "edge::orca",
        may_know: ADAPTERS_KNOW,
        but_not: &[],
        crates: &[
            "chrono",
            "thiserror",
            "ureq",
            "rustls",
            "webpki_roots",
            "p12_keystore",
            "x509_parser",
            "base64",
            "tungstenite",
        ],
        pure: false,
    },
    Room {
        name: "edge::scanner",
        may_know: ADAPTERS_KNOW,
        but_not: &[],
        crates: &["serialport"],
        pure: false,
    },
    Room {
        name: "edge::tty",
        may_know: ADAPTERS_KNOW,
        but_not: &[],
        crates: &[
            "serde",
            "thiserror",
            "ratatui",
            "rustix",
            "signal_hook",
            "unicode_width",
            "unicode_segmentation",
            "unicode_normalization",
        ],
        pure: false,
    },
    Room {
        name: "edge::os",
        may_know: ADAPTERS_KNOW,
        but_not: &[],
        crates: &[
            "serde",
            "serde_json",
            "chrono",
            "thiserror",
            "rustix",
            "signal_hook",
            "serialport",
        ],
        pure: false,
    },
    Room {
        name: "edge::diagnostic",
        may_know: ADAPTERS_KNOW,
        but_not: &[],
        crates: &["serde", "serde_json", "chrono", "thiserror"],
        pure: false,
    },
    Room {
        name: "edge::goods",
        may_know: ADAPTERS_KNOW,
        but_not: &[],
        crates: &["encoding_rs"],
        pure: false,
    },
    Room {
        name: "edge::keys_file",
        may_know: ADAPTERS_KNOW,
        but_not: &[],
        crates: &["thiserror", "toml"],
        pure: false,
    },
    Room {
        name: "simulation",
        may_know: &["app", "cat", "domain", "edge::store", "orca"],
        but_not: &[],
        crates: &["chrono", "thiserror", "rusqlite"],
        pure: false,
    },
    Room {
        name: "edge",
        may_know: EVERYTHING,
        but_not: &[],
        crates: &["*"],
        pure: false,
    },
    Room {
        name: "command",
        may_know: EVERYTHING_AND_THE_HUNT,
        but_not: &[],
        crates: &["*"],
        pure: false,
    },
    Room {
        name: "main",
        may_know: EVERYTHING,
        but_not: &[],
        crates: &["*"],
        pure: false,
    },
];

/// Adapters know the border they speak over and what lies below it; of each other only what differs between systems.
const ADAPTERS_KNOW: &[&str] = &[
    "app::message",
    "app::key",
    "domain",
    "cat",
    "config",
    "locale",
    "orca",
    "slip",
    "edge::os",
    "teeth",
];
const EVERYTHING: &[&str] = &[
    "app", "cat", "cli", "command", "config", "domain", "edge", "locale", "orca", "slip", "ui",
];
/// Commands alone play the hunt.
const EVERYTHING_AND_THE_HUNT: &[&str] = &[
    "app",
    "cat",
    "cli",
    "command",
    "config",
    "domain",
    "edge",
    "locale",
    "orca",
    "simulation",
    "slip",
    "ui",
];

/// What a pure room never touches.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::io",
    "std::env",
    "std::process",
    "std::thread",
    "std::os",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::sync::mpsc",
    "chrono::Local",
    "chrono::Utc::now",
];
/// Macros that write.
const WRITING: &[&str] = &["print", "println", "eprint", "eprintln", "dbg"];

const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 80;
const FIELDS_MAX: usize = 15;

/// File, a piece of the complaint, and why it may stay.
const EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "app.rs",
    "State has 19 fields",
    "the printer is one more thing on the counter, beside the terminals",
)];

/// Everything that is wrong with these files (path below `src`, text).
fn complaints(files: &BTreeMap<PathBuf, String>, crates: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    let (modules, for_tests) = source::read(files, crates);
    for module in &modules {
        let file = module.file.display();
        for complaint in module_complaints(module) {
            found.push(format!("{file}: {complaint}"));
        }
    }
    for (path, text) in files {
        let mut sizes = size_complaints(text);
        if !for_tests.contains(path) {
            sizes.extend(function_complaints(without_tests(text)));
        }
        let shown = path.display();
        found.extend(
            sizes
                .into_iter()
                .map(|complaint| format!("{shown}: {complaint}")),
        );
    }
    found.sort();
    found.dedup();
    found
}

fn room_of(module: &[String]) -> Option<&'static Room> {
    let path = module.join("::");
    ROOMS
        .iter()
        .filter(|room| is_within(&path, room.name))
        .max_by_key(|room| room.name.len())
}

/// `a::b::c` is within `a::b` and within itself.
fn is_within(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn module_complaints(module: &Module) -> Vec<String> {
    // The crate root only lists the rooms.
    if module.path.is_empty() {
        return module
            .uses
            .iter()
            .map(|used| format!("the crate root knows {}", used.shown()))
            .collect();
    }
    let Some(room) = room_of(&module.path) else {
        return vec![format!(
            "{} is no room of the table",
            module.path.join("::")
        )];
    };
    let mut found = Vec::new();
    for used in &module.uses {
        found.extend(use_complaint(room, used));
    }
    if room.pure {
        let writes = module
            .macros
            .iter()
            .filter(|name| WRITING.contains(&name.as_str()));
        found.extend(writes.map(|name| format!("{} writes with {name}!", room.name)));
        if module.has_floats && room.name != "ui" {
            found.push(format!("{} counts with floats", room.name));
        }
    }
    if room.name == "ui" {
        let changing = module
            .exclusive_references
            .iter()
            .filter(|path| *path == "app::State");
        found.extend(changing.map(|_| "ui takes &mut State".to_owned()));
    }
    found.extend(
        module
            .unwraps
            .iter()
            .map(|place| format!("unwrap() in {place}")),
    );
    let large = module
        .fields
        .iter()
        .filter(|(_, count)| *count > FIELDS_MAX);
    found.extend(large.map(|(name, count)| format!("{name} has {count} fields")));
    found
}

fn use_complaint(room: &Room, used: &Use) -> Option<String> {
    let wrong = match used {
        Use::Inside(path) => {
            let known = is_within(path, room.name)
                || room.may_know.iter().any(|known| is_within(path, known));
            let hidden = room.but_not.iter().any(|hidden| is_within(path, hidden));
            // The children of a room may have rooms of their own: `edge::link` is not `edge`'s own business to open.
            !known || hidden
        }
        Use::Outside(path) => {
            let name = path.split("::").next().unwrap_or_default();
            let standard = matches!(name, "std" | "core" | "alloc");
            let allowed = standard || room.crates.contains(&"*") || room.crates.contains(&name);
            let impure = room.pure && IMPURE.iter().any(|impure| is_within(path, impure));
            !allowed || impure
        }
    };
    wrong.then(|| format!("{} knows {}", room.name, used.shown()))
}

fn size_complaints(text: &str) -> Vec<String> {
    let lines = text.lines().count();
    let large = (lines > FILE_LINES_MAX).then(|| format!("{lines} lines"));
    large.into_iter().collect()
}

/// A file up to the tests at its end. A test may be one long table; a function may not.
fn without_tests(text: &str) -> &str {
    let is_mark =
        |line: &str| line.starts_with("#[cfg(") && line.contains("test") && !line.contains("not");
    let mut start = 0;
    let mut marked = None;
    for line in text.split_inclusive('\n') {
        match marked {
            Some(mark) if line.starts_with("mod ") && line.trim_end().ends_with('{') => {
                return &text[..mark];
            }
            _ => marked = is_mark(line).then_some(start),
        }
        start += line.len();
    }
    text
}

/// Lines of functions, by the layout of rustfmt: a function ends at the brace of its own depth.
fn function_complaints(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for (start, line) in lines.iter().enumerate() {
        let bare = line.trim_start();
        let Some(name) = function_name(bare) else {
            continue;
        };
        let depth = &line[..line.len() - bare.len()];
        let closing = format!("{depth}}}");
        let length = lines[start..].iter().position(|line| *line == closing);
        if let Some(length) = length.filter(|length| length + 1 > FUNCTION_LINES_MAX) {
            found.push(format!("{name} has {} lines", length + 1));
        }
    }
    found
}

fn function_name(line: &str) -> Option<&str> {
    let words = [
        "pub",
        "pub(crate)",
        "pub(super)",
        "const",
        "async",
        "unsafe",
    ];
    let mut rest = line;
    loop {
        let (word, after) = rest.split_once(' ')?;
        if word == "fn" {
            let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
            return Some(&after[..end]);
        }
        if !words.contains(&word) {
            return None;
        }
        rest = after;
    }
}

/// Every `.rs` below a folder, by its path below it.
fn files_below(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder of the source") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("source is text");
                let below = path.strip_prefix(folder).expect("it is below");
                files.insert(below.to_owned(), text);
            }
        }
    }
    files
}

/// The crates of Cargo.toml, as paths name them.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let manifest: toml::Table = manifest.parse().expect("Cargo.toml is TOML");
    let mut names = BTreeSet::new();
    let mut open = vec![&manifest];
    while let Some(table) = open.pop() {
        for (key, value) in table {
            let Some(inner) = value.as_table() else {
                continue;
            };
            if key == "dependencies" {
                names.extend(inner.keys().map(|name| name.replace('-', "_")));
            } else if key == "target" || key.starts_with("cfg(") {
                open.push(inner);
            }
        }
    }
    names
}

fn crates() -> BTreeSet<String> {
    dependencies(include_str!("../Cargo.toml"))
}

#[test]
fn every_room_knows_only_what_it_may() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let all = complaints(&files_below(&source), &crates());
    let excused = |complaint: &str| {
        EXCEPTIONS
            .iter()
            .any(|(file, what, _)| complaint.starts_with(file) && complaint.contains(what))
    };
    let wrong: Vec<&String> = all.iter().filter(|complaint| !excused(complaint)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (file, what, reason) in EXCEPTIONS {
        let needed = all
            .iter()
            .any(|complaint| complaint.starts_with(file) && complaint.contains(what));
        assert!(
            needed,
            "{file} needs no exception for {what:?} any more ({reason})"
        );
    }
}

#[test]
fn the_table_names_every_crate_it_allows_as_cargo_does() {
    let known = crates();
    for room in ROOMS {
        for name in room.crates.iter().filter(|name| **name != "*") {
            assert!(
                known.contains(*name),
                "{}: {name} is no dependency",
                room.name
            );
        }
    }
}
