//! States of the link set-up screen: the ports, what an examination found, a loop, a trace.

use super::*;

fn found_port(path: &str, usb: Option<&str>, used_by: PortUse) -> FoundPort {
    FoundPort {
        path: path.into(),
        stable: usb.map(|title| {
            format!(
                "/dev/serial/by-id/usb-{}-if00-port0",
                title.replace(' ', "_")
            )
        }),
        usb: usb.map(|title| UsbFacts {
            vendor: 0x0403,
            product: 0x6001,
            serial: Some("A50285BI".into()),
            interface: Some(0),
            title: title.into(),
        }),
        used_by,
    }
}

fn setup(selected: usize) -> LinkSetup {
    LinkSetup {
        ports: vec![
            found_port(
                "/dev/ttyUSB0",
                Some("FTDI FT232R USB UART"),
                PortUse::Cat(CatId::Cat1),
            ),
            found_port(
                "/dev/ttyUSB1",
                Some("Prolific 端末用アダプター"),
                PortUse::Free,
            ),
            found_port(
                "/dev/ttyS0",
                None,
                PortUse::Program("minicom (pid 1234)".into()),
            ),
        ],
        selected,
        ..LinkSetup::default()
    }
}

fn link_setup_with(mut state: State, setup: LinkSetup) -> State {
    state.screen = Screen::LinkSetup(Box::new(setup));
    state
}

/// What an examination of CAT1 found.
pub(crate) fn link_setup_found(state: State, verdict: Option<Verdict>) -> State {
    let mut setup = setup(0);
    setup.verdicts.insert(CatId::Cat1, verdict);
    link_setup_with(state, setup)
}

pub(crate) fn link_setup_answered(state: State) -> State {
    let status = TerminalStatus {
        state: TerminalState::Idle,
        training: Some(state.settings.practice),
        journal: None,
        terminal_id: Some("T-00123".into()),
    };
    link_setup_found(
        state,
        Some(Verdict::Answered {
            status,
            after_ms: 42,
        }),
    )
}

pub(crate) fn link_setup_wrong_speed(state: State) -> State {
    let answers_at = SerialSettings {
        baud: 19_200,
        ..SerialSettings::default()
    };
    link_setup_found(state, Some(Verdict::WrongSpeed { answers_at }))
}

/// The terminal under the mark, of which nothing is known yet.
pub(crate) fn link_setup_untested(mut state: State) -> State {
    let cat = Cat::new(&state.settings.cats[&CatId::Cat1]);
    state.cats.insert(CatId::Cat1, cat);
    link_setup_with(state, setup(0))
}

/// A port of this PC under the mark.
pub(crate) fn link_setup_port(state: State) -> State {
    let mut setup = setup(3);
    let outcome = LoopOutcome::Whole {
        bytes: 321,
        after_ms: 340,
    };
    setup.looped = Some(("/dev/ttyUSB1".into(), Some(outcome)));
    link_setup_with(state, setup)
}

pub(crate) fn link_setup_line(state: State) -> State {
    let mut setup = setup(3);
    setup.shows_line = true;
    link_setup_with(state, setup)
}

pub(crate) fn link_loop(state: State) -> State {
    let mut setup = setup(3);
    setup.view = View::AskLoop {
        path: "/dev/ttyUSB1".into(),
    };
    link_setup_with(state, setup)
}

/// Another terminal answers than the one that is known.
pub(crate) fn another(mut state: State) -> State {
    if let Some(cat) = state.cats.get_mut(&CatId::Cat1) {
        cat.standing.identity.take("4970112233", false);
        cat.standing.identity.take("4970998877", false);
        cat.link = Link::Another;
    }
    state
}

/// The question which of the two it is.
pub(crate) fn link_another(state: State, typed: Option<&str>) -> State {
    let mut setup = setup(0);
    let typed = typed.map(|typed| {
        let mut field = Field::new(Kind::Code, 20);
        for c in typed.chars() {
            field.press(Key::Char(c));
        }
        field
    });
    setup.view = View::Another(Another {
        cat: CatId::Cat1,
        typed,
        since_ms: 0,
        writing: false,
    });
    link_setup_with(another(state), setup)
}

pub(crate) fn link_trace(state: State) -> State {
    let mut setup = setup(0);
    let pieces = [
        (Direction::Line, "open", ""),
        (Direction::Out, "ENQ", "<ENQ>"),
        (Direction::In, "ACK", "<ACK>"),
        (
            Direction::Out,
            "authorize_sales",
            "<STX>OC110871003430<ETX><2E>",
        ),
        (Direction::In, "ACK", "<ACK>"),
        (Direction::In, "phase: Pin", "<STX>OC15202<ETX><51>"),
        (
            Direction::In,
            "result: approved",
            "<STX>OC1510356612******1234<ETX>",
        ),
    ];
    let frames = pieces
        .iter()
        .zip(0..)
        .map(|((direction, meaning, text), index)| TraceFrame {
            at: format!("14:32:0{index}.120"),
            after_ms: index * 137,
            exchange: 1,
            direction: *direction,
            meaning: (*meaning).into(),
            text: (*text).into(),
            left_out: 0,
        });
    setup.view = View::Trace {
        cat: CatId::Cat1,
        frames: frames.collect(),
        back: 0,
    };
    link_setup_with(state, setup)
}
