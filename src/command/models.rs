//! `models`: which terminal models there are and where each is from; `models show`: the file of one.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::launch::Surroundings;
use super::library::Library;
use super::print;
use super::trouble::{Exit, Trouble};
use crate::cat::model::Source;
use crate::cli::{ModelsArgs, ModelsCommand};
use crate::domain::text::{Language, strip_unsafe};

/// List them, or write one out.
///
/// # Errors
///
/// A name that no model has, files that cannot be used, or an output that takes nothing.
pub fn run(arguments: &ModelsArgs, surroundings: &Surroundings) -> Result<Exit, Trouble> {
    let library = &surroundings.library;
    match &arguments.command {
        // Even beside a broken file: what is inside the program is what it is mended from.
        Some(ModelsCommand::Show { name }) => match library.models.source(name) {
            Some(source) => print(source.text()),
            None => {
                let known: Vec<String> = library.models.names().map(str::to_owned).collect();
                Err(Trouble::no_such_model(name, &known))
            }
        },
        None => {
            print(&list(library, surroundings.language))?;
            library.check()?;
            Ok(Exit::Done)
        }
    }
}

/// One line a model: name, title, layout, and where it is from; then the site's layouts.
fn list(library: &Library, language: Language) -> String {
    let (by_hand, inside) = match language {
        Language::Ja => ("手動のみ", "内蔵"),
        Language::En => ("by hand only", "inside the program"),
    };
    let head = match language {
        Language::Ja => ["連携機種", "名称", "レイアウト", "ファイル"],
        Language::En => ["MODEL", "TITLE", "LAYOUT", "FILE"],
    };
    let mut rows = vec![head.map(str::to_owned)];
    for name in library.models.names() {
        let Some(model) = library.model(name) else {
            continue;
        };
        let from = match library.models.source(name) {
            Some(Source::Site { file, .. }) => file.clone(),
            Some(Source::Shipped(_)) | None => inside.to_owned(),
        };
        rows.push([
            name.to_owned(),
            model.title.get(language).to_owned(),
            model.layout.unwrap_or_else(|| by_hand.to_owned()),
            from,
        ]);
    }
    let mut out = table(&rows);
    let layouts: Vec<(&str, &str)> = library.site_layouts().collect();
    if !layouts.is_empty() {
        out.push('\n');
        let rows: Vec<[String; 4]> = std::iter::once([head[2], head[3], "", ""])
            .chain(layouts.iter().map(|(name, file)| [name, file, "", ""]))
            .map(|row| row.map(str::to_owned))
            .collect();
        out.push_str(&table(&rows));
    }
    if let Some(folder) = library.folder() {
        let folder = super::trouble::shown(folder);
        let _ = match language {
            Language::Ja => writeln!(
                out,
                "\n店の連携機種は {folder}/models、レイアウトは {folder}/layouts に置きます。同じ名前のものは内蔵のものより優先します。"
            ),
            Language::En => writeln!(
                out,
                "\nModels of the site lie in {folder}/models, layouts in {folder}/layouts. One of the same name stands over the one inside."
            ),
        };
    }
    out
}

/// Columns as wide as their widest text on a screen.
fn table(rows: &[[String; 4]]) -> String {
    let mut widths = [0; 4];
    for row in rows {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = text.width().max(*width);
        }
    }
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (width, text) in widths.iter().zip(row) {
            let text = strip_unsafe(text);
            let gap = " ".repeat((width + 2).saturating_sub(text.width()));
            let _ = write!(line, "{text}{gap}");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_is_listed_with_its_layout_or_as_worked_by_hand() {
        let library = Library::shipped();
        for (language, by_hand) in [(Language::Ja, "手動のみ"), (Language::En, "by hand only")]
        {
            let text = list(&library, language);
            for name in library.models.names() {
                let line = text.lines().find(|line| line.starts_with(name));
                let line = line.unwrap_or_else(|| panic!("no {name}: {text}"));
                let layout = library.model(name).and_then(|model| model.layout);
                assert!(
                    line.contains(layout.as_deref().unwrap_or(by_hand)),
                    "{line}"
                );
            }
        }
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        let library = Library::shipped();
        for name in library.models.names() {
            let text = library.models.source(name).expect("there").text();
            let model = crate::cat::model::Model::parse("shown.toml", text).expect("a model");
            assert_eq!(Some(&model), library.models.get(name));
        }
    }
}
