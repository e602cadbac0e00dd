"""Pages of participants: their team, their submissions, their prototype."""
