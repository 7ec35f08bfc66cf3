"""The sandbox: a provider on this machine, with carriers that decide and a clock that is moved."""
