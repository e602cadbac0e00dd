"""Engine, transactions, files by digest, audit log: what keeps things, whatever they mean."""
