//! `madoguchi orca probe`: asks the receipt computer for nothing but whether it is there.

use crate::cli::{DoctorFormat, PlaceArgs, StartArgs};
use crate::command::doctor::{receipt_computer, report};
use crate::command::launch::Surroundings;
use crate::command::trouble::{Exit, Trouble};
use crate::domain::text::Bilingual;

/// `orca probe`.
#[derive(Debug, Clone, clap::Args)]
pub struct OrcaProbeArgs {
    /// The one for practice instead of the clinic's own
    #[arg(long)]
    pub practice: bool,
    /// Form of the answer
    #[arg(
        long,
        value_name = "text|json",
        hide_possible_values = true,
        default_value = "text"
    )]
    pub format: DoctorFormat,
}

/// Look; exit code 1 where it does not answer.
///
/// # Errors
///
/// A config that cannot be used, or names no receipt computer.
pub fn run(
    arguments: &OrcaProbeArgs,
    place: &PlaceArgs,
    surroundings: &Surroundings,
) -> Result<Exit, Trouble> {
    let (config, file) = surroundings.config(place, &StartArgs::default())?;
    let practice = arguments.practice || config.terminal.practice;
    let checks = receipt_computer::checks(&config, file.as_deref(), practice);
    if checks.is_empty() {
        return Err(nobody(practice));
    }
    report(&checks, arguments.format, surroundings.language_of(&config))
}

fn nobody(practice: bool) -> Trouble {
    let section = if practice {
        "[orca.practice]"
    } else {
        "[orca]"
    };
    Trouble::new(
        Exit::Config,
        Bilingual::new(
            "日レセのつなぎ先が設定されていません。",
            "no receipt computer is named in the config.",
        ),
        Bilingual::new(
            format!("設定ファイルに {section} がありません。"),
            format!("there is no {section} in it."),
        ),
        Bilingual::new(
            "見本 (madoguchi config print) のとおりに url と kind を書いてください。",
            "write url and kind as the sample (madoguchi config print) shows.",
        ),
    )
}
