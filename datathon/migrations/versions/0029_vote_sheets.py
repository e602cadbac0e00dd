"""Printed sheets of vote codes, which can be made void.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import UtcDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the sheets. Codes printed before count as one sheet, whose ballots nobody can tell from others."""
    op.create_table(
        "vote_sheet",
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("codes", sa.Integer(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("printed_at", UtcDateTime(), nullable=False),
        sa.Column("printed_by", sa.Uuid(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("voided_by", sa.Uuid(), nullable=True),
        sa.Column("voided_why", sa.String(length=300), nullable=False),
        sa.Column("ballots", sa.String(length=8), nullable=False),
        sa.Column("served", sa.Integer(), nullable=False),
        sa.CheckConstraint("ballots IN ('', 'kept', 'removed')", name=op.f("ck_vote_sheet_ballots")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_vote_sheet_edition_id_edition")),
        sa.ForeignKeyConstraint(["printed_by"], ["person.id"], name=op.f("fk_vote_sheet_printed_by_person")),
        sa.ForeignKeyConstraint(["voided_by"], ["person.id"], name=op.f("fk_vote_sheet_voided_by_person")),
        sa.PrimaryKeyConstraint("edition_id", "number", name=op.f("pk_vote_sheet")),
    )
    with op.batch_alter_table("vote_ballot") as table:
        table.add_column(sa.Column("sheet", sa.Integer(), nullable=True))
    with op.batch_alter_table("vote_code") as table:
        table.add_column(sa.Column("sheet", sa.Integer(), nullable=True))
    op.execute("UPDATE vote_code SET sheet = 1")
    op.execute(
        "INSERT INTO vote_sheet (edition_id, number, codes, told, printed_at, voided_why, ballots, served)"
        " SELECT edition_id, 1, count(*), false, CURRENT_TIMESTAMP, '', '', 0 FROM vote_code GROUP BY edition_id"
    )
    with op.batch_alter_table("vote_code") as table:
        table.alter_column("sheet", existing_type=sa.Integer(), nullable=False)


def downgrade() -> None:
    """Forget the sheets."""
    with op.batch_alter_table("vote_code") as table:
        table.drop_column("sheet")
    with op.batch_alter_table("vote_ballot") as table:
        table.drop_column("sheet")
    op.drop_table("vote_sheet")
