"""Invitations to a jury, availability, and who found a conflict of interest.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from datathon.store.db import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SOURCES = "source IN ('juror', 'team', 'organiser', 'member', 'structure', 'mentor')"


def upgrade() -> None:
    """Make the tables; a conflict declared until now is the juror's own, or else an organiser's."""
    _invitations()
    with op.batch_alter_table("conflict_of_interest") as batch_op:
        batch_op.add_column(sa.Column("source", sa.String(length=12), nullable=False, server_default="juror"))
        batch_op.add_column(sa.Column("lifted_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("lifted_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("lifted_why", sa.String(length=300), nullable=False, server_default=""))
        batch_op.create_foreign_key(
            batch_op.f("fk_conflict_of_interest_lifted_by_person"), "person", ["lifted_by"], ["id"]
        )
        batch_op.alter_column("declared_by", existing_type=sa.Uuid(), nullable=True)
        batch_op.create_check_constraint("source", SOURCES)
    op.execute("UPDATE conflict_of_interest SET source = 'organiser' WHERE declared_by <> juror_id")
    with op.batch_alter_table("conflict_of_interest") as batch_op:
        batch_op.alter_column("source", existing_type=sa.String(length=12), server_default=None)
        batch_op.alter_column("lifted_why", existing_type=sa.String(length=300), server_default=None)
    # A new column without making the table again: other tables point at it.
    op.add_column("team", sa.Column("mentors", sa.String(length=1000), nullable=False, server_default=""))


def _invitations() -> None:
    op.create_table(
        "jury_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("president", sa.Boolean(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("invited_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_jury_invitation_edition_id_edition")),
        sa.ForeignKeyConstraint(["invited_by"], ["person.id"], name=op.f("fk_jury_invitation_invited_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_jury_invitation_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_invitation")),
        sa.UniqueConstraint("edition_id", "email", name=op.f("uq_jury_invitation_edition_id_email")),
    )
    op.create_index(op.f("ix_jury_invitation_edition_id"), "jury_invitation", ["edition_id"])
    op.create_table(
        "juror_availability",
        sa.Column("edition_id", sa.String(length=80), nullable=False),
        sa.Column("juror_id", sa.Uuid(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=True),
        sa.Column("times", sa.String(length=500), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_juror_availability_edition_id_edition")),
        sa.ForeignKeyConstraint(["juror_id"], ["person.id"], name=op.f("fk_juror_availability_juror_id_person")),
        sa.PrimaryKeyConstraint("edition_id", "juror_id", name=op.f("pk_juror_availability")),
    )


def downgrade() -> None:
    """Forget invitations, availability and lifted conflicts; what the platform found has nobody behind it and goes."""
    op.drop_column("team", "mentors")
    op.execute("DELETE FROM conflict_of_interest WHERE declared_by IS NULL OR lifted_at IS NOT NULL")
    with op.batch_alter_table("conflict_of_interest") as batch_op:
        batch_op.drop_constraint("source", type_="check")
        batch_op.drop_constraint(batch_op.f("fk_conflict_of_interest_lifted_by_person"), type_="foreignkey")
        batch_op.alter_column("declared_by", existing_type=sa.Uuid(), nullable=False)
        for name in ("lifted_why", "lifted_by", "lifted_at", "source"):
            batch_op.drop_column(name)
    op.drop_table("juror_availability")
    op.drop_index(op.f("ix_jury_invitation_edition_id"), table_name="jury_invitation")
    op.drop_table("jury_invitation")
