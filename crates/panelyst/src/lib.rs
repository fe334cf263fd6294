//! Raw statistical tables to a paper's tables: the command line and the facade.
