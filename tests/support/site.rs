//! A site's own config folder: its terminal is a shipped model with something changed.

use std::path::PathBuf;

use tempfile::TempDir;

/// A config folder.
pub struct Site {
    folder: TempDir,
}

impl Site {
    /// A shipped model, changed, under its own name.
    pub fn with_model(name: &str, change: impl Fn(&str) -> String) -> Site {
        let site = Site {
            folder: tempfile::tempdir().expect("a folder"),
        };
        let shipped = said(&["models", "show", name]);
        let changed = change(&shipped);
        let models = site.folder.path().join("models");
        std::fs::create_dir(&models).expect("a folder");
        std::fs::write(models.join("own.toml"), changed).expect("written");
        let sample = said(&["config", "print"]);
        let own = sample.replace("model = \"open-cat\"", &format!("model = \"{name}\""));
        assert!(
            own.contains(&format!("model = \"{name}\"")),
            "the sample names its model"
        );
        std::fs::write(site.config(), own).expect("written");
        site
    }

    /// The same site with another config, beside its own.
    pub fn another(&self, file: &str, change: impl Fn(&str) -> String) -> PathBuf {
        let own = std::fs::read_to_string(self.config()).expect("its config");
        let changed = change(&own);
        assert!(own != changed, "something is changed");
        let path = self.folder.path().join(file);
        std::fs::write(&path, changed).expect("written");
        path
    }

    /// What `--config` takes.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }
}

/// What the program prints, with nobody's config.
fn said(arguments: &[&str]) -> String {
    let home = tempfile::tempdir().expect("a folder");
    let printed = super::console::at_home(env!("CARGO_BIN_EXE_madoguchi"), home.path())
        .args(arguments)
        .output()
        .expect("it runs");
    assert!(printed.status.success(), "{printed:?}");
    String::from_utf8(printed.stdout).expect("UTF-8")
}
