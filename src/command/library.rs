//! 連携機種, layouts, the rules of 取消 and 返品 and those of bar codes: those inside the program, and over them the site's own in `models/`,
//! `layouts/`, `undo_rules.toml` and `barcode_rules.toml` of the config folder.
//! Every file is read and held against the others before anything opens: one that cannot be used stops the start, and is named.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::trouble::{Exit, Trouble, shown};
use crate::cat::dialect::layout::Layout;
use crate::cat::model::{Model, Models, Source, line_of};
use crate::config::{barcode_rules, undo_rules};
use crate::domain::barcode;
use crate::domain::text::{Bilingual, strip_unsafe};
use crate::domain::undo::rule::RuleTable;
use crate::slip::template::Templates;

/// No model or layout comes near this.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// More files than any site has terminals.
const FILES_MAX: usize = 200;

/// What this machine knows of terminals.
#[derive(Debug, Clone)]
pub struct Library {
    /// 連携機種.
    pub models: Models,
    /// The site's layouts, by name.
    layouts: BTreeMap<String, SiteLayout>,
    /// 取消 and 返品: the rules.
    pub undo_rules: RuleTable,
    /// What bar codes say.
    pub barcodes: barcode::RuleTable,
    /// Files that cannot be used. With one of them nothing is opened.
    pub faults: Vec<Fault>,
    /// The words of slips.
    pub slips: Arc<Templates>,
    /// The config folder, where there is one.
    folder: Option<PathBuf>,
}

/// A layout file of the site.
#[derive(Debug, Clone)]
struct SiteLayout {
    file: String,
    text: String,
    layout: Layout,
}

/// A file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {problem}; {remedy}")]
pub struct Fault {
    /// Its name.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl Library {
    /// Those inside the program.
    pub fn shipped() -> Library {
        Library {
            models: Models::shipped(),
            layouts: BTreeMap::new(),
            undo_rules: undo_rules::shipped(),
            barcodes: barcode_rules::shipped(),
            faults: Vec::new(),
            slips: Arc::default(),
            folder: None,
        }
    }

    /// Those inside the program, and over them what the config folder holds.
    pub fn of_folder(folder: Option<&Path>) -> Library {
        let mut library = Library::shipped();
        let Some(folder) = folder else {
            return library;
        };
        library.folder = Some(folder.to_owned());
        for (file, text) in library.read(&folder.join("layouts")) {
            library.put_layout(file, text);
        }
        let mut slips = Templates::shipped();
        for (file, text) in library.read(&folder.join("slips")) {
            if let Err(error) = slips.put(&file, &text) {
                library.faults.push(Fault {
                    file: error.file,
                    line: error.line,
                    problem: error.problem,
                    remedy: error.remedy,
                });
            }
        }
        library.slips = Arc::new(slips);
        let mut own = Vec::new();
        for (file, text) in library.read(&folder.join("models")) {
            own.extend(library.put_model(&file, text));
        }
        library.hold_together(&own);
        library.put_undo_rules(&folder.join(undo_rules::FILE_NAME));
        library.put_barcode_rules(&folder.join(barcode_rules::FILE_NAME));
        library
    }

    /// A model as it stands here: with the layout it speaks, or none where there is no such layout.
    pub fn model(&self, name: &str) -> Option<Model> {
        let model = self.models.get(name)?;
        Some(Model {
            layout: self.layout_name(model).map(str::to_owned),
            ..model.clone()
        })
    }

    /// The layout a model speaks, set up as the model says.
    pub fn layout_of(&self, model: &Model) -> Option<Layout> {
        let layout = self.layout(self.layout_name(model)?)?;
        Some(match model.framing.check_covers {
            Some(covers) => layout.with_check_over(covers),
            None => layout,
        })
    }

    /// The layout a model names and that is there. One that names none takes the layout of its own name, once a site has it.
    fn layout_name<'a>(&self, model: &'a Model) -> Option<&'a str> {
        let name = model.layout.as_deref().unwrap_or(&model.name);
        (self.layouts.contains_key(name) || Layout::shipped_names().any(|shipped| shipped == name))
            .then_some(name)
    }

    fn layout(&self, name: &str) -> Option<Layout> {
        match self.layouts.get(name) {
            Some(site) => Some(site.layout.clone()),
            None => Layout::shipped(name),
        }
    }

    /// The site's layouts: name and file.
    pub fn site_layouts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.layouts
            .iter()
            .map(|(name, site)| (name.as_str(), site.file.as_str()))
    }

    /// The config folder, where there is one.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// The texts of a folder's `*.toml`, by name. A folder that is not there is an empty one.
    fn read(&mut self, folder: &Path) -> Vec<(String, String)> {
        let mut files = match toml_files(folder) {
            Ok(files) => files,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                self.cannot_read(folder, &error.to_string());
                return Vec::new();
            }
        };
        if files.len() > FILES_MAX {
            self.cannot_read(folder, &format!("more than {FILES_MAX} files"));
            files.clear();
        }
        let mut texts = Vec::new();
        for file in files {
            match text_of(&file) {
                Ok(text) => texts.push((shown(&file), text)),
                Err(why) => self.cannot_read(&file, &why),
            }
        }
        texts
    }

    fn cannot_read(&mut self, path: &Path, why: &str) {
        self.faults.push(Fault {
            file: shown(path),
            line: 1,
            problem: format!("it cannot be read ({why})"),
            remedy: "mend it, or take it out of the folder".to_owned(),
        });
    }

    fn put_layout(&mut self, file: String, text: String) {
        let layout = match Layout::parse(&file, &text) {
            Ok(layout) => layout,
            Err(error) => {
                self.faults.push(Fault {
                    file: error.file,
                    line: error.line,
                    problem: error.problem,
                    remedy: error.remedy,
                });
                return;
            }
        };
        let name = layout.name().to_owned();
        if let Some(before) = self.layouts.get(&name) {
            let twice = named_twice(&file, &text, &name, &before.file);
            self.faults.push(twice);
            return;
        }
        let site = SiteLayout { file, text, layout };
        self.layouts.insert(name, site);
    }

    fn put_barcode_rules(&mut self, file: &Path) {
        if matches!(file.try_exists(), Ok(false)) {
            return;
        }
        let text = match text_of(file) {
            Ok(text) => text,
            Err(why) => return self.cannot_read(file, &why),
        };
        match barcode_rules::of_files(&shown(file), &text) {
            Ok(rules) => self.barcodes = rules,
            Err(error) => self.faults.push(Fault {
                file: error.file,
                line: error.line,
                problem: error.problem,
                remedy: error.remedy,
            }),
        }
    }

    fn put_undo_rules(&mut self, file: &Path) {
        if matches!(file.try_exists(), Ok(false)) {
            return;
        }
        let text = match text_of(file) {
            Ok(text) => text,
            Err(why) => return self.cannot_read(file, &why),
        };
        match undo_rules::over(&shown(file), &text, &self.undo_rules) {
            Ok(rules) => self.undo_rules = rules,
            Err(error) => self.faults.push(Fault {
                file: error.file,
                line: error.line,
                problem: error.problem,
                remedy: error.remedy,
            }),
        }
    }

    /// Gives the name of the model.
    fn put_model(&mut self, file: &str, text: String) -> Option<String> {
        match self.models.put(file, text.clone()) {
            Ok((name, before)) => {
                if let Some(before) = before {
                    let twice = named_twice(file, &text, &name, &before);
                    self.faults.push(twice);
                }
                Some(name)
            }
            Err(error) => {
                self.faults.push(Fault {
                    file: error.file,
                    line: error.line,
                    problem: error.problem,
                    remedy: error.remedy,
                });
                None
            }
        }
    }

    /// What the site changed must fit what it meets: its models their layouts, and its layouts the models that speak them.
    fn hold_together(&mut self, own: &[String]) {
        if own.is_empty() && self.layouts.is_empty() {
            return;
        }
        let names: Vec<String> = self.models.names().map(str::to_owned).collect();
        for name in names {
            let is_own = own.contains(&name);
            let Some(model) = self.models.get(&name) else {
                continue;
            };
            let spoken = model.layout.as_deref().unwrap_or(&name);
            let site = self.layouts.get(spoken);
            if !is_own && site.is_none() {
                continue;
            }
            let fault = match (self.layout(spoken), &model.layout) {
                (Some(layout), _) => model.fits(&layout).err(),
                (None, Some(layout)) => Some((
                    "layout".to_owned(),
                    format!("there is no layout `{layout}`"),
                    "put its file into the folder layouts, or take the line out: the model is then operated by hand",
                )),
                (None, None) => None,
            };
            let Some((key, problem, remedy)) = fault else {
                continue;
            };
            // The file that the site wrote is the one to look at.
            let (file, line, remedy) = match (self.models.source(&name), site) {
                (Some(Source::Site { file, text }), _) => {
                    (file.clone(), line_of(text, &key), remedy.to_owned())
                }
                (_, Some(site)) => {
                    let remedy = format!(
                        "describe it here, or take the promise back in a file of your own: `madoguchi models show {name}`"
                    );
                    (site.file.clone(), line_of(&site.text, "name"), remedy)
                }
                (_, None) => continue,
            };
            self.faults.push(Fault {
                file,
                line,
                problem: format!("model `{name}`, {key}: {problem}"),
                remedy,
            });
        }
    }

    /// Nothing opens while a file cannot be used.
    ///
    /// # Errors
    ///
    /// All that cannot be used.
    pub fn check(&self) -> Result<(), Trouble> {
        if self.faults.is_empty() {
            return Ok(());
        }
        let mut why = String::new();
        for fault in &self.faults {
            let _ = writeln!(
                why,
                "{}",
                strip_unsafe(&fault.to_string().replace('\n', " "))
            );
        }
        let why = why.trim_end();
        Err(Trouble::new(
            Exit::Config,
            Bilingual::new(
                "連携機種・レイアウト・取消のルール・伝票のファイルに使えないものがあります。",
                "a model, layout, undo rules or slip file of the site cannot be used.",
            ),
            Bilingual::new(why, why),
            Bilingual::new(
                "上の行を直すか、そのファイルをフォルダーから出してください。見本は madoguchi models show open-cat で見られます。",
                "mend the lines above, or take the file out of its folder; `madoguchi models show open-cat` shows a sample.",
            ),
        ))
    }
}

fn named_twice(file: &str, text: &str, name: &str, before: &str) -> Fault {
    Fault {
        file: file.to_owned(),
        line: line_of(text, "name"),
        problem: format!("`{name}` is the name of {before} as well"),
        remedy: "give one of them another name, or take one out of the folder".to_owned(),
    }
}

fn toml_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A pipe or a device would hang, and is refused before it is opened.
fn text_of(path: &Path) -> Result<String, String> {
    let words = |error: std::io::Error| error.to_string();
    if !std::fs::metadata(path).map_err(words)?.is_file() {
        return Err("it is no file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(words)?;
    let size = file
        .take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(words)?;
    if size as u64 > FILE_BYTES_MAX {
        return Err("it is larger than 1 MiB".to_owned());
    }
    // Windows editors write a byte order mark.
    let bare = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    String::from_utf8(bare.to_vec()).map_err(|_| "it is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests;
