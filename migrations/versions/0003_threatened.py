"""A reporter who feels threatened: since when the verifier owes an answer.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

from app.core.database import UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("threatened_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_column("threatened_at")
