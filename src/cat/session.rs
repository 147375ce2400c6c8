//! The exchange with a terminal, sans-io.
