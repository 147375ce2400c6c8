//! From the command line to what the console opens: config, data folder, books, terminals. Nothing is opened here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::library::Library;
use super::trouble::{Exit, Trouble, shown};
use crate::cli::{PlaceArgs, StartArgs};
use crate::config::mode::{self, Plan, Start};
use crate::config::paths::{self, ConfigPlace, Folders, Named};
use crate::config::{Config, Overrides};
use crate::domain::text::{Bilingual, Language};

/// What a command needs to know of the world around the program.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Language of help and errors.
    pub language: Language,
    /// `--lang` was given: the config's language does not count.
    pub language_asked: bool,
    /// The system's folders.
    pub folders: Option<Folders>,
    /// 連携機種 and layouts.
    pub library: Library,
    /// The environment, as far as it is read.
    pub environment: fn(&str) -> Option<OsString>,
}

/// What the console opens.
#[derive(Debug, Clone)]
pub struct Launch {
    /// Language of the screens.
    pub language: Language,
    /// The configuration.
    pub config: Config,
    /// The file it came from; `None` is the shipped sample.
    pub config_file: Option<PathBuf>,
    /// Folder of the books.
    pub data_dir: PathBuf,
    /// Practice or live, and the terminals.
    pub plan: Plan,
}

impl Surroundings {
    /// Those of this process. The site's models and layouts lie beside the config file that counts.
    pub fn of_process(language: Language, place: &PlaceArgs) -> Surroundings {
        let surroundings = Surroundings {
            language,
            language_asked: place.lang.is_some(),
            folders: Folders::of_system(),
            library: Library::shipped(),
            environment: |name| std::env::var_os(name),
        };
        surroundings.with_library(place)
    }

    /// The same, with the site's models and layouts.
    pub fn with_library(self, place: &PlaceArgs) -> Surroundings {
        let found = paths::config_place(named(place), self.environment, self.folders.as_ref());
        let folder = match &found {
            ConfigPlace::Named(path) | ConfigPlace::Usual(path) => Some(folder_of(path)),
            ConfigPlace::Nowhere => None,
        };
        Surroundings {
            library: Library::of_folder(folder),
            ..self
        }
    }

    /// The config file that counts, if there is one.
    pub fn config_file(&self, place: &PlaceArgs) -> Result<Option<PathBuf>, Trouble> {
        match paths::config_place(named(place), self.environment, self.folders.as_ref()) {
            ConfigPlace::Named(path) => Ok(Some(path)),
            ConfigPlace::Usual(path) => match path.try_exists() {
                Ok(exists) => Ok(exists.then_some(path)),
                Err(error) => Err(unreachable_config(&path, &error)),
            },
            ConfigPlace::Nowhere => Ok(None),
        }
    }

    /// The data folder.
    pub fn data_dir(&self, place: &PlaceArgs) -> Result<PathBuf, Trouble> {
        paths::data_dir(named(place), self.environment, self.folders.as_ref())
            .ok_or_else(Trouble::no_data_folder)
    }

    /// The configuration, with the command line over it, and the file it came from.
    pub fn config(
        &self,
        place: &PlaceArgs,
        start: &StartArgs,
    ) -> Result<(Config, Option<PathBuf>), Trouble> {
        if let Some(model) = start
            .model
            .as_ref()
            .filter(|name| !self.library.models.contains(name))
        {
            let known: Vec<String> = self.library.models.names().map(str::to_owned).collect();
            return Err(Trouble::unknown_model(model, &known));
        }
        let overrides = Overrides {
            port: start.port.clone(),
            model: start.model.clone(),
        };
        let file = self.config_file(place)?;
        self.library.check()?;
        let config = match &file {
            Some(path) => Config::load(path, &self.library.models, &overrides)?,
            None => Config::shipped(&self.library.models, &overrides)?,
        };
        Ok((config, file))
    }

    /// Everything a console needs to open.
    pub fn launch(&self, place: &PlaceArgs, start: &StartArgs) -> Result<Launch, Trouble> {
        let (config, config_file) = self.config(place, start)?;
        let support = config.shop.support.clone();
        let asked = Start {
            config_present: config_file.is_some(),
            port_given: start.port.is_some(),
            practice: start.practice,
        };
        let plan = mode::plan(asked, &config.terminal, &self.library.models)
            .map_err(|refusal| Trouble::from(refusal).with_support(&support))?;
        let data_dir = self
            .data_dir(place)
            .map_err(|trouble| trouble.with_support(&support))?;
        Ok(Launch {
            language: self.language_of(&config),
            config,
            config_file,
            data_dir,
            plan,
        })
    }

    /// `--lang`, else the config's language, else that of the locale.
    pub fn language_of(&self, config: &Config) -> Language {
        match config.console.language {
            Some(language) if !self.language_asked => language,
            Some(_) | None => self.language,
        }
    }
}

/// A bare file name lies in the folder one stands in.
pub(crate) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}

fn named(place: &PlaceArgs) -> Named<'_> {
    Named {
        config: place.config.as_deref(),
        data_dir: place.data_dir.as_deref(),
    }
}

/// A config that may be there but cannot be looked at is not "no config": that would silently be practice.
fn unreachable_config(path: &Path, error: &std::io::Error) -> Trouble {
    Trouble::new(
        Exit::Config,
        Bilingual::new(
            "設定ファイルを調べられません。",
            "the config file cannot be looked at.",
        ),
        Bilingual::new(
            format!("{}: {error}", shown(path)),
            format!("{}: {error}", shown(path)),
        ),
        Bilingual::new(
            "設定フォルダーの権限を直すか、--config で別のファイルを指定してください。",
            "mend the rights of the config folder, or name another file with --config.",
        ),
    )
}

/// The books of a data folder. Practice has a file of its own.
pub fn books_path(data_dir: &Path, practice: bool) -> PathBuf {
    data_dir.join(if practice {
        "practice.sqlite3"
    } else {
        "books.sqlite3"
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::config::mode::LinkPlan;

    /// A world with a home of its own and no environment.
    pub(crate) fn world(home: &Path) -> Surroundings {
        Surroundings {
            language: Language::En,
            language_asked: false,
            folders: Some(Folders {
                config: home.join("config"),
                data: home.join("data"),
            }),
            library: Library::shipped(),
            environment: |_| None,
        }
        .with_library(&PlaceArgs::default())
    }

    pub(crate) fn with_config(home: &Path, text: &str) {
        std::fs::create_dir_all(home.join("config")).expect("a folder");
        std::fs::write(home.join("config/config.toml"), text).expect("written");
    }

    #[test]
    fn a_fresh_machine_opens_in_practice_with_the_terminal_inside() {
        let home = tempfile::tempdir().expect("a folder");
        let launch = world(home.path()).launch(&PlaceArgs::default(), &StartArgs::default());
        let launch = launch.expect("it opens");
        assert!(launch.plan.practice && launch.config_file.is_none());
        assert!(matches!(launch.plan.cat1, Some(LinkPlan::Simulator { .. })));
        assert_eq!(launch.data_dir, home.path().join("data"));
        assert!(!home.path().join("data").exists(), "nothing is made here");
    }

    #[test]
    fn the_config_of_the_folder_is_found_and_its_language_holds() {
        let home = tempfile::tempdir().expect("a folder");
        let japanese = crate::config::SAMPLE.replace("language = \"auto\"", "language = \"ja\"");
        with_config(home.path(), &japanese);
        let here = world(home.path());
        let launch = here.launch(&PlaceArgs::default(), &StartArgs::default());
        let launch = launch.expect("it opens");
        assert!(!launch.plan.practice && launch.config_file.is_some());
        assert_eq!(launch.language, Language::Ja);
        let asked = Surroundings {
            language_asked: true,
            ..here
        };
        assert_eq!(asked.language_of(&launch.config), Language::En);
    }

    #[test]
    fn what_cannot_start_says_so_with_its_exit_code() {
        let home = tempfile::tempdir().expect("a folder");
        with_config(home.path(), "prot = 1");
        let here = world(home.path());
        let nothing = StartArgs::default();
        let wrong = here
            .launch(&PlaceArgs::default(), &nothing)
            .expect_err("wrong config");
        assert_eq!(wrong.exit, Exit::Config);
        let missing = PlaceArgs {
            config: Some(home.path().join("none.toml")),
            ..PlaceArgs::default()
        };
        assert_eq!(
            here.launch(&missing, &nothing).expect_err("missing").exit,
            Exit::Config
        );
        let model = StartArgs {
            model: Some("x".into()),
            ..StartArgs::default()
        };
        assert_eq!(
            here.launch(&missing, &model).expect_err("model").exit,
            Exit::Usage
        );
        let homeless = Surroundings {
            folders: None,
            ..here
        };
        let trouble = homeless
            .launch(&PlaceArgs::default(), &nothing)
            .expect_err("no folder");
        assert_eq!(trouble.exit, Exit::Books);
        assert!(trouble.support.is_some());
    }
}
