"""Requests are cases: without a category, perhaps without a place, with a service.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

from app.core.database import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cases") as batch:
        batch.alter_column("category_slug", existing_type=sa.String(40), nullable=True)
        batch.alter_column("district_code", existing_type=sa.String(32), nullable=True)
        batch.add_column(sa.Column("service_code", sa.String(length=40), nullable=True))
    op.create_table(
        "service_version",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("room", sa.String(length=20), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_service_version")),
    )
    op.create_table(
        "request",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("version_digest", sa.String(length=64), nullable=False),
        sa.Column("answers", sa.Text(), nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("checks", sa.Text(), nullable=True),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("fee", sa.Integer(), nullable=True),
        sa.Column("paid_at", UTCDateTime(), nullable=True),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.Column("handed_out_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], ondelete="CASCADE", name=op.f("fk_request_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["version_digest"],
            ["service_version.digest"],
            name=op.f("fk_request_version_digest_service_version"),
        ),
        sa.ForeignKeyConstraint(
            ["checked_by_id"], ["staff.id"], name=op.f("fk_request_checked_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name=op.f("fk_request_letter_id_letter")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_request")),
    )


def downgrade() -> None:
    """Only where no request was handed in: the older tables have no place for one."""
    op.drop_table("request")
    op.drop_table("service_version")
    with op.batch_alter_table("cases") as batch:
        batch.drop_column("service_code")
        batch.alter_column("district_code", existing_type=sa.String(32), nullable=False)
        batch.alter_column("category_slug", existing_type=sa.String(40), nullable=False)
