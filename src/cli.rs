//! The command line: one definition for parsing, help, man page and completions.
