//! Entry: read the command line, run the command, turn errors into exit codes and a remedy.

use std::process::ExitCode;

use madoguchi::cli;
use madoguchi::command;
use madoguchi::command::launch::Surroundings;
use madoguchi::command::trouble::Trouble;
use madoguchi::domain::text::Language;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let language = cli::language(&arguments, |name| std::env::var_os(name));
    answer_panics(language);
    let cli = match cli::parse(arguments, language) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, language),
    };
    let surroundings = Surroundings::of_process(language, &cli.place);
    match command::run(cli, &surroundings) {
        Ok(exit) => exit.into(),
        Err(trouble) => {
            eprint!("{}", trouble.render(language));
            trouble.exit.into()
        }
    }
}

/// Help and version go to standard output and are no error; everything else is a wrong command line.
fn usage(error: &clap::Error, language: Language) -> ExitCode {
    // Nothing is left to do where even this cannot be written.
    let _ = error.print();
    if error.use_stderr() && language == Language::Ja {
        eprintln!(
            "コマンドの書き方に誤りがあります。madoguchi --help で使い方を確かめてください。請求: いいえ (何も始まっていません)"
        );
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// A panic says what a person should do and ends with the exit code for it. Hooks set later (the screen's) run first and call this one.
fn answer_panics(language: Language) {
    std::panic::set_hook(Box::new(move |panic| {
        let trouble = Trouble::internal(&panic.to_string());
        eprint!("{}", trouble.render(language));
        std::process::exit(i32::from(trouble.exit.code()));
    }));
}
