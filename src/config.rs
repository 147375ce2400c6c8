//! The config file: typed, unknown keys refused with file, line and remedy.
