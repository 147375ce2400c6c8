//! `completions`: what a shell needs to complete our command line.

use super::print;
use super::trouble::{Exit, Trouble};
use crate::cli;
use crate::domain::text::Language;

/// Write the completions of a shell.
pub fn run(shell: clap_complete::Shell, language: Language) -> Result<Exit, Trouble> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(language), "madoguchi", &mut script);
    print(&String::from_utf8_lossy(&script))
}
