//! `madoguchi orca`: what has to do with the receipt computer.

mod http;
mod push;
pub mod simulate;

use simulate::OrcaSimulateArgs;

/// `orca`.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum OrcaCommand {
    /// Play a receipt computer with the patients of a made-up day, as a process of its own
    Simulate(OrcaSimulateArgs),
}
