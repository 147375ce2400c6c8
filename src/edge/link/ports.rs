//! The serial ports of this machine: what the system lists, names that stay, who has them open, and the way back to an adapter that got
//! another number.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::app::message::link_setup::{FoundPort, PortUse, UsbFacts};
use crate::cat::Break;
use crate::config::port::PortAddress;
use crate::domain::ledger::CatId;
use crate::domain::text::strip_unsafe;

use super::transport::OpenError;

/// Where Linux keeps names that stay.
const STABLE: &str = "/dev/serial/by-id";
/// The most ports that are listed; a machine with more is no counter.
const PORTS_MAX: usize = 64;
/// The most characters of what an adapter says of itself.
const TITLE_MAX: usize = 60;

/// The ports of this machine, and whose they are.
pub(super) fn find(cats: &BTreeMap<CatId, PortAddress>) -> Vec<FoundPort> {
    let mut ports = listed();
    for port in &mut ports {
        let real = real(&port.path);
        port.used_by = cats
            .iter()
            .find(|(_, address)| is_at(address, &real))
            .map(|(cat, _)| PortUse::Cat(*cat))
            .or_else(|| owner_of(&real).map(PortUse::Program))
            .unwrap_or_default();
    }
    ports
}

/// True where a CAT port is this device, under whatever name.
fn is_at(address: &PortAddress, device: &Path) -> bool {
    matches!(address, PortAddress::Serial(path) if real(path) == device)
}

/// True where a terminal is set to this port, under whatever name.
pub(super) fn belongs_to_a_terminal(path: &str, cats: &BTreeMap<CatId, PortAddress>) -> bool {
    cats.values().any(|address| is_at(address, &real(path)))
}

/// What a name leads to; the name itself where it leads nowhere.
fn real(path: &str) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| PathBuf::from(path))
}

/// What the system lists. A system that refuses lists nothing: the ports of the terminals are tried all the same.
fn listed() -> Vec<FoundPort> {
    let names = stable_names(Path::new(STABLE));
    let mut found: Vec<FoundPort> = serialport::available_ports()
        .unwrap_or_default()
        .into_iter()
        .take(PORTS_MAX)
        .map(|info| FoundPort {
            stable: names.get(&real(&info.port_name)).cloned(),
            usb: usb_of(info.port_type),
            path: info.port_name,
            used_by: PortUse::Free,
        })
        .collect();
    // Adapters first: a card terminal is hardly ever at one of the sixteen ports that a board claims to have.
    found.sort_by(|a, b| (a.usb.is_none(), &a.path).cmp(&(b.usb.is_none(), &b.path)));
    found
}

fn usb_of(kind: serialport::SerialPortType) -> Option<UsbFacts> {
    let serialport::SerialPortType::UsbPort(usb) = kind else {
        return None;
    };
    let words = [usb.manufacturer, usb.product];
    let title: Vec<String> = words.into_iter().flatten().map(|w| said(&w)).collect();
    Some(UsbFacts {
        vendor: usb.vid,
        product: usb.pid,
        serial: usb.serial_number.map(|serial| said(&serial)),
        interface: usb.interface,
        title: title.join(" "),
    })
}

/// What a device says of itself reaches the screen: nothing in it may.
fn said(word: &str) -> String {
    let clean = strip_unsafe(word.trim());
    clean.chars().take(TITLE_MAX).collect()
}

/// Names that stay, by what they lead to.
fn stable_names(folder: &Path) -> BTreeMap<PathBuf, String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .take(PORTS_MAX)
        .filter_map(|entry| {
            let name = entry.path();
            let device = std::fs::canonicalize(&name).ok()?;
            let name = name.to_str()?.to_owned();
            // A name that could not be shown as it is could not be typed either.
            (strip_unsafe(&name) == name).then_some((device, name))
        })
        .collect()
}

/// The program that has a device open, where this user may know.
#[cfg(target_os = "linux")]
fn owner_of(device: &Path) -> Option<String> {
    let own = std::process::id();
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    for process in processes {
        let name = process.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let Ok(open) = std::fs::read_dir(process.path().join("fd")) else {
            continue;
        };
        let has = open
            .flatten()
            .any(|one| std::fs::read_link(one.path()).is_ok_and(|target| target == device));
        if has && pid != own {
            let comm = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(format!("{} (pid {pid})", said(&comm)));
        }
    }
    None
}

/// Other systems do not tell.
#[cfg(not(target_os = "linux"))]
fn owner_of(_: &Path) -> Option<String> {
    None
}

/// How the ports are listed.
type Lister = Box<dyn Fn() -> Vec<FoundPort> + Send>;

/// The way to one serial port, which may change its name but never its device.
pub(super) struct Socket {
    path: String,
    /// The adapter that was there when the line was first opened.
    known: Option<UsbFacts>,
    list: Lister,
}

impl Socket {
    pub(super) fn new(path: String) -> Socket {
        Socket::with(path, Box::new(listed))
    }

    fn with(path: String, list: Lister) -> Socket {
        Socket {
            path,
            known: None,
            list,
        }
    }

    /// Where the port is now. An adapter with a number of its own is followed; another device that took its name is refused.
    pub(super) fn locate(&self) -> Result<String, OpenError> {
        let Some(known) = &self.known else {
            return Ok(self.path.clone());
        };
        let ports = (self.list)();
        let here = self.adapter_at(&ports, &self.path);
        if here.as_ref() == Some(known) {
            return Ok(self.path.clone());
        }
        if known.serial.is_some() {
            let mut same = ports.iter().filter(|port| port.usb.as_ref() == Some(known));
            if let (Some(port), None) = (same.next(), same.next()) {
                return Ok(port.path.clone());
            }
        }
        match here {
            Some(other) => Err(OpenError::new(
                Break::NotACat,
                format!(
                    "{}: another device is here now ({:04x}:{:04x} {}); plug the terminal's adapter in again, or correct the port in the config",
                    self.path, other.vendor, other.product, other.title
                ),
            )),
            None => Ok(self.path.clone()),
        }
    }

    /// The line was opened at this path: its adapter is the one that is followed.
    pub(super) fn opened_at(&mut self, path: &str) {
        if self.known.is_none() {
            self.known = self.adapter_at(&(self.list)(), path);
        }
    }

    fn adapter_at(&self, ports: &[FoundPort], path: &str) -> Option<UsbFacts> {
        let device = real(path);
        let port = ports.iter().find(|port| real(&port.path) == device)?;
        port.usb.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    fn adapter(serial: Option<&str>) -> UsbFacts {
        UsbFacts {
            vendor: 0x0403,
            product: 0x6001,
            serial: serial.map(str::to_owned),
            interface: None,
            title: "FTDI FT232R".into(),
        }
    }

    fn port(path: &str, usb: Option<UsbFacts>) -> FoundPort {
        FoundPort {
            path: path.into(),
            usb,
            ..FoundPort::default()
        }
    }

    /// A socket on a machine whose ports can be changed.
    fn socket(ports: Vec<FoundPort>) -> (Socket, Arc<Mutex<Vec<FoundPort>>>) {
        let machine = Arc::new(Mutex::new(ports));
        let seen = Arc::clone(&machine);
        let list = Box::new(move || seen.lock().expect("the machine").clone());
        let mut socket = Socket::with("/dev/ttyUSB0".into(), list);
        let path = socket.locate().expect("nothing is known yet");
        assert_eq!(path, "/dev/ttyUSB0");
        socket.opened_at(&path);
        (socket, machine)
    }

    #[test]
    fn an_adapter_with_a_number_of_its_own_is_followed() {
        let ours = || Some(adapter(Some("A50285BI")));
        let (socket, machine) = socket(vec![port("/dev/ttyUSB0", ours())]);
        *machine.lock().expect("the machine") = vec![port("/dev/ttyUSB1", ours())];
        assert_eq!(socket.locate().expect("found"), "/dev/ttyUSB1");
        // Even where another took its name.
        let stranger = Some(adapter(Some("OTHER")));
        *machine.lock().expect("the machine") =
            vec![port("/dev/ttyUSB0", stranger), port("/dev/ttyUSB1", ours())];
        assert_eq!(socket.locate().expect("found"), "/dev/ttyUSB1");
        *machine.lock().expect("the machine") = vec![port("/dev/ttyUSB0", ours())];
        assert_eq!(socket.locate().expect("back again"), "/dev/ttyUSB0");
    }

    #[test]
    fn another_device_under_the_same_name_is_refused() {
        let ours = Some(adapter(Some("A50285BI")));
        let (socket, machine) = socket(vec![port("/dev/ttyUSB0", ours)]);
        for stranger in [adapter(Some("OTHER")), adapter(None)] {
            *machine.lock().expect("the machine") = vec![port("/dev/ttyUSB0", Some(stranger))];
            let refused = socket.locate().expect_err("another device");
            assert_eq!(refused.cause, Break::NotACat);
            assert!(refused.detail.contains("another device"), "{refused}");
        }
    }

    #[test]
    fn an_adapter_without_a_number_is_never_guessed_at() {
        let (socket, machine) = socket(vec![port("/dev/ttyUSB0", Some(adapter(None)))]);
        *machine.lock().expect("the machine") = vec![port("/dev/ttyUSB1", Some(adapter(None)))];
        assert_eq!(socket.locate().expect("its name"), "/dev/ttyUSB0");
    }

    #[test]
    fn twins_are_not_told_apart_by_chance() {
        let ours = || Some(adapter(Some("0001")));
        let (socket, machine) = socket(vec![port("/dev/ttyUSB0", ours())]);
        *machine.lock().expect("the machine") =
            vec![port("/dev/ttyUSB1", ours()), port("/dev/ttyUSB2", ours())];
        assert_eq!(socket.locate().expect("its name"), "/dev/ttyUSB0");
    }

    #[test]
    fn a_port_that_is_no_adapter_keeps_its_name() {
        let (socket, machine) = socket(vec![port("/dev/ttyUSB0", None)]);
        *machine.lock().expect("the machine") = vec![];
        assert_eq!(socket.locate().expect("its name"), "/dev/ttyUSB0");
    }

    #[cfg(unix)]
    #[test]
    fn names_that_stay_lead_to_their_device() {
        let folder = tempfile::tempdir().expect("a folder");
        let device = folder.path().join("ttyUSB3");
        std::fs::write(&device, "").expect("a device");
        let names = folder.path().join("by-id");
        std::fs::create_dir(&names).expect("a folder");
        let name = names.join("usb-FTDI_FT232R_A50285BI-if00-port0");
        std::os::unix::fs::symlink("../ttyUSB3", &name).expect("a link");
        std::os::unix::fs::symlink("../gone", names.join("usb-gone")).expect("a link");
        let found = stable_names(&names);
        let device = std::fs::canonicalize(&device).expect("its path");
        assert_eq!(found.len(), 1);
        assert_eq!(found[&device], name.to_str().expect("UTF-8"));
        let address = PortAddress::Serial(name.to_str().expect("UTF-8").into());
        let cats = BTreeMap::from([(CatId::Cat1, address)]);
        assert!(belongs_to_a_terminal(
            device.to_str().expect("UTF-8"),
            &cats
        ));
        assert!(!belongs_to_a_terminal("/dev/ttyUSB4", &cats));
    }

    #[test]
    fn what_a_device_says_of_itself_cannot_reach_the_screen_as_a_command() {
        assert_eq!(said(" FT\u{1b}[2J232\u{202e} "), "FT[2J232");
        assert_eq!(said(&"x".repeat(500)).len(), TITLE_MAX);
    }
}
