//! The receipt computer of this counter: from the config to the threads that speak to it.

use std::path::Path;

use super::launch::{Launch, folder_of};
use super::trouble::Trouble;
use crate::app::message::orca::OrcaEvent;
use crate::app::settings::{Access, OrcaSetting, ReceiptComputer};
use crate::config::Config;
use crate::edge::link::Clock;
use crate::edge::orca::{OrcaHandle, Patience, Setup, spawn};

/// What the console is told of it. One that only looks on connects to none.
pub(super) fn setting(launch: &Launch, access: &Access) -> OrcaSetting {
    let practice = launch.plan.practice;
    let site = launch.config.orca.site(practice);
    let connected = site.filter(|_| *access == Access::Owner).map(|_| {
        if practice {
            ReceiptComputer::Simulated
        } else {
            ReceiptComputer::Real
        }
    });
    OrcaSetting {
        connected,
        tender_codes: launch.config.tender_codes.clone(),
        hide_names: launch.config.bill.hide_names,
        keep_name: launch.config.bill.keep_name,
    }
}

/// The threads, where the config names a receipt computer for this mode.
pub(super) fn connect(
    launch: &Launch,
    clock: &Clock,
    send: impl Fn(OrcaEvent) + Send + Sync + 'static,
) -> Result<Option<OrcaHandle>, Trouble> {
    let file = launch.config_file.as_deref();
    let asker = "mdg";
    let Some(setup) = setup(&launch.config, file, launch.plan.practice, clock, asker) else {
        return Ok(None);
    };
    let handle = spawn(setup, send).map_err(|error| Trouble::internal(&error.to_string()))?;
    Ok(Some(handle))
}

/// What a connection takes. `asker` tells the name we use without holding anybody from those of others: a look must not end a console's session.
pub(super) fn setup(
    config: &Config,
    config_file: Option<&Path>,
    practice: bool,
    clock: &Clock,
    asker: &str,
) -> Option<Setup> {
    let site = config.orca.site(practice)?;
    let code: String = config
        .terminal
        .code
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    Some(Setup {
        site: site.clone(),
        folder: config_file.map_or(Path::new("."), folder_of).to_owned(),
        karte_uid: format!("{asker}-{code}"),
        clock: clock.clone(),
        patience: Patience::default(),
    })
}
