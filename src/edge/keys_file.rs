//! The site's own key mappings on disk: which bytes of this terminal mean which F-key.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::os;
use crate::app::key::Key;

/// The file's name in the data folder.
pub const NAME: &str = "keys.toml";
/// No terminal has more keys that need a meaning.
const MAPPINGS_MAX: usize = 64;
/// More than any such file is.
const FILE_BYTES_MAX: u64 = 16 * 1024;

const HEAD: &str = "# Written by the key check screen (F4, キー確認): what this terminal sends, in hexadecimal, and the F-key it means.\n";

/// Why the file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum KeysFileError {
    /// The system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// Not of the shape this console writes.
    #[error("{}: {what}; remove the file and set the keys again with F4, key check", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
}

/// Read the mappings of a data folder; none where there is no file.
pub fn load(folder: &Path) -> Result<BTreeMap<Vec<u8>, Key>, KeysFileError> {
    let path = folder.join(NAME);
    let malformed = |what: String| KeysFileError::Malformed {
        path: path.clone(),
        what,
    };
    let text = match fs::metadata(&path) {
        Ok(data) if data.len() > FILE_BYTES_MAX => return Err(malformed("too large".into())),
        Ok(_) => fs::read_to_string(&path).map_err(|source| KeysFileError::Io {
            path: path.clone(),
            source,
        })?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(source) => return Err(KeysFileError::Io { path, source }),
    };
    let table: BTreeMap<String, String> =
        toml::from_str(&text).map_err(|error| malformed(error.to_string()))?;
    table
        .into_iter()
        .map(|(bytes, key)| {
            let bytes = from_hex(&bytes).ok_or_else(|| malformed(format!("\"{bytes}\"")))?;
            let key = key_named(&key).ok_or_else(|| malformed(format!("\"{key}\"")))?;
            Ok((bytes, key))
        })
        .collect()
}

/// Remember one more mapping, durably.
pub fn save(folder: &Path, bytes: &[u8], key: Key) -> Result<(), KeysFileError> {
    let path = folder.join(NAME);
    let mut mappings = load(folder)?;
    mappings.insert(bytes.to_vec(), key);
    if mappings.len() > MAPPINGS_MAX {
        return Err(KeysFileError::Malformed {
            path,
            what: format!("more than {MAPPINGS_MAX} keys"),
        });
    }
    let mut text = HEAD.to_owned();
    for (bytes, key) in &mappings {
        if let Key::F(number) = key {
            text.push_str(&format!("\"{}\" = \"F{number}\"\n", to_hex(bytes)));
        }
    }
    write_whole(&path, &text).map_err(|source| KeysFileError::Io { path, source })
}

/// The old file or the new one, never half of it.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let new = path.with_extension("toml.new");
    // What a stopped console left behind.
    if new.exists() {
        fs::remove_file(&new)?;
    }
    let mut file = os::open_private(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || !text.len().is_multiple_of(2) || text.len() > 64 || !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

fn key_named(name: &str) -> Option<Key> {
    let number = name.strip_prefix('F')?.parse::<u8>().ok()?;
    (1..=12).contains(&number).then_some(Key::F(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_outlives_the_console() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(
            load(folder.path()).expect("no file is no key"),
            BTreeMap::new()
        );
        save(folder.path(), b"\x1b[25~", Key::F(12)).expect("saved");
        save(folder.path(), b"\x1b[26~", Key::F(9)).expect("saved");
        save(folder.path(), b"\x1b[25~", Key::F(11)).expect("saved again");
        let expected = BTreeMap::from([
            (b"\x1b[25~".to_vec(), Key::F(11)),
            (b"\x1b[26~".to_vec(), Key::F(9)),
        ]);
        assert_eq!(load(folder.path()).expect("reads back"), expected);
    }

    #[test]
    fn a_file_that_is_not_ours_is_refused_with_a_remedy() {
        let folder = tempfile::tempdir().expect("a folder");
        for text in [
            "what",
            "\"1b\" = 3",
            "\"xx\" = \"F1\"",
            "\"1b5b\" = \"F13\"",
            "\"1\" = \"F1\"",
        ] {
            fs::write(folder.path().join(NAME), text).expect("written");
            let refused = load(folder.path()).expect_err(text);
            assert!(refused.to_string().contains("remove the file"), "{refused}");
        }
    }
}
