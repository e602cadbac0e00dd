"""Which brackets a team belongs to, and the names of teams in anonymous editions.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import Json

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: teams that are there belong to none until they say so."""
    # No batch: SQLite would build the table anew, which it may not while submissions point at it.
    op.add_column("team", sa.Column("brackets", Json, nullable=False, server_default="[]"))
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("team", "brackets", server_default=None)
    op.create_table(
        "pseudonym",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_pseudonym_edition_id_edition")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_pseudonym_team_id_team")),
        sa.PrimaryKeyConstraint("team_id", name=op.f("pk_pseudonym")),
        sa.UniqueConstraint("edition_id", "name", name=op.f("uq_pseudonym_edition_id_name")),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("pseudonym")
    op.drop_column("team", "brackets")
