//! A simulated receipt computer as a process of its own: its books and the record of its calls as it wrote them, and what goes wrong at it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use super::child::Talker;
use super::console::stand_still;
use super::patience::look_until;

/// How long anything may take; far more than it does.
const PATIENCE: Duration = Duration::from_secs(60);
/// `u` and `w`, as Basic has it.
const AUTHORIZATION: &str = "Basic dTp3";

/// A running receipt computer.
pub struct OrcaProcess {
    process: Talker,
    api: String,
    push: String,
    folder: TempDir,
    patients: u32,
}

impl OrcaProcess {
    /// One with a made-up day of so many patients, half of them through with the doctor, and what goes wrong, one a line.
    pub fn start(patients: u32, script: &str) -> OrcaProcess {
        let folder = tempfile::tempdir().expect("a folder");
        let (process, api, push) = begin(&folder, patients, script, ["127.0.0.1:0"; 2]);
        OrcaProcess {
            process,
            api,
            push,
            folder,
            patients,
        }
    }

    /// Pull the plug.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Stop it where it stands: whoever asks it waits. Comes back once no thread of it runs.
    pub fn freeze(&self) {
        let pid = i32::try_from(self.process.pid())
            .ok()
            .and_then(Pid::from_raw);
        stand_still(pid.expect("a process"));
    }

    /// Let it go on.
    pub fn thaw(&self) {
        let pid = i32::try_from(self.process.pid())
            .ok()
            .and_then(Pid::from_raw);
        kill_process(pid.expect("a process"), Signal::CONT).expect("it is there");
    }

    /// The same again with the same books, at the same addresses.
    pub fn start_again(&mut self, script: &str) {
        self.start_again_with(self.patients, script);
    }

    /// The same again with more patients.
    pub fn start_again_with(&mut self, patients: u32, script: &str) {
        self.process.kill();
        self.patients = patients;
        let places = [self.api.as_str(), self.push.as_str()];
        let (process, ..) = begin(&self.folder, patients, script, places);
        self.process = process;
    }

    /// HOST:PORT of its API.
    pub fn api(&self) -> &str {
        &self.api
    }

    /// HOST:PORT where it tells by itself.
    pub fn push(&self) -> &str {
        &self.push
    }

    /// Until it says this.
    #[track_caller]
    pub fn wait_for(&self, words: &str) {
        let mut said = Vec::new();
        loop {
            match self.process.line(PATIENCE) {
                Some(line) if line.contains(words) => return,
                Some(line) => said.push(line),
                None => panic!("the receipt computer never said \"{words}\", only {said:#?}"),
            }
        }
    }

    /// What was written to invoices, oldest first.
    pub fn books(&self) -> Vec<Value> {
        self.lines_of("books.jsonl")
    }

    /// What it was asked, oldest first.
    pub fn calls(&self) -> Vec<Value> {
        self.lines_of("calls.jsonl")
    }

    /// The calls of payments alone: `open`, `pay`, `pay_back`, `finish`, `locks`, `release`.
    pub fn told(&self) -> Vec<Value> {
        let mut calls = self.calls();
        let words = ["open", "pay", "pay_back", "finish", "locks", "release"];
        calls.retain(|call| words.contains(&call["call"].as_str().expect("a word")));
        calls
    }

    /// Wait until its record is as wanted.
    #[track_caller]
    pub fn wait_told(&self, what: &str, wanted: impl Fn(&[Value]) -> bool) {
        look_until(what, || wanted(&self.told()));
    }

    fn lines_of(&self, file: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.path().join(file)).unwrap_or_default();
        // A line that is being written is none yet.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole
            .lines()
            .map(|line| serde_json::from_str(line).expect("a line of JSON"))
            .collect()
    }

    /// Ask it something of our own: `path` and a body in JSON; the answer's record.
    pub fn ask(&self, path: &str, body: &Value) -> Value {
        let body = body.to_string();
        let mut stream = TcpStream::connect(&self.api).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a patience");
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTHORIZATION}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("it hears");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        let tree: Value = serde_json::from_str(body).expect("JSON");
        let members = tree.as_object().expect("a record");
        members.values().next().expect("a member").clone()
    }

    /// Wait until it was asked so many times in this word.
    #[track_caller]
    pub fn wait_calls(&self, word: &str, times: usize) {
        look_until(word, || {
            let calls = self.calls();
            calls.iter().filter(|call| call["call"] == word).count() >= times
        });
    }

    /// Somebody else takes so much of an invoice today.
    pub fn takes(&self, patient: &str, invoice: &str, yen: i64) {
        let ask = |members: Value| {
            let mut request = serde_json::json!({"Karte_Uid": "screen", "Patient_ID": patient, "InOut": "O", "Invoice_Number": invoice});
            let more = members.as_object().expect("members").clone();
            request.as_object_mut().expect("members").extend(more);
            let body = serde_json::json!({ "incomev3req": request });
            self.ask("/orca23/incomev3?format=json", &body)
        };
        let opened = ask(serde_json::json!({"Request_Number": "01", "Request_Mode": "02"}));
        let session = opened["Orca_Uid"].clone();
        let pay = serde_json::json!({"Request_Number": "02", "Request_Mode": "01", "Orca_Uid": session, "Ic_Money": yen.to_string(), "Ic_Code": "01"});
        assert_eq!(ask(pay)["Api_Result"], "00000");
        ask(serde_json::json!({"Request_Number": "99", "Orca_Uid": session}));
    }

    /// The patients it holds for somebody now.
    pub fn held(&self) -> Vec<String> {
        let request =
            serde_json::json!({"medicalv3req7": {"Request_Number": "00", "Karte_Uid": "looks-on"}});
        let answer = self.ask("/api21/medicalmodv37?format=json", &request);
        let rows = answer["Lock_Information"].as_array().cloned();
        rows.unwrap_or_default()
            .iter()
            .filter_map(|row| row["Lock_Patient_ID"].as_str().map(str::to_owned))
            .collect()
    }
}

fn begin(
    folder: &TempDir,
    patients: u32,
    script: &str,
    places: [&str; 2],
) -> (Talker, String, String) {
    let file = |name: &str| folder.path().join(name);
    fs::write(file("script"), script).expect("a script");
    let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
    command
        .args(["orca", "simulate", "--user", "u", "--password", "w"])
        .args(["--patients", &patients.to_string()])
        .args(["--listen", places[0], "--push", places[1]])
        .arg("--books")
        .arg(file("books.jsonl"))
        .arg("--calls")
        .arg(file("calls.jsonl"))
        .arg("--script")
        .arg(file("script"))
        .stdin(Stdio::null());
    let process = Talker::start(&mut command);
    let place = || {
        let line = process.line(PATIENCE).expect("a line");
        line.rsplit(' ').next().expect("an address").to_owned()
    };
    let (api, push) = (place(), place());
    (process, api, push)
}
