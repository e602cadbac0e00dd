"""The quota as a ledger, filled from the submissions that are there.

Revision ID: 0003
Revises: 0002
"""

import tomllib
from uuid import uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from datathon.config import SettingError, load_settings
from datathon.store.db import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KIND = (
    "(kind = 'reserve' AND units = 1 AND NOT closes AND reason = '')"
    " OR (kind = 'commit' AND units = 0 AND closes AND reason = '')"
    " OR (kind = 'refund' AND units = -1 AND closes AND reason IN ('rejected', 'failed', 'withdrawn'))"
)


def upgrade() -> None:
    """Make the table and write for each team's submission the lines that its history would have left."""
    op.create_table(
        "quota_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("challenge_id", sa.String(length=80), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(KIND, name=op.f("ck_quota_entry_kind")),
        sa.CheckConstraint("round >= 1", name=op.f("ck_quota_entry_round_positive")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_quota_entry_edition_id_edition")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_quota_entry_team_id_team")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_quota_entry_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_entry")),
        sa.UniqueConstraint(
            "submission_id", "round", "closes", name=op.f("uq_quota_entry_submission_id_round_closes")
        ),
    )
    op.create_index("ix_quota_entry_team_id_challenge_id", "quota_entry", ["team_id", "challenge_id"])
    _fill(op.get_bind())


def downgrade() -> None:
    """Forget the ledger; usage is counted from rows again."""
    op.drop_index("ix_quota_entry_team_id_challenge_id", table_name="quota_entry")
    op.drop_table("quota_entry")


def _fill(connection: sa.Connection) -> None:
    submission = sa.table(
        "submission",
        sa.column("id", sa.Uuid()),
        sa.column("edition_id", sa.String()),
        sa.column("challenge_id", sa.String()),
        sa.column("team_id", sa.Uuid()),
        sa.column("state", sa.String()),
        sa.column("received_at", UtcDateTime()),
        sa.column("finished_at", UtcDateTime()),
    )
    entry = sa.table(
        "quota_entry",
        *(sa.column(name, sa.Uuid()) for name in ("id", "team_id", "submission_id")),
        *(sa.column(name, sa.String()) for name in ("edition_id", "challenge_id", "kind")),
        *(sa.column(name, sa.Integer()) for name in ("round", "units")),
        sa.column("closes", sa.Boolean()),
        sa.column("reason", sa.String()),
        sa.column("day", sa.Date()),
        sa.column("at", UtcDateTime()),
    )
    zones: dict[str, ZoneInfo] = {}
    lines = []
    for row in connection.execute(sa.select(submission).where(submission.c.team_id.is_not(None))).all():
        zone = zones.setdefault(row.edition_id, _zone(row.edition_id))
        facts = {
            "edition_id": row.edition_id,
            "challenge_id": row.challenge_id,
            "team_id": row.team_id,
            "submission_id": row.id,
            "round": 1,
            "reason": "",
            "day": row.received_at.astimezone(zone).date(),
            "at": row.received_at,
        }
        lines.append({**facts, "id": uuid4(), "kind": "reserve", "units": 1, "closes": False})
        ended = row.finished_at or row.received_at
        if row.state == "scored" or (row.state == "withdrawn" and row.finished_at is not None):
            lines.append({**facts, "id": uuid4(), "kind": "commit", "units": 0, "closes": True, "at": ended})
        elif row.state in {"rejected", "failed", "withdrawn"}:
            given_back = {"kind": "refund", "units": -1, "closes": True, "reason": row.state, "at": ended}
            lines.append({**facts, "id": uuid4(), **given_back})
    if lines:
        connection.execute(entry.insert(), lines)


def _zone(edition: str) -> ZoneInfo:
    """Return the edition's zone as its folder says; Paris, the default of a folder, where it cannot be read."""
    try:
        text = (load_settings().challenges_dir / edition / "edition.toml").read_text(encoding="utf-8")
        return ZoneInfo(str(tomllib.loads(text)["edition"].get("zone", "Europe/Paris")))
    except (OSError, ValueError, KeyError, SettingError):
        return ZoneInfo("Europe/Paris")
