//! The receipt computer: is it there, does it let us in, until when, and does it tell.

use std::path::Path;

use super::Check;
use crate::command::receipt_computer::setup;
use crate::config::Config;
use crate::config::orca::Site;
use crate::edge::link::system_clock;
use crate::edge::orca::{Look, Setup, look};
use crate::orca::answer::Failure;

/// A clock that is further off than this writes payments into another minute.
const CLOCK_OFF_S: i64 = 60;
/// A new certificate is asked for by post.
const DAYS_LEFT: i64 = 30;

/// Everything about the receipt computer of this mode; nothing where there is none.
pub(in crate::command) fn checks(
    config: &Config,
    config_file: Option<&Path>,
    practice: bool,
) -> Vec<Check> {
    let clock = system_clock(config.shop.utc_offset);
    // A name of its own: a look must not end what a console has open.
    if config.orca.simulates(practice) {
        return vec![Check::ok(
            "orca",
            "練習では、このプログラムの中の模擬の日レセを使います",
            "practice has the simulated receipt computer inside this program",
        )];
    }
    let Some(site) = config.orca.site(practice) else {
        return Vec::new();
    };
    let setup = setup(site.clone(), config, config_file, &clock, "mdg-look");
    let mut checks = of_look(&setup, &look(&setup));
    checks.extend(shared_password(&setup.site, config_file));
    checks
}

fn of_look(setup: &Setup, look: &Look) -> Vec<Check> {
    let site = &setup.site;
    let place = format!(
        "{}://{}",
        if site.url.tls { "https" } else { "http" },
        site.url.place()
    );
    let mut checks = vec![match &look.answer {
        Ok(seen) => {
            let more: Vec<&str> = [&seen.server, &seen.protocol]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect();
            let more = if more.is_empty() {
                String::new()
            } else {
                format!(" ({})", more.join(", "))
            };
            Check::ok(
                "orca",
                format!("{place}: 日レセが答えます{more}"),
                format!("{place}: the receipt computer answers{more}"),
            )
        }
        Err(failure) => failed(&place, failure),
    }];
    if let Some(until) = look.valid_until {
        let day = until.format("%Y-%m-%d");
        let left = until.signed_duration_since((setup.clock)().wall);
        let (ja, en) = (
            format!("クライアント証明書は {day} まで有効です"),
            format!("the client certificate is good until {day}"),
        );
        checks.push(if left.num_days() < DAYS_LEFT {
            Check::warn("orca_cert", ja, en).with_remedy(
                "期限までに新しい証明書を取り寄せ、設定のファイルを入れ替えてください",
                "get a new certificate before that day, and put it in the place of the file",
            )
        } else {
            Check::ok("orca_cert", ja, en)
        });
    }
    if let Ok(seen) = &look.answer
        && let Some(ahead) = seen.ahead_s
    {
        checks.push(clocks(ahead));
    }
    if let Some(push) = &look.push {
        checks.push(told(push));
    }
    checks
}

fn failed(place: &str, failure: &Failure) -> Check {
    let (ja, en, todo_ja, todo_en) = match failure {
        Failure::Unreachable(_) => (
            "日レセにつながりません",
            "the receipt computer cannot be reached",
            "日レセの電源、LAN、設定の url を確かめてください。つながらない間も会計はできます",
            "see to its power, the network, and url in the config; sales go on without it",
        ),
        Failure::Lost(_) => (
            "日レセの返事が途中で切れました",
            "no whole answer came",
            "日レセの混み具合とLANを確かめ、もう一度調べてください",
            "see whether it is busy, and to the network; then look again",
        ),
        Failure::Denied(_) => (
            "日レセに入れません",
            "the receipt computer does not let us in",
            "設定の user、パスワードか API キーのファイル、証明書を確かめてください。利用者は日レセの職員情報に登録します",
            "see to user, the file of the password or API key, and the certificate; the user is registered in the receipt computer",
        ),
        Failure::Certificate(_) => (
            "証明書が使えません",
            "a certificate is no good",
            "設定の client_certificate、そのパスワードのファイル、root_certificate と、このPCの時計を確かめてください",
            "see to client_certificate, the file of its password, root_certificate, and this machine's clock",
        ),
        Failure::Foreign(_) | Failure::Unreadable(_) => (
            "つなぎ先は日レセではないようです",
            "what answers is no receipt computer",
            "設定の url と kind(\"onprem\" か \"weborca\")を確かめてください",
            "see to url and kind (\"onprem\" or \"weborca\") in the config",
        ),
        Failure::Refused(_) => (
            "日レセが断りました",
            "the receipt computer says no",
            "下のコードを日レセのサポートに伝えてください",
            "tell the code below to the receipt computer's support",
        ),
    };
    let said = words(failure);
    Check::fail(
        "orca",
        format!("{place}: {ja}\n{said}"),
        format!("{place}: {en}\n{said}"),
    )
    .with_remedy(todo_ja, todo_en)
}

fn words(failure: &Failure) -> String {
    match failure {
        Failure::Unreachable(said)
        | Failure::Lost(said)
        | Failure::Denied(said)
        | Failure::Certificate(said)
        | Failure::Foreign(said)
        | Failure::Unreadable(said) => said.clone(),
        Failure::Refused(refusal) => format!("{} {}", refusal.code, refusal.message),
    }
}

fn clocks(ahead: i64) -> Check {
    if ahead.abs() <= CLOCK_OFF_S {
        return Check::ok(
            "orca_time",
            format!("日レセの時計との差は {} 秒です", ahead.abs()),
            format!("its clock and ours are {} s apart", ahead.abs()),
        );
    }
    Check::warn(
        "orca_time",
        format!("日レセの時計がこのPCと {} 秒ずれています", ahead.abs()),
        format!("its clock and ours are {} s apart", ahead.abs()),
    )
    .with_remedy(
        "両方の時計を合わせてください。入金の時刻が食い違います",
        "set both clocks: payments would be noted at different times",
    )
}

/// Without it bills are fetched on a key: no reason to fail.
fn told(push: &Result<(), Failure>) -> Check {
    match push {
        Ok(()) => Check::ok(
            "orca_push",
            "会計の通知 (PUSH) を受け取れます",
            "it tells of new bills by itself (PUSH)",
        ),
        Err(failure) => {
            let said = words(failure);
            Check::warn(
                "orca_push",
                format!("会計の通知 (PUSH) を受け取れません\n{said}"),
                format!("it cannot tell of new bills by itself (PUSH)\n{said}"),
            )
            .with_remedy(
                "設定の push と、日レセ側の通知の設定を確かめてください。通知がなくても一覧は手で更新できます",
                "see to push in the config and to the pusher there; the list can be fetched on a key meanwhile",
            )
        }
    }
}

/// A password in a config that everybody reads is known to everybody.
#[cfg(unix)]
fn shared_password(site: &Site, config_file: Option<&Path>) -> Option<Check> {
    use std::os::unix::fs::PermissionsExt as _;
    if !matches!(site.password, Some(crate::config::orca::Password::Here(_))) {
        return None;
    }
    let facts = std::fs::metadata(config_file?).ok()?;
    (facts.permissions().mode() & 0o077 != 0).then(|| {
        Check::warn(
            "orca_pass",
            "日レセのパスワードが、ほかの利用者も読める設定ファイルに書かれています",
            "the receipt computer's password stands in a config that other users may read",
        )
        .with_remedy(
            "password_file に移すか、設定ファイルを chmod 600 にしてください",
            "move it into a password_file, or run chmod 600 on the config",
        )
    })
}

/// Windows keeps the rights of the user's own folder.
#[cfg(not(unix))]
fn shared_password(_site: &Site, _config_file: Option<&Path>) -> Option<Check> {
    None
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;
    use crate::orca::answer::Refusal;

    #[test]
    fn every_failure_says_what_to_do() {
        let said = || "x".to_owned();
        for failure in [
            Failure::Unreachable(said()),
            Failure::Lost(said()),
            Failure::Denied(said()),
            Failure::Certificate(said()),
            Failure::Foreign(said()),
            Failure::Unreadable(said()),
            Failure::Refused(Refusal {
                code: said(),
                message: said(),
                session: None,
            }),
        ] {
            let check = failed("http://h:1", &failure);
            assert!(check.status == Status::Fail && check.remedy.is_some());
            assert!(told(&Err(failure)).remedy.is_some());
        }
    }

    #[test]
    fn a_clock_may_be_a_minute_off() {
        for (ahead, status) in [
            (0, Status::Ok),
            (-60, Status::Ok),
            (61, Status::Warn),
            (-3_600, Status::Warn),
        ] {
            assert_eq!(clocks(ahead).status, status, "{ahead}");
        }
    }
}
