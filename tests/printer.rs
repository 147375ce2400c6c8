//! The real console with a printer that has its troubles: the sale stands, the paper waits, and what may be half on paper comes as 再発行.
#![cfg(unix)]

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use madoguchi::app::key::Key;
use madoguchi::config::SAMPLE;
use support::console::Start;
use support::till::sales_in;

/// What the printer does with the next caller.
#[derive(Clone, Copy, PartialEq)]
enum Conduct {
    PaperOut,
    Well,
    /// Pulled out after so many bytes of the paper.
    PulledAfter(usize),
}

#[derive(Default)]
struct Papers(Vec<Vec<u8>>);

struct Printer {
    conduct: Arc<Mutex<Conduct>>,
    papers: Arc<Mutex<Papers>>,
    port: u16,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Printer {
    /// A printer on the network; it serves one caller after the other until the test ends.
    fn start(conduct: Conduct) -> Printer {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let printer = Printer {
            conduct: Arc::new(Mutex::new(conduct)),
            papers: Arc::default(),
            port: listener.local_addr().expect("an address").port(),
        };
        let (conduct, papers) = (Arc::clone(&printer.conduct), Arc::clone(&printer.papers));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let conduct = *locked(&conduct);
                let paper = serve(stream, conduct);
                if !paper.is_empty() {
                    locked(&papers).0.push(paper);
                }
            }
        });
        printer
    }

    fn now(&self, conduct: Conduct) {
        *locked(&self.conduct) = conduct;
    }
}

fn serve(mut stream: std::net::TcpStream, conduct: Conduct) -> Vec<u8> {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
    let (mut taken, mut paper): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
    let mut byte = [0];
    while let Ok(1) = stream.read(&mut byte) {
        taken.push(byte[0]);
        match taken.as_slice() {
            [0x10] | [0x1D] | [0x10, 0x04] | [0x1D, b'r'] => continue,
            [0x10, 0x04, question] => {
                let empty = conduct == Conduct::PaperOut && *question != 1;
                let answer = if empty { 0x72 } else { 0x12 };
                let _ = stream.write_all(&[answer]);
            }
            [0x1D, b'r', _] => drop(stream.write_all(&[0])),
            bytes => paper.extend_from_slice(bytes),
        }
        taken.clear();
        if matches!(conduct, Conduct::PulledAfter(limit) if paper.len() >= limit) {
            break;
        }
    }
    paper
}

fn holds(paper: &[u8], words: &[u8]) -> bool {
    paper.windows(words.len()).any(|part| part == words)
}

/// 再発行 and 練習, in CP932.
const COPY: &[u8] = b"\x8d\xc4\x94\xad\x8d\x73";
const PRACTICE: &[u8] = b"\x97\xfb\x8f\x4b";

#[test]
fn the_sale_stands_while_its_paper_waits_breaks_off_and_comes_as_a_copy_after_a_crash() {
    let printer = Printer::start(Conduct::PaperOut);
    let site = tempfile::tempdir().expect("a folder");
    let config = site.path().join("config.toml");
    let section = format!(
        "\n[printer]\nkind = \"tcp\"\naddress = \"127.0.0.1:{}\"\ncolumns = 42\n",
        printer.port
    );
    std::fs::write(&config, format!("{SAMPLE}{section}")).expect("written");
    let data = site.path().join("data");
    let words = [
        "--lang",
        "ja",
        "--practice",
        "--config",
        config.to_str().expect("text"),
        "--data-dir",
        data.to_str().expect("text"),
    ];
    let mut console = Start::console().arguments(&words).run();
    console.wait_for("売上入力");
    console.type_text("1230");
    console.press(&[Key::Enter, Key::F(12)]);
    console.wait_for("ご請求");
    console.press(&[Key::F(7), Key::F(12)]);
    console.wait_for("お会計が終わりました");
    console.wait_for("用紙切れ");
    console.wait_for("印刷待ち 1");
    let practice = |data: &std::path::Path| {
        let output = support::console::at_home(env!("CARGO_BIN_EXE_madoguchi"), data)
            .args(["sales", "--practice", "--format", "json", "--data-dir"])
            .arg(data)
            .output()
            .expect("sales runs");
        String::from_utf8(output.stdout).expect("text")
    };
    assert!(
        practice(&data).contains("settled"),
        "the sale is in the books"
    );
    assert!(
        locked(&printer.papers).0.is_empty(),
        "no byte of paper left"
    );

    // Paper is put in, and the plug is pulled in the middle.
    printer.now(Conduct::PulledAfter(200));
    console.press(&[Key::F(4)]);
    console.wait_for("メニュー");
    console.type_text("8");
    console.wait_for("捨てる番号");
    console.press(&[Key::F(5)]);
    console.wait_for("途中まで出たかもしれません");
    printer.now(Conduct::PaperOut);
    console.kill9();

    // After the crash it is offered, and printed anew as a copy.
    let mut console = Start::console().arguments(&words).run_at_home_of(console);
    console.wait_for("印刷待ち 1");
    printer.now(Conduct::Well);
    locked(&printer.papers).0.clear();
    console.press(&[Key::F(4)]);
    console.wait_for("キー確認");
    console.type_text("8");
    console.wait_for("捨てる番号");
    console.press(&[Key::F(5)]);
    console.wait_for("印刷待ちはありません");
    let papers = locked(&printer.papers).0.clone();
    assert_eq!(papers.len(), 1);
    assert!(papers[0].starts_with(b"\x1b@") && papers[0].ends_with(b"\x1dV\x42\x00"));
    assert!(holds(&papers[0], COPY), "it says 再発行");
    let marks = papers[0]
        .windows(PRACTICE.len())
        .filter(|part| *part == PRACTICE)
        .count();
    assert_eq!(marks, 2, "practice at head and foot");
    assert!(
        sales_in(&data).is_empty(),
        "nothing of it is in the live books"
    );
}
