"""Which stage of an attempt a text comes from, and whether its author can have seen labels."""

CONFIGURATION = "configuration"
"""The challenge folder, read before anything runs: its reference, its metrics."""

PARSE = "parse"
SCORE = "score"
PREDICT = "predict"
LEASE = "lease"
PLATFORM = "platform"

OPEN = frozenset({CONFIGURATION, PREDICT, PARSE, LEASE})
"""Written where no label is: organisers read them. Whatever is not named here stays with the operator."""
