//! A simulated terminal with its own books, sans-io.
