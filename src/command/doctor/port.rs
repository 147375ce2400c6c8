//! The terminal: its model, and the port it is at.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::time::Duration;

use super::Check;
use crate::command::library::Library;
use crate::config::mode::LinkPlan;
use crate::config::port::PortAddress;
use crate::edge::os::machine::{SerialLook, look_at_serial};

/// How long a terminal on the LAN may take to answer a call.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// A host with more addresses than this is no card terminal.
const ADDRESSES_MAX: usize = 4;

/// Is the model known, and can it transmit?
pub(super) fn model(link: &LinkPlan, library: &Library) -> Check {
    let (LinkPlan::Simulator { model: name } | LinkPlan::Port { model: name, .. }) = link;
    let Some(model) = library.model(name) else {
        return Check::fail(
            "model",
            format!("連携機種「{name}」はありません"),
            format!("there is no terminal model `{name}`"),
        )
        .with_remedy(
            "設定の model を madoguchi config check で確かめてください",
            "check the config's model with `madoguchi config check`",
        );
    };
    match (&model.layout, &model.note) {
        (Some(layout), _) => {
            let said = format!("{name} ({layout})");
            Check::ok("model", said.clone(), said)
        }
        (None, Some(note)) => Check::warn(
            "model",
            format!("{name}: 電文の定義がないため、連動できません"),
            format!("{name}: has no message layout, so it cannot be linked"),
        )
        .with_remedy(note.ja.clone(), note.en.clone()),
        (None, None) => Check::warn(
            "model",
            format!("{name}: 電文の定義がないため、連動できません"),
            format!("{name}: has no message layout, so it cannot be linked"),
        )
        .with_remedy(
            "端末は手動で操作してください",
            "operate the terminal by hand",
        ),
    }
}

/// Can the port be reached?
pub(super) fn look(link: &LinkPlan) -> Check {
    match link {
        LinkPlan::Simulator { model } => Check::ok(
            "port",
            format!("練習: 内蔵の模擬端末 ({model})。本物のポートには触れません"),
            format!("practice: simulated terminal inside ({model}); no real port is touched"),
        ),
        LinkPlan::Port { address, .. } => match address {
            PortAddress::Serial(path) => serial(path, &look_at_serial(Path::new(path))),
            PortAddress::Tcp { host, port } => lan(host, *port),
        },
    }
}

/// A terminal takes one connection: while a console is open its port is not touched.
pub(super) fn left_alone(link: &LinkPlan) -> Check {
    match link {
        LinkPlan::Simulator { .. } => look(link),
        LinkPlan::Port { address, .. } => Check::warn(
            "port",
            format!("{address}: 窓口の画面が開いているため、触れずにおきます"),
            format!("{address}: left alone, because a console is open"),
        )
        .with_remedy(
            "つながっているかは、その画面の CAT 欄に出ています。調べるには画面を閉じてください",
            "its CAT pane says whether it is linked; close the console to examine the port",
        ),
    }
}

fn serial(path: &str, look: &SerialLook) -> Check {
    match look {
        SerialLook::Ready => Check::ok("port", path, path),
        SerialLook::Missing => Check::fail(
            "port",
            format!("{path}: ポートがありません"),
            format!("{path}: there is no such port"),
        )
        .with_remedy(
            "端末のケーブルと電源を確かめ、ポートの名前を設定の [terminal.cat1] に書いてください",
            "check the terminal's cable and power, and write the port's name into [terminal.cat1] of the config",
        ),
        SerialLook::NotASerialPort => Check::fail(
            "port",
            format!("{path}: シリアルポートではありません(プリンターかファイルのようです)"),
            format!("{path}: not a serial port (it may be a printer or a file)"),
        )
        .with_remedy(
            "決済端末のつながっているポートを指定してください。例: /dev/ttyUSB0",
            "name the port that the card terminal is at, such as /dev/ttyUSB0",
        ),
        SerialLook::NoPermission => Check::fail(
            "port",
            format!("{path}: 開く権限がありません"),
            format!("{path}: this user may not open it"),
        )
        .with_remedy(
            "利用者を dialout グループに入れ、ログインし直してください: sudo usermod -aG dialout 利用者名",
            "add the user to the dialout group and log in again: sudo usermod -aG dialout USER",
        ),
        SerialLook::Taken => Check::fail(
            "port",
            format!("{path}: ほかのプログラムが使っています"),
            format!("{path}: another program has it"),
        )
        .with_remedy(
            "ほかの madoguchi や端末ソフトを閉じてから、もう一度調べてください",
            "close the other madoguchi or terminal program, then look again",
        ),
        SerialLook::Other(said) => Check::fail(
            "port",
            format!("{path}: 開けません ({said})"),
            format!("{path}: cannot be opened ({said})"),
        )
        .with_remedy(
            "ケーブルを差し直し、それでも開けないときはサポートへ連絡してください",
            "plug the cable in again; if it still cannot be opened, call support",
        ),
    }
}

fn lan(host: &str, port: u16) -> Check {
    let address = format!("{host}:{port}");
    let reached = (host, port).to_socket_addrs().and_then(|addresses| {
        let mut last = std::io::Error::other("the name has no address");
        for address in addresses.take(ADDRESSES_MAX) {
            match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
                Ok(_) => return Ok(()),
                Err(error) => last = error,
            }
        }
        Err(last)
    });
    match reached {
        Ok(()) => Check::ok(
            "port",
            format!("{address}: つながります"),
            format!("{address}: can be reached"),
        ),
        Err(error) => Check::fail(
            "port",
            format!("{address}: つながりません ({error})"),
            format!("{address}: cannot be reached ({error})"),
        )
        .with_remedy(
            "端末の電源・LANケーブル・IPアドレスと、端末がPOS連動中であることを確かめてください",
            "check the terminal's power, LAN cable and address, and that it is linked (POS連動中)",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn every_look_at_a_serial_port_but_ready_fails_with_a_remedy() {
        assert_eq!(serial("COM3", &SerialLook::Ready).status, Status::Ok);
        for look in [
            SerialLook::Missing,
            SerialLook::NotASerialPort,
            SerialLook::NoPermission,
            SerialLook::Taken,
            SerialLook::Other("x".into()),
        ] {
            let check = serial("COM3", &look);
            assert!(
                check.status == Status::Fail && check.remedy.is_some(),
                "{look:?}"
            );
        }
    }

    #[test]
    fn a_terminal_on_the_lan_is_called() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        assert_eq!(lan("127.0.0.1", port).status, Status::Ok);
        drop(listener);
        assert_eq!(lan("127.0.0.1", port).status, Status::Fail);
    }

    #[test]
    fn a_model_without_a_layout_is_told_before_anyone_waits_for_it() {
        let library = Library::shipped();
        let link = |model: &str| LinkPlan::Simulator {
            model: model.into(),
        };
        assert_eq!(model(&link("open-cat"), &library).status, Status::Ok);
        assert_eq!(model(&link("jt-c60"), &library).status, Status::Warn);
        assert_eq!(model(&link("none"), &library).status, Status::Fail);
    }
}
