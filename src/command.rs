//! One file per subcommand.

pub mod sales;
pub mod verify;
