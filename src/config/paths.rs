//! Where the config file and the data folder are: flag, then environment, then the folders of the system.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The environment variable for the config file.
pub const CONFIG_VARIABLE: &str = "MADOGUCHI_CONFIG";
/// The environment variable for the data folder.
pub const DATA_VARIABLE: &str = "MADOGUCHI_DATA_DIR";
/// The config file in the system's config folder.
const CONFIG_NAME: &str = "config.toml";

/// What the command line names.
#[derive(Debug, Clone, Copy, Default)]
pub struct Named<'a> {
    /// `--config`.
    pub config: Option<&'a Path>,
    /// `--data-dir`.
    pub data_dir: Option<&'a Path>,
}

/// The system's folders for this program; `None` where the user has no home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// For `config.toml`.
    pub config: PathBuf,
    /// For the books.
    pub data: PathBuf,
}

impl Folders {
    /// As the system says.
    pub fn of_system() -> Option<Folders> {
        directories::ProjectDirs::from("", "", "madoguchi").map(|dirs| Folders {
            config: dirs.config_dir().to_owned(),
            data: dirs.data_dir().to_owned(),
        })
    }
}

/// Where to look for the config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigPlace {
    /// Somebody named it: it must be there.
    Named(PathBuf),
    /// The system's folder: it may be missing.
    Usual(PathBuf),
    /// Nobody named one, and there is no home.
    Nowhere,
}

/// The config file's place.
pub fn config_place(
    named: Named<'_>,
    environment: impl Fn(&str) -> Option<OsString>,
    folders: Option<&Folders>,
) -> ConfigPlace {
    let named = named.config.map(Path::to_owned);
    match (
        named.or_else(|| variable(environment, CONFIG_VARIABLE)),
        folders,
    ) {
        (Some(path), _) => ConfigPlace::Named(path),
        (None, Some(folders)) => ConfigPlace::Usual(folders.config.join(CONFIG_NAME)),
        (None, None) => ConfigPlace::Nowhere,
    }
}

/// The data folder, or `None` where nobody named one and there is no home.
pub fn data_dir(
    named: Named<'_>,
    environment: impl Fn(&str) -> Option<OsString>,
    folders: Option<&Folders>,
) -> Option<PathBuf> {
    let named = named.data_dir.map(Path::to_owned);
    named
        .or_else(|| variable(environment, DATA_VARIABLE))
        .or_else(|| folders.map(|folders| folders.data.clone()))
}

/// A variable set to nothing is not set.
fn variable(environment: impl Fn(&str) -> Option<OsString>, name: &str) -> Option<PathBuf> {
    environment(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flag_stands_above_environment_stands_above_system() {
        let folders = Folders {
            config: "/home/a/.config/madoguchi".into(),
            data: "/home/a/.local/share/madoguchi".into(),
        };
        let set = |name: &str| Some(OsString::from(format!("/env/{name}")));
        let empty = |_: &str| Some(OsString::new());
        let flag = Named {
            config: Some(Path::new("f.toml")),
            data_dir: Some(Path::new("d")),
        };
        let nothing = Named::default();
        assert_eq!(
            config_place(flag, set, Some(&folders)),
            ConfigPlace::Named("f.toml".into())
        );
        assert_eq!(
            config_place(nothing, set, Some(&folders)),
            ConfigPlace::Named("/env/MADOGUCHI_CONFIG".into())
        );
        assert_eq!(
            config_place(nothing, empty, Some(&folders)),
            ConfigPlace::Usual("/home/a/.config/madoguchi/config.toml".into())
        );
        assert_eq!(config_place(nothing, empty, None), ConfigPlace::Nowhere);
        for (named, environment, expected) in [
            (flag, true, "d"),
            (nothing, true, "/env/MADOGUCHI_DATA_DIR"),
            (nothing, false, "/home/a/.local/share/madoguchi"),
        ] {
            let lookup = |name: &str| if environment { set(name) } else { None };
            assert_eq!(
                data_dir(named, lookup, Some(&folders)),
                Some(PathBuf::from(expected))
            );
        }
        assert_eq!(data_dir(nothing, empty, None), None);
    }
}
