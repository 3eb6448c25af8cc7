"""One verb each: load, decide with the domain, write state, ledger and jobs together."""
