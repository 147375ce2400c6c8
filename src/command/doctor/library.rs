//! The models and layouts: those of the site, and what of them cannot be used.

use super::Check;
use crate::cat::model::Source;
use crate::command::library::Library;
use crate::command::trouble::shown;

/// Can every model and layout of the site be used?
pub(super) fn look(library: &Library) -> Check {
    if let Err(trouble) = library.check() {
        return super::of_trouble("models", &trouble);
    }
    let models = library.models.names().filter(|name| {
        let source = library.models.source(name);
        matches!(source, Some(Source::Site { .. }))
    });
    let (models, layouts) = (models.count(), library.site_layouts().count());
    let Some(folder) = library.folder().filter(|_| models + layouts > 0) else {
        return Check::ok("models", "内蔵のもの", "those inside the program");
    };
    let folder = shown(folder);
    Check::ok(
        "models",
        format!("内蔵のものと、{folder} の連携機種 {models}件・レイアウト {layouts}件"),
        format!("those inside the program, and in {folder}: {models} models, {layouts} layouts"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn a_file_that_cannot_be_used_is_told_with_its_line() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("models");
        std::fs::create_dir(&folder).expect("a folder");
        let open = Library::shipped()
            .models
            .source("open-cat")
            .expect("there")
            .text()
            .to_owned();
        std::fs::write(
            folder.join("own.toml"),
            open.replace("\"open-cat\"", "\"open-cat\" "),
        )
        .expect("written");
        let check = look(&Library::of_folder(Some(home.path())));
        assert_eq!(check.status, Status::Ok, "{check:?}");
        assert!(check.detail.en.contains("1 models"), "{check:?}");
        std::fs::write(
            folder.join("own.toml"),
            open.replace("status = true", "status = 1"),
        )
        .expect("written");
        let check = look(&Library::of_folder(Some(home.path())));
        assert_eq!(check.status, Status::Fail);
        assert!(check.detail.en.contains("own.toml, line"), "{check:?}");
        assert!(check.remedy.is_some());
    }
}
