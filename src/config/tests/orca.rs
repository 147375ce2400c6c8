//! `[orca]`: what the sample shows, and what is said of one that cannot work.

use super::*;
use crate::config::orca::{Kind, Password, Url};

/// The sample, with these keys below `[orca]` in the place of its own.
fn with_orca(lines: &str) -> String {
    format!("{SAMPLE}\n{lines}\n")
}

#[test]
fn the_receipt_computer_of_the_sample_is_one() {
    let mut source = SAMPLE.to_owned();
    let begins = source.find("\n# [orca]").expect("the section");
    let ends = source.find("\n# 入金方法のコード").expect("the next");
    let section: String = source[begins..ends]
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            // The two of WebORCA stand in the place of others.
            Some(key) if key.starts_with("api_key_file") => String::new(),
            Some(key) if key.starts_with("url = \"http://192") => key.replace("http", "https"),
            Some(key) if key.is_ascii() && (key.contains(" = ") || key.starts_with('[')) => {
                key.to_owned()
            }
            Some(_) | None => String::new(),
        })
        .fold(String::new(), |all, line| all + &line + "\n");
    source.replace_range(begins..ends, &section);
    let config = load(&source).expect("a configuration");
    assert_eq!(config.warnings, []);
    let live = config.orca.live.as_ref().expect("one");
    assert_eq!(live.kind, Kind::OnPrem);
    assert_eq!(live.url.place(), "192.168.1.10:8000");
    assert_eq!(live.password, Some(Password::File("orca.password".into())));
    assert_eq!((live.connect_seconds, live.read_seconds), (5, 30));
    let push = live.push.as_ref().expect("PUSH");
    assert_eq!((push.path.as_str(), push.port), ("/ws", 9_400));
    let practice = config.orca.practice.as_ref().expect("one");
    assert_eq!(practice.url.place(), "127.0.0.1:8000");
    assert_eq!(
        (config.orca.site(true), config.orca.site(false)),
        (Some(practice), Some(live))
    );
}

#[test]
fn practice_alone_is_a_configuration_and_so_are_codes_alone() {
    let practice = with_orca("[orca.practice]\nkind = \"onprem\"\nurl = \"http://127.0.0.1:8000\"");
    let orca = load(&practice).expect("a configuration").orca;
    assert!(orca.live.is_none() && orca.practice.is_some());
    assert!(load(&practice).expect("a configuration").print_receipt);
    let quiet = with_orca("[orca]\nprint_receipt = false\n[orca.tender]\ncash = \"01\"");
    let quiet = load(&quiet).expect("a configuration");
    assert!(quiet.orca.live.is_none() && !quiet.print_receipt);
    let codes = with_orca("[orca.tender]\ncash = \"01\"");
    let orca = load(&codes).expect("a configuration").orca;
    assert!(orca.live.is_none() && orca.practice.is_none());
}

#[test]
fn practice_has_one_inside_where_it_is_asked_for_or_the_clinic_has_its_own() {
    let live = "[orca]\nkind = \"onprem\"\nurl = \"http://h\"\nuser = \"u\"\npassword = \"p\"\n";
    let named = "[orca.practice]\nkind = \"onprem\"\nurl = \"http://127.0.0.1:8000\"\n";
    let inside = "[orca.practice]\nkind = \"simulated\"\n";
    for (lines, simulates) in [
        (String::new(), false),
        ("[orca.tender]\ncash = \"01\"".to_owned(), false),
        (named.to_owned(), false),
        (inside.to_owned(), true),
        (live.to_owned(), true),
        (format!("{live}{inside}"), true),
        (format!("{live}{named}"), false),
    ] {
        let orca = load(&with_orca(&lines)).expect("a configuration").orca;
        assert_eq!(orca.simulates(true), simulates, "{lines}");
        assert!(!orca.simulates(false), "{lines}");
        assert_eq!(orca.site(true).is_some(), lines.contains(named), "{lines}");
    }
}

#[test]
fn a_receipt_computer_that_cannot_work_is_told_with_line_and_remedy() {
    let whole = "kind = \"onprem\"\nurl = \"http://h:8000\"\nuser = \"u\"\npassword_file = \"p\"\n";
    let with = |line: &str| format!("[orca]\n{whole}{line}");
    for (lines, at, words) in [
        ("[orca]\nurl = \"http://h\"".to_owned(), "", "kind"),
        ("[orca]\nkind = \"onprem\"".to_owned(), "", "url"),
        ("[orca]\nkind = \"cloud\"".to_owned(), "kind", "weborca"),
        (
            "[orca]\nkind = \"onprem\"\nurl = \"http://h\"".to_owned(),
            "",
            "user",
        ),
        (
            "[orca]\nkind = \"weborca\"\nurl = \"https://h\"\nuser = \"u\"".to_owned(),
            "",
            "api_key_file",
        ),
        (
            with("").replace("http://h:8000", "h:8000"),
            "url",
            "http://",
        ),
        (
            with("").replace("http://h:8000", "http://u:p@h"),
            "url",
            "http://",
        ),
        (with("").replace(":8000", ":8000/api"), "url", "http://"),
        (with("").replace(":8000", ":0"), "url", "http://"),
        (with("push = \"http://h/ws\""), "push", "ws://"),
        (with("password = \"x\""), "password_file", "keep one"),
        (with("api_key_file = \"x\""), "api_key_file", "weborca"),
        (
            with("client_certificate = \"c\""),
            "client_certificate",
            "https://",
        ),
        (
            with("root_certificate = \"c\""),
            "root_certificate",
            "https://",
        ),
        (
            with("client_certificate_password_file = \"c\""),
            "client_certificate_password_file",
            "add it",
        ),
        (with("read_seconds = 0"), "read_seconds", "300"),
        (with("user_name = \"x\""), "user_name", "user"),
        (
            "[orca]\nkind = \"simulated\"".to_owned(),
            "kind",
            "for practice",
        ),
        (
            with("[orca.practice]\nkind = \"simulated\"\nurl = \"http://p\""),
            "url",
            "take that line out",
        ),
        (
            with("[orca.practice]\nkind = \"simulated\"\nread_seconds = 3"),
            "read_seconds",
            "take that line out",
        ),
        (
            with("[orca.practice]\nkind = \"onprem\"\nurl = \"http://H:8000\""),
            "url",
            "never touches",
        ),
        (
            with(
                "[orca.practice]\nkind = \"onprem\"\nurl = \"http://p\"\n[orca.practice.tender]\ncash = \"01\"",
            ),
            "[orca.practice.tender]",
            "take that line out",
        ),
    ] {
        let error = load(&with_orca(&lines)).expect_err(&lines);
        let told = error.render(Language::En);
        let place = error.problems[0].place.as_ref().expect("a place");
        assert!(place.text.starts_with(at), "{lines}\n{told}");
        assert!(
            told.contains(words) && told.contains("what to do"),
            "{told}"
        );
    }
}

#[test]
fn a_password_is_never_shown() {
    let source = with_orca(
        "[orca]\nkind = \"onprem\"\nurl = \"http://h\"\nuser = \"u\"\npassword = \"geheim\"",
    );
    let config = load(&source).expect("a configuration");
    assert!(!format!("{config:?}").contains("geheim"));
}

#[test]
fn addresses_are_read_or_refused() {
    let read =
        |text: &str| Url::parse(text, ["ws", "wss"]).map(|url| (url.tls, url.place(), url.path));
    for (text, tls, place, path) in [
        ("ws://h:9400/ws", false, "h:9400", "/ws"),
        (
            "wss://Push.Example.jp/ws",
            true,
            "push.example.jp:443",
            "/ws",
        ),
        ("ws://[::1]:9400", false, "[::1]:9400", "/"),
        ("ws://10.0.0.1", false, "10.0.0.1:80", "/"),
    ] {
        assert_eq!(read(text), Some((tls, place.into(), path.into())), "{text}");
    }
    for text in [
        "",
        "ws://",
        "ws:///ws",
        "ftp://h",
        "ws://h:x",
        "ws://h:70000",
        "ws://[::1",
        "ws://a b",
        "ws://h/w s",
        "ws://h/?q",
        "ws://日レセ",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}
