//! Files that others wrote: layouts, models, the configuration, scripts, key mappings, books.

use std::path::Path;
use std::sync::LazyLock;

use madoguchi::cat::dialect::layout::Layout;
use madoguchi::cat::model::{Model, Models};
use madoguchi::cat::simulator::script::Script;
use madoguchi::config::Config;
use madoguchi::edge::keys_file;
use madoguchi::edge::store::{BooksKind, Store, verify};
use tempfile::TempDir;

static MODELS: LazyLock<Models> = LazyLock::new(Models::shipped);
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().expect("a folder"));

/// Files are text: what is none, is none of these.
fn text(input: &[u8]) -> Option<&str> {
    std::str::from_utf8(input).ok()
}

/// The words of a message without what it quotes and counts.
fn words(message: &str) -> String {
    message
        .chars()
        .filter(|c| c.is_ascii_lowercase() || *c == ' ')
        .take(120)
        .collect()
}

pub(crate) fn layout_files() -> Vec<Vec<u8>> {
    Layout::shipped_names()
        .filter_map(Layout::shipped_file)
        .map(|text| text.as_bytes().to_vec())
        .collect()
}

/// A layout file that is taken can be used: what it cannot say or read is an error, not a stop.
pub(crate) fn layouts(input: &[u8]) -> String {
    let Some(toml) = text(input) else {
        return "not text".into();
    };
    match Layout::parse("fuzz.toml", toml) {
        Ok(layout) => {
            for seed in super::line::texts_said().iter().take(8) {
                let _ = layout.decode_reply(&seed[1..]);
                let _ = layout.decode_command(&seed[1..]);
            }
            "a layout".into()
        }
        Err(error) => bounded(&error.to_string(), input),
    }
}

/// A message quotes little of what it complains of.
fn bounded(message: &str, input: &[u8]) -> String {
    assert!(
        message.len() <= 8 * input.len() + 4_096,
        "{} bytes of message",
        message.len()
    );
    words(message)
}

pub(crate) fn model_files() -> Vec<Vec<u8>> {
    MODELS
        .names()
        .filter_map(|name| MODELS.source(name))
        .map(|source| source.text().as_bytes().to_vec())
        .collect()
}

/// A model that is taken comes back as it was written.
pub(crate) fn models(input: &[u8]) -> String {
    let Some(toml) = text(input) else {
        return "not text".into();
    };
    match Model::parse("fuzz.toml", toml) {
        Ok(model) => {
            let written = toml::to_string(&model).expect("a model is written");
            assert_eq!(Model::parse("again.toml", &written), Ok(model));
            "a model".into()
        }
        Err(error) => bounded(&error.to_string(), input),
    }
}

pub(crate) fn config_files() -> Vec<Vec<u8>> {
    vec![include_bytes!("../../assets/config.sample.toml").to_vec()]
}

/// A configuration is taken, or every complaint has its line.
pub(crate) fn configs(input: &[u8]) -> String {
    match Config::read("fuzz.toml", input, &MODELS) {
        Ok(_) => "a configuration".into(),
        Err(error) => bounded(&error.to_string(), input),
    }
}

pub(crate) fn scripts() -> Vec<Vec<u8>> {
    vec![b"approve\ndecline 12\nlate 20000\nsilent\nreboot keep\napprove\xe2\x80\xa6\n".to_vec()]
}

/// A script plays as many steps as it has lines, and then goes on for ever.
pub(crate) fn script(input: &[u8]) -> String {
    let Some(text) = text(input) else {
        return "not text".into();
    };
    match Script::parse(text) {
        Ok(mut script) => {
            let mut played = String::new();
            for _ in 0..text.lines().count() + 2 {
                let next = script.peek();
                assert_eq!(script.take(), next);
                let name = format!("{next:?}");
                played.extend(name.chars().take_while(|c| c.is_alphanumeric()));
            }
            played.chars().take(120).collect()
        }
        Err(error) => {
            assert!(error.line >= 1 && error.line <= text.lines().count());
            bounded(&error.to_string(), input)
        }
    }
}

pub(crate) fn key_files() -> Vec<Vec<u8>> {
    vec![b"\"1b5b31317e\" = \"F1\"\n\"1b4f50\" = \"F12\"\n".to_vec()]
}

/// A file of key mappings is taken or refused; what is added to one that is taken is found there again.
pub(crate) fn keys(input: &[u8]) -> String {
    let folder = FOLDER.path().join("keys");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(keys_file::NAME), input).expect("written");
    match keys_file::load(&folder) {
        Ok(mappings) => {
            assert!(mappings.len() <= input.len());
            if let Some((bytes, key)) = mappings.first_key_value()
                && keys_file::save(&folder, bytes, *key).is_ok()
            {
                assert_eq!(keys_file::load(&folder).ok(), Some(mappings.clone()));
            }
            format!("{} mappings", mappings.len())
        }
        Err(error) => words(&error.to_string()),
    }
}

/// Real books, made once, as they lie on the disk.
static BOOKS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let path = FOLDER.path().join("made.db");
    drop(Store::open(&path, BooksKind::Live).expect("fresh books"));
    std::fs::read(&path).expect("a file")
});

/// Where to spoil the books, and with what: three bytes a place.
pub(crate) fn spoilings() -> Vec<Vec<u8>> {
    vec![
        vec![],
        vec![0, 18, 9],
        vec![16, 0, 0x0d, 0, 100, 0xff],
        vec![0xff; 12],
    ]
}

/// Books that somebody else wrote in: opened or refused, and never a stop. Untouched ones hold.
pub(crate) fn books(input: &[u8]) -> String {
    let mut file = BOOKS.clone();
    for place in input.chunks_exact(3).take(64) {
        let at = usize::from(u16::from_be_bytes([place[0], place[1]]));
        // Over and over within a page, a page further each time round.
        let at = (at * 97) % file.len();
        file[at] = place[2];
    }
    if input.len() % 3 == 1 {
        file.truncate(file.len() * usize::from(input[0]) / 256);
    }
    let untouched = file == *BOOKS;
    let path = FOLDER.path().join("foreign.db");
    for companion in ["foreign.db-wal", "foreign.db-shm"] {
        let _ = std::fs::remove_file(FOLDER.path().join(companion));
    }
    std::fs::write(&path, &file).expect("written");
    let report = verify(&path);
    let opened = Store::open(&path, BooksKind::Live);
    if untouched {
        let report = report.as_ref().expect("whole books are read");
        assert_eq!(report.problem, None);
        assert!(opened.is_ok());
    }
    let said =
        |path: &Path, message: String| words(&message.replace(&path.display().to_string(), ""));
    format!(
        "{} / {}",
        match report {
            Ok(report) => report
                .problem
                .map_or("holds".into(), |problem| words(&problem.to_string())),
            Err(error) => said(&path, error.to_string()),
        },
        match opened {
            Ok(_) => "opens".into(),
            Err(error) => said(&path, error.to_string()),
        }
    )
}
