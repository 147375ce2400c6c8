//! The receipt computer of this counter: from the config to the threads that speak to it.

use std::path::Path;

use super::launch::{Launch, folder_of};
use super::orca::inside;
use super::trouble::Trouble;
use crate::app::message::orca::OrcaEvent;
use crate::app::settings::{Access, OrcaSetting, ReceiptComputer};
use crate::config::Config;
use crate::config::orca::Site;
use crate::edge::link::Clock;
use crate::edge::orca::{OrcaHandle, Patience, Setup, spawn};

/// What the console is told of it. One that only looks on connects to none.
pub(super) fn setting(launch: &Launch, access: &Access) -> OrcaSetting {
    let practice = launch.plan.practice;
    let orca = &launch.config.orca;
    let there = orca.site(practice).is_some() || orca.simulates(practice);
    let connected = (there && *access == Access::Owner).then_some(if practice {
        ReceiptComputer::Simulated
    } else {
        ReceiptComputer::Real
    });
    OrcaSetting {
        connected,
        tender_codes: launch.config.tender_codes.clone(),
        print_receipt: launch.config.print_receipt,
        hide_names: launch.config.bill.hide_names,
        keep_name: launch.config.bill.keep_name,
    }
}

/// The file of what was paid at the receipt computer inside practice mode.
const PRACTICE_BOOKS: &str = "practice-orca.jsonl";

/// The threads, where this mode has a receipt computer: the one that the config names, or the one inside.
pub(super) fn connect(
    launch: &Launch,
    clock: &Clock,
    send: impl Fn(OrcaEvent) + Send + Sync + 'static,
) -> Result<Option<OrcaHandle>, Trouble> {
    let (config, practice) = (&launch.config, launch.plan.practice);
    let site = if config.orca.simulates(practice) {
        let codes = config.tender_codes.values().map(String::as_str);
        let started = inside::start(&launch.data_dir.join(PRACTICE_BOOKS), codes);
        Some(started.map_err(|error| Trouble::internal(&error.to_string()))?)
    } else {
        config.orca.site(practice).cloned()
    };
    let Some(site) = site else {
        return Ok(None);
    };
    let setup = setup(site, config, launch.config_file.as_deref(), clock, "mdg");
    let handle = spawn(setup, send).map_err(|error| Trouble::internal(&error.to_string()))?;
    Ok(Some(handle))
}

/// What a connection takes. `asker` tells the name we use without holding anybody from those of others: a look must not end a console's session.
pub(super) fn setup(
    site: Site,
    config: &Config,
    config_file: Option<&Path>,
    clock: &Clock,
    asker: &str,
) -> Setup {
    let code: String = config
        .terminal
        .code
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    Setup {
        site,
        folder: config_file.map_or(Path::new("."), folder_of).to_owned(),
        karte_uid: format!("{asker}-{code}"),
        clock: clock.clone(),
        patience: Patience::default(),
    }
}
