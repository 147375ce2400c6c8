//! `man`: the manual page, from the definition of the command line.

use super::print;
use super::trouble::{Exit, Trouble};
use crate::cli;
use crate::domain::text::Language;

/// Write the manual page: the program, then each subcommand.
pub fn run(language: Language) -> Result<Exit, Trouble> {
    let page = page(language).map_err(|error| Trouble::output(&error))?;
    print(&String::from_utf8_lossy(&page))
}

fn page(language: Language) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let mut command = cli::command(language);
    // Help flags and global options reach the subcommands only when the definition is built.
    command.build();
    let man = clap_mangen::Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for sub in command.get_subcommands() {
        section(sub, &mut page)?;
        for inner in sub.get_subcommands() {
            section(inner, &mut page)?;
        }
    }
    man.render_extra_section(&mut page)?;
    man.render_version_section(&mut page)?;
    Ok(page)
}

/// A subcommand: its usage line as a heading, what it does, its options.
fn section(command: &clap::Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut command = command.clone();
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim();
    writeln!(page, ".SH \"{}\"", usage.replace('"', "'"))?;
    if let Some(about) = command.get_about() {
        writeln!(page, "{about}")?;
    }
    let own = command.clone().mut_args(|arg| {
        let inherited = arg.is_global_set() || arg.get_id() == "help";
        arg.hide(inherited)
    });
    let mut options = Vec::new();
    clap_mangen::Man::new(own).render_options_section(&mut options)?;
    // The heading of the options would break the section in two.
    let text = String::from_utf8_lossy(&options);
    let body: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with(".SH"))
        .collect();
    writeln!(page, "{}", body.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_tells_options_subcommands_and_exit_codes() {
        for language in [Language::Ja, Language::En] {
            let page = String::from_utf8(page(language).expect("a page")).expect("text");
            for word in ["data", "doctor", "config check", "completions", "70"] {
                assert!(page.contains(word), "{word}: {page}");
            }
        }
    }
}
