//! Transbank's two kits (Python and Node), which pad differently, each drive our simulated terminal through a whole day.

use serde_json::{Value, json};

use crate::support::peers::Peer;
use crate::support::terminal_process::{On, TerminalProcess};

#[derive(Clone, Copy, PartialEq)]
enum Kit {
    Python,
    Node,
}

impl Kit {
    fn drive(self, port: &str) -> Option<Peer> {
        let peer = match self {
            Kit::Python => Peer::python("transbank_client.py", &[port])?,
            Kit::Node => Peer::node("transbank_client.cjs", &[port])?,
        };
        assert_eq!(peer.says(), json!({"open": true}));
        Some(peer)
    }

    /// The kits name the same fields in their own ways.
    fn field<'a>(self, answer: &'a Value, python: &str, node: &str) -> &'a Value {
        let name = match self {
            Kit::Python => python,
            Kit::Node => node,
        };
        answer
            .get(name)
            .unwrap_or_else(|| panic!("no {name} in {answer}"))
    }

    fn number(self, answer: &Value, python: &str, node: &str) -> i64 {
        match self.field(answer, python, node) {
            Value::Number(number) => number.as_i64().expect("whole"),
            Value::String(text) => text.trim().parse().expect("a number"),
            other => panic!("{other} is no number"),
        }
    }

    fn text(self, answer: &Value, python: &str, node: &str) -> String {
        let field = self.field(answer, python, node);
        field.as_str().expect("a text").trim().to_owned()
    }
}

fn code(kit: Kit, answer: &Value) -> i64 {
    kit.number(answer, "response_code", "responseCode")
}

/// Two sales, the first taken back, once more in vain, and two sales that are refused.
const SCRIPT: &str = "approve\napprove\napprove\napprove\ndecline 05\ncancel";

fn a_day(kit: Kit) {
    let terminal = TerminalProcess::of_model("transbank", On::Pty, SCRIPT, 0);
    let Some(mut pos) = kit.drive(terminal.place()) else {
        return;
    };
    assert_eq!(pos.ask("poll"), json!({"poll": true}));

    // A sale with its progress.
    let said = pos.ask("sale 3430 A0001 status");
    let sale = &said["sale"];
    assert_eq!(code(kit, sale), 0, "{said}");
    assert_eq!(kit.number(sale, "amount", "amount"), 3_430);
    // What is given is given back as it was, padded or not.
    let ticket = kit.text(sale, "ticket", "ticket");
    assert!(ticket.ends_with("A0001"), "{ticket}");
    let progress = said["progress"].as_array().expect("a list");
    assert!(!progress.is_empty(), "{said}");
    let first = kit.text(sale, "operation_number", "operationNumber");

    // A second one, without, and the last sale is that one.
    let said = pos.ask("sale 1200 A0002");
    assert_eq!(code(kit, &said["sale"]), 0, "{said}");
    let last = &pos.ask("last")["last"];
    assert_eq!(kit.number(last, "amount", "amount"), 1_200);
    assert!(kit.text(last, "ticket", "ticket").ends_with("A0002"));

    // The first is taken back: the list has it twice, above and below zero, and the totals come to the second alone.
    let void = &pos.ask(&format!("void {first}"))["void"];
    assert_eq!(code(kit, void), 0, "{void}");
    let again = &pos.ask(&format!("void {first}"))["void"];
    assert_ne!(
        code(kit, again),
        0,
        "what is taken back cannot be taken back: {again}"
    );
    let said = pos.ask("list");
    let amounts: Vec<i64> = said["list"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|row| {
            !kit.text(row, "authorization_code", "authorizationCode")
                .is_empty()
        })
        .filter(|row| kit.text(row, "operation_number", "operationNumber") == first)
        .map(|row| kit.number(row, "amount", "amount"))
        .collect();
    assert_eq!(amounts, [3_430, -3_430], "{said}");
    let totals = &pos.ask("totals")["totals"];
    assert_eq!(kit.number(totals, "tx_count", "txCount"), 3, "{totals}");
    assert_eq!(kit.number(totals, "tx_total", "txTotal"), 1_200, "{totals}");

    // What is refused says so, and is in no total.
    let declined = &pos.ask("sale 500 A0003")["sale"];
    assert_ne!(code(kit, declined), 0);
    let cancelled = &pos.ask("sale 500 A0004")["sale"];
    assert_eq!(code(kit, cancelled), 7, "cancelled at the terminal");

    // The day is closed, and empty after it.
    let close = &pos.ask("close")["close"];
    assert_eq!(code(kit, close), 0, "{close}");
    let totals = &pos.ask("totals")["totals"];
    assert_eq!(kit.number(totals, "tx_count", "txCount"), 0, "{totals}");
    assert_eq!(pos.ask("normal"), json!({"normal": true}));
}

#[test]
fn the_python_kit_lives_through_a_day_at_our_terminal() {
    a_day(Kit::Python);
}

#[test]
fn the_node_kit_lives_through_a_day_at_our_terminal() {
    a_day(Kit::Node);
}
