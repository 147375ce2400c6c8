//! Practice or live, and what stands at CAT1 and CAT2: one pure table over the config and the command line.

use super::port::PortAddress;
use super::{CatPort, DEFAULT_MODEL, TerminalMaster};
use crate::cat::model::{Models, SerialSettings};

/// How the console was started. `--port` and `--model` already lie over the terminal master.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// A config file was read; otherwise the master is the shipped sample's.
    pub config_present: bool,
    /// `--port` was given.
    pub port_given: bool,
    /// `--practice` was given.
    pub practice: bool,
}

/// What the console opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Practice books and practice marks, or the live ones.
    pub practice: bool,
    /// CAT1.
    pub cat1: Option<LinkPlan>,
    /// CAT2.
    pub cat2: Option<LinkPlan>,
}

/// What stands at a CAT port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkPlan {
    /// The simulated terminal in this process; no real port is touched.
    Simulator {
        /// 連携機種 it plays.
        model: String,
    },
    /// A terminal at a port.
    Port {
        /// Where.
        address: PortAddress,
        /// 連携機種.
        model: String,
        /// The line, for serial ports.
        serial: SerialSettings,
        /// Every request carries the training flag.
        training: bool,
    },
}

/// Why there is nothing to open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Practice at a real port needs a training mode in the terminal, or money would move.
    #[error("practice at {address}: {model} has no training mode, so it would charge")]
    NoTrainingMode {
        /// Where.
        address: PortAddress,
        /// 連携機種.
        model: String,
    },
    /// `--port` against CAT連動 0.
    #[error("--port {address} was given, but the terminal master says cat_link = 0")]
    LinkSwitchedOff {
        /// Where.
        address: PortAddress,
    },
}

/// The table.
///
/// | config | `--port` | practice asked (`--practice`, or mode 1) | opens |
/// |---|---|---|---|
/// | no  | no  | either | practice, simulated terminal |
/// | no  | yes | no  | live, that port |
/// | yes | no  | no  | live, the ports of the terminal master |
/// | yes | yes | no  | live, that port as CAT1 |
/// | either | no  | yes | practice, simulated terminals |
/// | either | yes | yes | practice, that port in training mode, or a refusal |
///
/// CAT連動 0 opens no terminal, and refuses `--port`.
pub fn plan(start: Start, terminal: &TerminalMaster, models: &Models) -> Result<Plan, Refusal> {
    let practice = start.practice
        || if start.config_present {
            terminal.practice
        } else {
            !start.port_given
        };
    let linked = !start.config_present || terminal.cat_link.is_on();
    if !linked {
        return match &terminal.cat1 {
            Some(port) if start.port_given => Err(Refusal::LinkSwitchedOff {
                address: port.address.clone(),
            }),
            Some(_) | None => Ok(Plan {
                practice,
                cat1: None,
                cat2: None,
            }),
        };
    }
    let simulated = |port: &CatPort| LinkPlan::Simulator {
        model: port.model.clone(),
    };
    let real = |port: &CatPort| real(port, practice, models);
    let (cat1, cat2) = match (practice, start.port_given) {
        (true, false) => {
            let cat1 = terminal.cat1.as_ref().map(simulated);
            let cat2 = terminal.cat2.as_ref().map(simulated);
            let alone = cat1.is_none() && cat2.is_none();
            let stand_in = alone.then(|| LinkPlan::Simulator {
                model: DEFAULT_MODEL.to_owned(),
            });
            (cat1.or(stand_in), cat2)
        }
        // Only the port that was named is opened in practice; the other one of the master stays untouched.
        (true, true) => (
            terminal.cat1.as_ref().map(real).transpose()?,
            terminal.cat2.as_ref().map(simulated),
        ),
        (false, _) => (
            terminal.cat1.as_ref().map(real).transpose()?,
            terminal.cat2.as_ref().map(real).transpose()?,
        ),
    };
    Ok(Plan {
        practice,
        cat1,
        cat2,
    })
}

fn real(port: &CatPort, training: bool, models: &Models) -> Result<LinkPlan, Refusal> {
    let model = models.get(&port.model);
    if training && !model.is_some_and(|model| model.capabilities.training_mode) {
        return Err(Refusal::NoTrainingMode {
            address: port.address.clone(),
            model: port.model.clone(),
        });
    }
    let defaults = model.map(|model| model.serial).unwrap_or_default();
    Ok(LinkPlan::Port {
        address: port.address.clone(),
        model: port.model.clone(),
        serial: port.line.over(defaults),
        training,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LineSettings;
    use crate::domain::master::Switch;

    const CONFIG_PORT: &str = "/dev/ttyS0";
    const GIVEN_PORT: &str = "tcp://127.0.0.1:9005";

    fn port(address: &str, model: &str) -> CatPort {
        CatPort {
            address: address.parse().expect("an address"),
            model: model.into(),
            line: LineSettings::default(),
            undo_link: Switch::Off,
            daily_log_at: None,
        }
    }

    /// One word a terminal: `sim`, `live ADDRESS`, `training ADDRESS`, `-`.
    fn word(link: Option<&LinkPlan>) -> String {
        match link {
            None => "-".into(),
            Some(LinkPlan::Simulator { .. }) => "sim".into(),
            Some(LinkPlan::Port {
                address, training, ..
            }) => format!("{} {address}", if *training { "training" } else { "live" }),
        }
    }

    fn outcome(start: Start, terminal: &TerminalMaster) -> String {
        match plan(start, terminal, &Models::shipped()) {
            Ok(plan) => format!(
                "{} {}",
                if plan.practice { "practice:" } else { "live:" },
                word(plan.cat1.as_ref())
            ),
            Err(refusal) => format!("{refusal:?}")
                .split(' ')
                .next()
                .unwrap_or("")
                .into(),
        }
    }

    #[test]
    fn every_way_to_start_opens_what_the_table_says() {
        let at_config = format!("live: live {CONFIG_PORT}");
        let at_given = format!("live: live {GIVEN_PORT}");
        let trains = format!("practice: training {GIVEN_PORT}");
        let sim = "practice: sim".to_owned();
        let none = "live: -".to_owned();
        let none_practice = "practice: -".to_owned();
        let off = "LinkSwitchedOff".to_owned();
        // config, --port, --practice, mode 1, CAT連動
        for (config, given, practice, mode, cat_link, expected) in [
            (false, false, false, false, true, &sim),
            (false, false, true, false, true, &sim),
            (false, true, false, false, true, &at_given),
            (false, true, true, false, true, &trains),
            (true, false, false, false, true, &at_config),
            (true, false, true, false, true, &sim),
            (true, false, false, true, true, &sim),
            (true, true, false, false, true, &at_given),
            (true, true, true, false, true, &trains),
            (true, true, false, true, true, &trains),
            (true, false, false, false, false, &none),
            (true, false, true, false, false, &none_practice),
            (true, true, false, false, false, &off),
            (true, true, true, false, false, &off),
            // The sample's own switches say nothing where there is no config.
            (false, false, false, true, false, &sim),
            (false, true, false, true, false, &at_given),
        ] {
            let terminal = TerminalMaster {
                code: "01".into(),
                cat_link: if cat_link { Switch::On } else { Switch::Off },
                practice: mode,
                cat1: Some(port(
                    if given { GIVEN_PORT } else { CONFIG_PORT },
                    "open-cat",
                )),
                cat2: None,
            };
            let start = Start {
                config_present: config,
                port_given: given,
                practice,
            };
            assert_eq!(
                &outcome(start, &terminal),
                expected,
                "{start:?} mode {mode} link {cat_link}"
            );
        }
    }

    #[test]
    fn a_terminal_that_cannot_train_is_never_practised_on() {
        let terminal = TerminalMaster {
            code: "01".into(),
            cat_link: Switch::On,
            practice: false,
            cat1: Some(port(GIVEN_PORT, "j-mups")),
            cat2: Some(port(CONFIG_PORT, "open-cat")),
        };
        let start = Start {
            config_present: true,
            port_given: true,
            practice: true,
        };
        assert_eq!(outcome(start, &terminal), "NoTrainingMode");
        let models = Models::shipped();
        let untrained = models.names().filter(|name| {
            let model = models.get(name);
            !model.is_some_and(|model| model.capabilities.training_mode)
        });
        for name in untrained {
            let terminal = TerminalMaster {
                cat1: Some(port(GIVEN_PORT, name)),
                ..terminal.clone()
            };
            assert_eq!(outcome(start, &terminal), "NoTrainingMode", "{name}");
        }
        let trains = TerminalMaster {
            cat1: Some(port(GIVEN_PORT, "open-cat")),
            ..terminal
        };
        let plan = plan(start, &trains, &Models::shipped()).expect("it trains");
        assert_eq!(
            word(plan.cat2.as_ref()),
            "sim",
            "the other port stays untouched"
        );
    }

    #[test]
    fn practice_without_a_port_never_names_a_real_one() {
        for (cat1, cat2) in [
            (None, None),
            (None, Some(port(CONFIG_PORT, "j-mups"))),
            (
                Some(port(CONFIG_PORT, "jt-c60")),
                Some(port("COM3", "j-mups")),
            ),
        ] {
            let terminal = TerminalMaster {
                code: "01".into(),
                cat_link: Switch::On,
                practice: true,
                cat1,
                cat2,
            };
            let start = Start {
                config_present: true,
                port_given: false,
                practice: false,
            };
            let plan = plan(start, &terminal, &Models::shipped()).expect("it opens");
            let all = [plan.cat1, plan.cat2];
            let mut links = all.iter().flatten().peekable();
            assert!(links.peek().is_some());
            assert!(links.all(|link| matches!(link, LinkPlan::Simulator { .. })));
        }
    }
}
