//! Reads Rust source into what the rules look at: per module, what it knows, and what it does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::Visit;

/// One module with the code that is not for tests.
pub(crate) struct Module {
    pub(crate) file: PathBuf,
    /// Path below the crate root.
    pub(crate) path: Vec<String>,
    /// Everything its imports and inline paths lead to.
    pub(crate) uses: BTreeSet<Use>,
    /// Macros that are called.
    pub(crate) macros: BTreeSet<String>,
    /// Functions or items in which `unwrap()` is called.
    pub(crate) unwraps: BTreeSet<String>,
    /// Named fields of structs and of enum variants.
    pub(crate) fields: Vec<(String, usize)>,
    /// Where `&mut` types lead, inside the crate.
    pub(crate) exclusive_references: BTreeSet<String>,
    /// `f32`, `f64` or a literal with a fraction.
    pub(crate) has_floats: bool,
}

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Use {
    /// Within the crate, below its root.
    Inside(String),
    /// Another crate.
    Outside(String),
}

impl Use {
    pub(crate) fn shown(&self) -> &str {
        match self {
            Use::Inside(path) | Use::Outside(path) => path,
        }
    }
}

/// Read files (path below `src`) into their modules, without those that only tests see; and which files those are.
pub(crate) fn read(
    files: &BTreeMap<PathBuf, String>,
    crates: &BTreeSet<String>,
) -> (Vec<Module>, BTreeSet<PathBuf>) {
    let parsed: Vec<(PathBuf, Vec<String>, syn::File)> = files
        .iter()
        .map(|(file, text)| {
            let tree =
                syn::parse_file(text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            (file.clone(), module_path(file), tree)
        })
        .collect();
    let mut for_tests: BTreeSet<Vec<String>> = BTreeSet::new();
    for (_, path, tree) in &parsed {
        for item in &tree.items {
            if let syn::Item::Mod(inner) = item
                && inner.content.is_none()
                && is_for_tests(&inner.attrs)
            {
                for_tests.insert(child(path, &inner.ident.to_string()));
            }
        }
    }
    let mut modules = Vec::new();
    let mut test_files = BTreeSet::new();
    for (file, path, tree) in parsed {
        if for_tests.iter().any(|test| path.starts_with(test)) {
            test_files.insert(file);
        } else {
            read_module(&file, &path, &tree.items, crates, &mut modules);
        }
    }
    (modules, test_files)
}

fn module_path(file: &Path) -> Vec<String> {
    let bare = file.with_extension("");
    let parts: Vec<String> = bare
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if parts == ["lib"] { Vec::new() } else { parts }
}

fn child(path: &[String], name: &str) -> Vec<String> {
    let mut path = path.to_vec();
    path.push(name.to_owned());
    path
}

/// `#[cfg(test)]`, `#[cfg(all(test, unix))]`, `#[test]`; not `#[cfg(not(test))]`.
fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        if attribute.path().is_ident("test") {
            return true;
        }
        let Ok(list) = attribute.meta.require_list() else {
            return false;
        };
        let words = list.tokens.to_string();
        attribute.path().is_ident("cfg")
            && !words.contains("not")
            && words
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| word == "test")
    })
}

fn read_module(
    file: &Path,
    path: &[String],
    items: &[syn::Item],
    crates: &BTreeSet<String>,
    modules: &mut Vec<Module>,
) {
    let mut reader = Reader {
        names: Names {
            module: path.to_vec(),
            children: BTreeSet::new(),
            imported: BTreeMap::new(),
            crates,
        },
        item: String::new(),
        found: Module {
            file: file.to_owned(),
            path: path.to_vec(),
            uses: BTreeSet::new(),
            macros: BTreeSet::new(),
            unwraps: BTreeSet::new(),
            fields: Vec::new(),
            exclusive_references: BTreeSet::new(),
            has_floats: false,
        },
    };
    for item in items {
        if let syn::Item::Mod(inner) = item {
            reader.names.children.insert(inner.ident.to_string());
        }
    }
    // Imports first: an inline path may stand above the import that it starts with.
    let mut imports = Imports::default();
    for item in items.iter().filter(|item| !is_for_tests(attributes(item))) {
        imports.visit_item(item);
    }
    for (path, name) in imports.found {
        if let Some(target) = reader.names.resolve(&path) {
            if let Some(name) = name {
                reader.names.imported.insert(name, target.clone());
            }
            reader.found.uses.insert(target);
        }
    }
    let mut inner_modules = Vec::new();
    for item in items.iter().filter(|item| !is_for_tests(attributes(item))) {
        match item {
            syn::Item::Mod(inner) => inner_modules.push(inner),
            _ => reader.visit_item(item),
        }
    }
    modules.push(reader.found);
    for inner in inner_modules {
        if let Some((_, items)) = &inner.content {
            let path = child(path, &inner.ident.to_string());
            read_module(file, &path, items, crates, modules);
        }
    }
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// All imports of a module and of its functions: the path, and the name it gets there (`None` for `*` and `_`).
#[derive(Default)]
struct Imports {
    found: Vec<(Vec<String>, Option<String>)>,
}

impl Imports {
    fn tree(&mut self, prefix: &[String], tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => {
                self.tree(&child(prefix, &path.ident.to_string()), &path.tree)
            }
            syn::UseTree::Name(name) if name.ident == "self" => {
                self.found.push((prefix.to_vec(), prefix.last().cloned()));
            }
            syn::UseTree::Name(name) => {
                let name = name.ident.to_string();
                self.found.push((child(prefix, &name), Some(name)));
            }
            syn::UseTree::Rename(rename) => {
                let path = match rename.ident == "self" {
                    true => prefix.to_vec(),
                    false => child(prefix, &rename.ident.to_string()),
                };
                self.found.push((path, Some(rename.rename.to_string())));
            }
            syn::UseTree::Glob(_) => self.found.push((prefix.to_vec(), None)),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(prefix, tree);
                }
            }
        }
    }
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&[], &item.tree);
    }

    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {
        // A module of its own.
    }
}

/// What names mean in one module.
struct Names<'a> {
    module: Vec<String>,
    children: BTreeSet<String>,
    imported: BTreeMap<String, Use>,
    crates: &'a BTreeSet<String>,
}

impl Names<'_> {
    /// Where a path leads; `None` for names of the module itself.
    fn resolve(&self, path: &[String]) -> Option<Use> {
        let (first, rest) = path.split_first()?;
        let below = |base: &[String]| {
            let all: Vec<&str> = base.iter().chain(rest).map(String::as_str).collect();
            Use::Inside(all.join("::"))
        };
        match first.as_str() {
            "crate" | "madoguchi" => Some(below(&[])),
            "self" => self.resolve_self(rest),
            "super" => {
                let mut base = self.module.clone();
                base.pop();
                let mut rest = rest;
                while let Some(("super", after)) = rest.split_first().map(|(f, r)| (f.as_str(), r))
                {
                    base.pop();
                    rest = after;
                }
                base.extend_from_slice(rest);
                Some(Use::Inside(base.join("::")))
            }
            "std" | "core" | "alloc" => Some(Use::Outside(path.join("::"))),
            name => match self.imported.get(name) {
                Some(Use::Inside(base)) => Some(Use::Inside(joined(base, rest))),
                Some(Use::Outside(base)) => Some(Use::Outside(joined(base, rest))),
                None if self.children.contains(name) => Some(below(&child(&self.module, name))),
                None if self.crates.contains(name) && path.len() > 1 => {
                    Some(Use::Outside(path.join("::")))
                }
                None => None,
            },
        }
    }

    fn resolve_self(&self, rest: &[String]) -> Option<Use> {
        let mut path = self.module.clone();
        path.extend_from_slice(rest);
        (!rest.is_empty()).then(|| Use::Inside(path.join("::")))
    }
}

fn joined(base: &str, rest: &[String]) -> String {
    let mut path = base.to_owned();
    for part in rest {
        if !path.is_empty() {
            path.push_str("::");
        }
        path.push_str(part);
    }
    path
}

/// Walks through the code of one module.
struct Reader<'a> {
    names: Names<'a>,
    /// The item or function it is in.
    item: String,
    found: Module,
}

impl Reader<'_> {
    fn path(&mut self, parts: &[String]) {
        if let Some(target) = self.names.resolve(parts) {
            self.found.uses.insert(target);
        }
        let floats = parts
            .first()
            .is_some_and(|part| part == "f32" || part == "f64");
        self.found.has_floats |= floats;
    }

    fn within(&mut self, name: String, walk: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.item, name);
        walk(self);
        self.item = outer;
    }

    fn count_fields(&mut self, name: String, fields: &syn::Fields) {
        if let syn::Fields::Named(named) = fields {
            self.found.fields.push((name, named.named.len()));
        }
    }
}

fn parts(path: &syn::Path) -> Vec<String> {
    path.segments
        .iter()
        .map(|part| part.ident.to_string())
        .collect()
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_use(&mut self, _: &'ast syn::ItemUse) {
        // Read before.
    }

    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {
        // A module of its own.
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.within(item.sig.ident.to_string(), |reader| {
            syn::visit::visit_item_fn(reader, item)
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_for_tests(&item.attrs) {
            self.within(item.sig.ident.to_string(), |reader| {
                syn::visit::visit_impl_item_fn(reader, item);
            });
        }
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.count_fields(item.ident.to_string(), &item.fields);
        syn::visit::visit_item_struct(self, item);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.count_fields(variant.ident.to_string(), &variant.fields);
        syn::visit::visit_variant(self, variant);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.path(&parts(path));
        syn::visit::visit_path(self, path);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {
        // `pub(crate)` leads nowhere.
    }

    fn visit_lit_float(&mut self, _: &'ast syn::LitFloat) {
        self.found.has_floats = true;
    }

    fn visit_type_reference(&mut self, reference: &'ast syn::TypeReference) {
        if let (Some(_), syn::Type::Path(path)) = (reference.mutability, &*reference.elem)
            && let Some(Use::Inside(target)) = self.names.resolve(&parts(&path.path))
        {
            self.found.exclusive_references.insert(target);
        }
        syn::visit::visit_type_reference(self, reference);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.method == "unwrap" {
            self.found.unwraps.insert(self.item.clone());
        }
        syn::visit::visit_expr_method_call(self, call);
    }

    /// The inside of a macro is no syntax tree: its words are read as they stand.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.found.macros.extend(parts(&call.path).pop());
        self.path(&parts(&call.path));
        let words = words(&call.tokens.to_string());
        for run in words.split(|word| !(word == "::" || is_name(word))) {
            for path in paths_in(run) {
                self.path(&path);
            }
        }
        let unwraps = words
            .windows(3)
            .any(|w| w[0] == "." && w[1] == "unwrap" && w[2] == "(");
        if unwraps {
            self.found.unwraps.insert(self.item.clone());
        }
    }
}

/// `a :: b c` → `[a, b]`, `[c]`.
fn paths_in(words: &[String]) -> Vec<Vec<String>> {
    let mut paths: Vec<Vec<String>> = Vec::new();
    let mut joins = false;
    for word in words {
        match (word.as_str(), paths.last_mut()) {
            ("::", _) => joins = true,
            (_, Some(path)) if joins => {
                path.push(word.clone());
                joins = false;
            }
            (_, _) => {
                paths.push(vec![word.clone()]);
                joins = false;
            }
        }
    }
    paths
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The tokens of a macro call: names, `::`, and every other sign by itself. Literals are left out.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first == '"' {
            literal_length(rest)
        } else if is_name(rest) {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            let length = end.unwrap_or(rest.len());
            words.push(rest[..length].to_owned());
            length
        } else if rest.starts_with("::") {
            words.push("::".to_owned());
            2
        } else {
            if !first.is_whitespace() {
                words.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    words
}

/// The bytes of a string literal, both quotes counted.
fn literal_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}
