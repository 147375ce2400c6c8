//! A site's folder: what is read over what is shipped, and what stops a start.

use tempfile::TempDir;

use super::*;

fn shipped(name: &str) -> String {
    let models = Models::shipped();
    models
        .source(name)
        .expect("a shipped model")
        .text()
        .to_owned()
}

fn layout_named(name: &str) -> String {
    let text = include_str!("../../../assets/layouts/open-cat.toml");
    text.replacen("name = \"open-cat\"", &format!("name = \"{name}\""), 1)
}

/// A config folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let home = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = home.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }
    home
}

fn of(home: &TempDir) -> Library {
    Library::of_folder(Some(home.path()))
}

#[test]
fn a_folder_that_is_not_there_changes_nothing() {
    let home = folder(&[]);
    let library = of(&home);
    assert_eq!(library.faults, vec![]);
    assert!(library.models.names().eq(Models::shipped().names()));
    assert_eq!(library.site_layouts().count(), 0);
}

#[test]
fn a_layout_of_its_name_makes_a_shipped_model_work() {
    let bare = Library::shipped();
    let elite = bare.model("saturn1000-elite").expect("shipped");
    assert_eq!(elite.layout, None, "its messages are not public");
    assert_eq!(bare.layout_of(&elite), None);

    let home = folder(&[("layouts/arch.toml", &layout_named("saturn1000-elite"))]);
    let library = of(&home);
    assert_eq!(library.faults, vec![]);
    let elite = library.model("saturn1000-elite").expect("shipped");
    assert_eq!(elite.layout.as_deref(), Some("saturn1000-elite"));
    let layout = library.layout_of(&elite).expect("the site's");
    assert_eq!(layout.name(), "saturn1000-elite");
    assert_eq!(
        library.model("saturn1000-lane").expect("shipped").layout,
        None
    );
}

#[test]
fn the_same_name_replaces_and_a_new_name_adds() {
    let replaced = shipped("open-cat").replacen("baud = 9600", "baud = 19200", 1);
    let added = shipped("open-cat").replacen("name = \"open-cat\"", "name = \"counter-two\"", 1);
    let home = folder(&[
        ("models/a.toml", &replaced),
        ("models/b.toml", &format!("\u{feff}{added}")),
        ("models/notes.txt", "not a model, and not read"),
    ]);
    let library = of(&home);
    assert_eq!(library.faults, vec![]);
    assert_eq!(
        library.model("open-cat").expect("there").serial.baud,
        19_200
    );
    assert!(
        library
            .layout_of(&library.model("counter-two").expect("added"))
            .is_some()
    );
}

#[test]
fn the_model_sets_what_the_check_is_taken_over() {
    let text = shipped("open-cat").replacen(
        "[capabilities]",
        "[framing]\ncheck_covers = \"all\"\n\n[capabilities]",
        1,
    );
    let home = folder(&[("models/a.toml", &text)]);
    let library = of(&home);
    assert_eq!(library.faults, vec![]);
    let model = library.model("open-cat").expect("there");
    let layout = library.layout_of(&model).expect("shipped");
    let covers = layout.framing().envelope.check.covers;
    assert_eq!(covers, crate::cat::frame::framing::Covers::All);
    assert_ne!(Layout::open_cat().framing().envelope.check.covers, covers);
}

#[test]
fn what_cannot_be_used_stops_the_start_with_file_line_and_remedy() {
    let open = shipped("open-cat");
    let no_void = {
        let text = layout_named("own");
        let start = text.find("[[message]]\ncommand = \"void\"").expect("there");
        let end = text[start + 1..].find("[[message]]").expect("another") + start + 1;
        format!("{}{}", &text[..start], &text[end..])
    };
    let own = open
        .replacen("layout = \"open-cat\"", "layout = \"own\"", 1)
        .replacen("name = \"open-cat\"", "name = \"own\"", 1);
    for (files, file, line_has, problem) in [
        (
            vec![(
                "models/a.toml",
                open.replacen("status = true", "status = 1", 1),
            )],
            "a.toml",
            "status",
            "boolean",
        ),
        (
            vec![("models/a.toml", own.clone())],
            "a.toml",
            "layout",
            "no layout `own`",
        ),
        (
            vec![("models/a.toml", own), ("layouts/l.toml", no_void)],
            "a.toml",
            "authorize_void",
            "no void message",
        ),
        (
            vec![("models/a.toml", open.clone()), ("models/b.toml", open)],
            "b.toml",
            "name",
            "name of",
        ),
        (
            vec![("layouts/l.toml", "nmae = \"x\"\n".to_owned())],
            "l.toml",
            "nmae",
            "unknown field",
        ),
        (
            vec![
                ("layouts/k.toml", layout_named("x")),
                ("layouts/l.toml", layout_named("x")),
            ],
            "l.toml",
            "name",
            "name of",
        ),
    ] {
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(name, text)| (*name, text.as_str()))
            .collect();
        let home = folder(&files);
        let library = of(&home);
        let [fault] = library.faults.as_slice() else {
            panic!("{problem}: {:?}", library.faults)
        };
        assert!(fault.file.ends_with(file), "{fault}");
        assert!(fault.problem.contains(problem), "{fault}");
        assert!(!fault.remedy.is_empty(), "{fault}");
        let text = std::fs::read_to_string(&fault.file).expect("the file that is named");
        let line = text.lines().nth(fault.line - 1).unwrap_or_default();
        assert!(line.contains(line_has), "{fault}: {line}");
        let trouble = library.check().expect_err("no start");
        assert_eq!(trouble.exit, Exit::Config);
        assert!(trouble.told.why.en.contains(file), "{trouble:?}");
    }
}

#[test]
fn a_layout_that_takes_a_promise_away_from_a_shipped_model_is_the_file_to_look_at() {
    let text = layout_named("open-cat");
    let start = text
        .find("[[message]]\ncommand = \"refund\"")
        .expect("there");
    let end = text[start + 1..].find("[[message]]").expect("another") + start + 1;
    let without = format!("{}{}", &text[..start], &text[end..]);
    let home = folder(&[("layouts/l.toml", &without)]);
    let library = of(&home);
    let [fault] = library.faults.as_slice() else {
        panic!("{:?}", library.faults)
    };
    assert!(fault.file.ends_with("l.toml"), "{fault}");
    assert!(fault.problem.contains("authorize_refund"), "{fault}");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let home = folder(&[("models/a.toml", "")]);
    std::fs::write(home.path().join("models/b.toml"), [0xff, 0xfe]).expect("written");
    std::fs::create_dir(home.path().join("models/c.toml")).expect("a folder");
    std::fs::write(
        home.path().join("models/d.toml"),
        " ".repeat(usize::try_from(FILE_BYTES_MAX).expect("small") + 1),
    )
    .expect("written");
    let library = of(&home);
    for (file, why) in [
        ("b.toml", "not UTF-8"),
        ("c.toml", "no file"),
        ("d.toml", "larger than"),
    ] {
        let fault = library
            .faults
            .iter()
            .find(|fault| fault.file.ends_with(file));
        let fault = fault.unwrap_or_else(|| panic!("{file}: {:?}", library.faults));
        assert!(fault.problem.contains(why), "{fault}");
    }
}

#[test]
fn every_layout_in_the_assets_is_known_by_its_name() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/layouts");
    for file in toml_files(Path::new(folder)).expect("the folder") {
        let name = file
            .file_stem()
            .and_then(|name| name.to_str())
            .expect("a name");
        let layout = Library::shipped().layout(name);
        assert_eq!(layout.as_ref().map(Layout::name), Some(name));
    }
}

#[test]
fn a_sites_undo_rules_stand_over_the_shipped_ones_and_a_wrong_one_stops_the_start() {
    let shipped = Library::shipped().undo_rules;
    assert_eq!(of(&folder(&[])).undo_rules, shipped);
    let own = crate::config::undo_rules::SHIPPED.replace("within_days = 14", "within_days = 7");
    let library = of(&folder(&[("undo_rules.toml", &own)]));
    assert_eq!(library.faults, vec![]);
    let waon = library.undo_rules.named("waon").map(|rule| rule.refund);
    assert_eq!(waon, Some(crate::domain::undo::rule::Window::WithinDays(7)));

    let wrong = own.replacen("cash = \"never\"", "cash = \"instead\"", 1);
    let library = of(&folder(&[("undo_rules.toml", &wrong)]));
    let [fault] = library.faults.as_slice() else {
        panic!("{:?}", library.faults);
    };
    assert!(fault.file.ends_with("undo_rules.toml"), "{fault}");
    assert!(fault.problem.contains("credit"), "{fault}");
    let line = wrong.lines().nth(fault.line - 1);
    assert_eq!(line, Some("cash = \"instead\""));
    library.check().expect_err("nothing opens");

    // A folder of that name is no rules file.
    let library = of(&folder(&[("undo_rules.toml/x", "")]));
    assert_eq!(library.faults.len(), 1);
}

#[test]
fn a_sites_bar_code_rules_change_the_shipped_ones_and_a_wrong_one_stops_the_start() {
    let shipped = Library::shipped().barcodes;
    assert_eq!(of(&folder(&[])).barcodes, shipped);
    let own = "[[rule]]\nname = \"petrel-plus\"\non = true\nconstant = \"211234\"\n";
    let library = of(&folder(&[("barcode_rules.toml", own)]));
    assert_eq!(library.faults, vec![]);
    assert_ne!(library.barcodes, shipped);

    let wrong = own.replace("211234", "2112345");
    let library = of(&folder(&[("barcode_rules.toml", &wrong)]));
    let [fault] = library.faults.as_slice() else {
        panic!("{:?}", library.faults);
    };
    assert!(fault.file.ends_with("barcode_rules.toml"), "{fault}");
    assert_eq!(fault.line, 4, "{fault}");
    library.check().expect_err("nothing opens");
}
