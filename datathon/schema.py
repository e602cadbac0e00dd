"""Imports every room's tables, so that the metadata is whole for migrations and tests."""

from sqlmodel import SQLModel

import datathon.editions.tables
import datathon.jury.comparison_tables
import datathon.jury.grading_tables
import datathon.jury.pitch_tables
import datathon.jury.tables
import datathon.jury.vote_tables
import datathon.leaderboard.tables
import datathon.people.tables
import datathon.publication.tables
import datathon.scoring.tables
import datathon.store.tables
import datathon.submissions.tables
import datathon.teams.tables  # noqa: F401 - imported for its tables, as the lines above

metadata = SQLModel.metadata
