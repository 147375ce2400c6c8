//! The models there are: those inside the program, and a site's own over them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{Model, ModelError};

macro_rules! model_files {
    ($($name:literal)*) => {
        /// The model files inside the program: 連携機種 and text.
        const SHIPPED: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../../assets/models/", $name, ".toml"))),)*
        ];
    };
}

model_files! {
    "concert"
    "ecr17"
    "generic"
    "generic-credit"
    "j-mups"
    "jt-c06"
    "jt-c60"
    "open-cat"
    "saturn1000-elite"
    "saturn1000-lane"
    "transbank"
    "vega3000"
}

/// Every model inside the program, by 連携機種.
pub fn shipped() -> Result<BTreeMap<String, Model>, ModelError> {
    SHIPPED
        .iter()
        .map(|(name, text)| {
            Model::parse(&file_of(name), text).map(|model| (model.name.clone(), model))
        })
        .collect()
}

fn file_of(name: &str) -> String {
    format!("{name}.toml")
}

/// The models there are, by 連携機種. One inside the program is read when it is first asked for: a start needs one or two of them, and
/// reading all would cost it a third of its time.
#[derive(Debug, Clone)]
pub struct Models(BTreeMap<String, Entry>);

#[derive(Debug, Clone)]
struct Entry {
    source: Source,
    model: OnceLock<Model>,
}

/// Where a model is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Inside the program; its text.
    Shipped(&'static str),
    /// A file of the site.
    Site {
        /// Its name, for people.
        file: String,
        /// Its text.
        text: String,
    },
}

impl Source {
    /// The file's text.
    pub fn text(&self) -> &str {
        match self {
            Source::Shipped(text) => text,
            Source::Site { text, .. } => text,
        }
    }
}

impl Models {
    /// Those inside the program.
    pub fn shipped() -> Models {
        let entry = |text| Entry {
            source: Source::Shipped(text),
            model: OnceLock::new(),
        };
        Models(
            SHIPPED
                .iter()
                .map(|(name, text)| ((*name).to_owned(), entry(text)))
                .collect(),
        )
    }

    /// Put a site's model in, over one of the same name. Gives its name, and the site's file that already had that name.
    ///
    /// # Errors
    ///
    /// A text that is no model, with its line and what to do there.
    pub fn put(
        &mut self,
        file: &str,
        text: String,
    ) -> Result<(String, Option<String>), ModelError> {
        let model = Model::parse(file, &text)?;
        let name = model.name.clone();
        let source = Source::Site {
            file: file.to_owned(),
            text,
        };
        let entry = Entry {
            source,
            model: OnceLock::from(model),
        };
        let before = self.0.insert(name.clone(), entry);
        let before = before.and_then(|entry| match entry.source {
            Source::Site { file, .. } => Some(file),
            Source::Shipped(_) => None,
        });
        Ok((name, before))
    }

    /// The model of a name.
    pub fn get(&self, name: &str) -> Option<&Model> {
        let entry = self.0.get(name)?;
        Some(entry.model.get_or_init(|| {
            Model::parse(&file_of(name), entry.source.text())
                .expect("a test reads every shipped model")
        }))
    }

    /// Where a model is from.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.0.get(name).map(|entry| &entry.source)
    }

    /// True where there is one of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Every name, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_file_is_a_model_of_its_own_name() {
        for (name, text) in SHIPPED {
            let model =
                Model::parse(&file_of(name), text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(model.name, *name);
        }
        let models = Models::shipped();
        let all = shipped().expect("the shipped models");
        assert!(models.names().eq(all.keys()));
        for (name, model) in &all {
            assert_eq!(models.get(name), Some(model));
        }
        assert_eq!(models.get("x"), None);
    }

    #[test]
    fn every_model_file_in_the_assets_is_inside_the_program() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/models");
        let files = std::fs::read_dir(folder).expect("the folder").count();
        assert_eq!(files, SHIPPED.len());
    }

    #[test]
    fn a_sites_model_stands_over_the_shipped_one_and_never_over_another_of_the_site() {
        let mut models = Models::shipped();
        let text = |title: &str| {
            let shipped = Models::shipped();
            let open = shipped.source("open-cat").expect("there").text().to_owned();
            open.replacen("公開仕様", title, 1)
        };
        let name = "open-cat".to_owned();
        assert_eq!(models.put("a.toml", text("店の")), Ok((name.clone(), None)));
        let title = |models: &Models| models.get("open-cat").map(|model| model.title.ja.clone());
        assert!(title(&models).is_some_and(|title| title.contains("店の")));
        assert!(
            matches!(models.source("open-cat"), Some(Source::Site { file, .. }) if file == "a.toml")
        );
        let before = models.put("b.toml", text("別の"));
        assert_eq!(before, Ok((name, Some("a.toml".to_owned()))));
        let error = models
            .put("c.toml", "nmae = 1".to_owned())
            .expect_err("no model");
        assert_eq!((error.file.as_str(), error.line), ("c.toml", 1));
    }
}
