//! One file per subcommand, and what they share: the start, and what is said when there is none.

use std::io::{self, Write as _};

use crate::cli::{Cli, Command};

pub mod barcode;
pub mod completions;
pub mod config;
pub mod console;
pub mod doctor;
pub mod items;
pub mod launch;
pub mod layout;
pub mod library;
pub mod link;
pub mod man;
pub mod models;
pub mod orca;
mod paper;
mod receipt_computer;
pub mod sales;
pub mod simulate;
pub mod slip;
pub mod terminal;
pub mod trouble;
pub mod verify;

use launch::{Surroundings, books_path};
use trouble::{Exit, Trouble};

/// Run what the command line asks for.
pub fn run(cli: Cli, surroundings: &Surroundings) -> Result<Exit, Trouble> {
    let language = surroundings.language;
    match cli.command {
        Some(Command::Terminal(arguments)) => {
            surroundings.library.check()?;
            terminal::run(&arguments, &surroundings.library, &mut io::stdout())
                .map_err(|error| Trouble::of_terminal(&error))?;
            Ok(Exit::Done)
        }
        Some(Command::Orca(orca::OrcaCommand::Simulate(arguments))) => {
            orca::simulate::run(&arguments, &mut io::stdout())
                .map_err(|error| Trouble::of_receipt_computer(&error))?;
            Ok(Exit::Done)
        }
        Some(Command::Orca(orca::OrcaCommand::Probe(arguments))) => {
            orca::probe::run(&arguments, &cli.place, surroundings)
        }
        Some(Command::Sales(sales::SalesArgs {
            command: Some(sales::SalesCommand::Cards(arguments)),
            ..
        })) => cards(&arguments, &cli.place, surroundings),
        Some(Command::Sales(arguments)) => {
            if let (Some(from), Some(to)) = (arguments.from, arguments.to)
                && from > to
            {
                return Err(Trouble::days_swapped(from, to));
            }
            let books = books_path(&surroundings.data_dir(&cli.place)?, arguments.practice);
            sales::run(&arguments, &books, language, &mut io::stdout().lock())
                .map_err(|error| Trouble::of_books(&error))?;
            Ok(Exit::Done)
        }
        Some(Command::Simulate(arguments)) => {
            let holds = simulate::run(&arguments, &mut io::stdout().lock())
                .map_err(|error| Trouble::of_simulation(&error))?;
            Ok(if holds { Exit::Done } else { Exit::CheckFailed })
        }
        Some(Command::Verify(arguments)) => {
            let books = books_path(&surroundings.data_dir(&cli.place)?, arguments.practice);
            let holds = verify::run(&books, language, &mut io::stdout().lock())
                .map_err(|error| Trouble::of_books(&error))?;
            Ok(if holds { Exit::Done } else { Exit::CheckFailed })
        }
        Some(Command::Items(command)) => items::run(&command, &cli.place, surroundings),
        Some(Command::Slip(command)) => slip::run(&command, &cli.place, surroundings),
        Some(Command::Config(command)) => config::run(command, &cli.place, surroundings),
        Some(Command::Layout(command)) => layout::run(&command, language),
        Some(Command::Barcode(command)) => barcode::run(&command, surroundings),
        Some(Command::Models(arguments)) => models::run(&arguments, surroundings),
        Some(Command::Completions { shell }) => completions::run(shell, language),
        Some(Command::Man) => man::run(language),
        Some(Command::Link(command)) => link::run(command, cli.start, &cli.place, surroundings),
        Some(Command::Doctor(arguments)) => {
            doctor::run(arguments, cli.start, &cli.place, surroundings)
        }
        None => {
            let launch = surroundings.launch(&cli.place, &cli.start)?;
            console::run(&launch, surroundings)
        }
    }
}

/// `sales cards`.
fn cards(
    arguments: &sales::cards::CardsArgs,
    place: &crate::cli::PlaceArgs,
    surroundings: &Surroundings,
) -> Result<Exit, Trouble> {
    if let (Some(from), Some(to)) = (arguments.from, arguments.to)
        && from > to
    {
        return Err(Trouble::days_swapped(from, to));
    }
    let books = books_path(&surroundings.data_dir(place)?, arguments.practice);
    let classes = surroundings
        .config(place, &crate::cli::StartArgs::default())?
        .0
        .classes;
    let told = &mut io::stderr().lock();
    sales::cards::run(
        arguments,
        &books,
        (&classes, surroundings.language),
        (&mut io::stdout().lock(), told),
    )
    .map_err(|error| Trouble::of_books(&error))?;
    Ok(Exit::Done)
}

/// Write to standard output. A reader that has seen enough (`| head`) is no error.
pub(crate) fn print(text: &str) -> Result<Exit, Trouble> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Ok(()) => Ok(Exit::Done),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        Err(error) => Err(Trouble::output(&error)),
    }
}
