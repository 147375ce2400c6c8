//! The simulated receipt computer inside practice mode: the patients of a made-up day for whoever is trained, with nothing to start beside the console.

use std::path::Path;

use chrono::Datelike as _;

use super::simulate::{kept, now, open_books, serve_inside};
use crate::config::orca::{Kind, Site, Url};
use crate::orca::simulator::Simulator;
use crate::orca::simulator::scene::Scene;
use crate::orca::simulator::script::Script;

/// Who comes in a day.
const PATIENTS: usize = 12;
/// So many 伝票番号 a day, and after so many days they begin anew: what was left untold yesterday is no bill of today's.
const NUMBERS: u32 = 1_000;
const DAYS: u32 = 9_000;

/// Start one, and say where it is. `books` is the file of what was paid there, so that the next start of the same day knows of it; `codes` are those of
/// 入金方法 that the site has.
pub(in crate::command) fn start<'c>(
    books: &Path,
    codes: impl Iterator<Item = &'c str>,
) -> anyhow::Result<Site> {
    let now = now();
    let day = now.date_naive().num_days_from_ce().unsigned_abs();
    let mut scene = Scene::of_day(u64::from(day), now, PATIENTS);
    scene.renumber(day % DAYS * NUMBERS);
    for code in codes {
        if scene.tenders.iter().all(|(known, _)| known != code) {
            scene.tenders.push((code.to_owned(), "その他".to_owned()));
        }
    }
    let mut simulator = Simulator::new(scene, Script::default(), u64::from(day));
    // Practice opens whatever became of that file.
    simulator.take_up(now, &kept(books).unwrap_or_default());
    let inside = serve_inside(simulator, open_books(books).ok())?;
    let url = |port, path: &str| Url {
        tls: false,
        host: inside.api.ip().to_string(),
        port,
        path: path.to_owned(),
    };
    Ok(Site {
        kind: Kind::OnPrem,
        url: url(inside.api.port(), "/"),
        user: None,
        password: None,
        client_certificate: None,
        client_certificate_password_file: None,
        root_certificate: None,
        connect_seconds: 5,
        read_seconds: 30,
        push: Some(url(inside.push.port(), "/ws")),
    })
}
