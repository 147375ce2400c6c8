//! `madoguchi orca`: what has to do with the receipt computer.

mod http;
pub(super) mod inside;
pub mod probe;
mod push;
pub mod simulate;

use probe::OrcaProbeArgs;
use simulate::OrcaSimulateArgs;

/// `orca`.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum OrcaCommand {
    /// Play a receipt computer with the patients of a made-up day, as a process of its own
    Simulate(OrcaSimulateArgs),
    /// Ask the receipt computer of the config whether it is there, and find out what is wrong where it does not answer; nothing is changed
    Probe(OrcaProbeArgs),
}
