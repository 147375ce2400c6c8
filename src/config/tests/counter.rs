//! Who is at the counter, and how a sale is taken back.

use super::*;

#[test]
fn the_default_operator_is_one_of_the_list_and_stands_first_where_it_is_not() {
    let codes = |rows: &str| {
        let config = load(&edited("[undo]", &format!("{rows}\n[undo]"))).expect("a configuration");
        let codes: Vec<String> = config.operators.into_iter().map(|one| one.code).collect();
        codes.join(" ")
    };
    let row =
        |code: &str, name: &str| format!("[[operators]]\ncode = \"{code}\"\nname = \"{name}\"\n");
    assert_eq!(codes(""), "01");
    assert_eq!(codes(&row("02", "佐藤")), "01 02");
    let both = row("02", "佐藤") + &row("01", "受付");
    assert_eq!(codes(&both), "02 01");
    let many: String = (2..=100).map(|n| row(&n.to_string(), "x")).collect();
    load(&edited("[undo]", &format!("{many}[undo]"))).expect("99 and the default");
    let more = format!("{many}{}[undo]", row("101", "x"));
    let error = load(&edited("[undo]", &more)).expect_err("too many");
    assert!(error.render(Language::Ja).contains("99人を超え"), "{error}");
}

#[test]
fn nobody_to_ask_and_an_undo_that_no_link_carries_are_minded() {
    let asked = edited("ask_operator = \"never\"", "ask_operator = \"sale\"");
    let config = load(&asked).expect("a configuration");
    assert!(config.console.ask_operator);
    let told = super::problem::render("c.toml", &config.warnings, Language::En);
    assert!(told.contains("nobody is asked for"), "{told}");

    let linked = edited("undo_link = 0", "undo_link = 1");
    assert_eq!(load(&linked).expect("open-cat can").warnings, []);
    let mute = linked.replace("\"open-cat\"", "\"j-mups\"");
    let config = load(&mute).expect("a configuration");
    let told = super::problem::render("c.toml", &config.warnings, Language::En);
    assert!(told.contains("undo_link = 1 does nothing"), "{told}");
    assert!(config.warnings[0].place.is_some(), "{told}");
}

#[test]
fn a_port_of_the_command_line_keeps_what_the_file_says_of_the_terminal() {
    let source = edited("undo_link = 0", "undo_link = 1")
        .replace("# daily_log_at = \"22:00\"", "daily_log_at = \"22:00\"");
    let given = Overrides {
        port: Some("tcp://127.0.0.1:9".parse().expect("an address")),
        model: None,
    };
    let config = load_over(&source, &given).expect("a configuration");
    let cat1 = config.terminal.cat1.expect("cat1");
    assert!(cat1.undo_link.is_on());
    assert_eq!(cat1.daily_log_at, "22:00:00".parse().ok());
}
