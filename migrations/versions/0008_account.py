"""An address leads to all that was filed with it: a keyed hash beside it, to look it up by.

Rows that were there before have none until ``flask vault rotate``: a migration has no keys.

Revision ID: 0008_account
"""

import sqlalchemy as sa
from alembic import op

revision = "0008_account"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("contact") as batch:
        batch.add_column(sa.Column("email_hash", sa.String(length=64), nullable=True))
        batch.create_index(batch.f("ix_contact_email_hash"), ["email_hash"])


def downgrade() -> None:
    with op.batch_alter_table("contact") as batch:
        batch.drop_index(batch.f("ix_contact_email_hash"))
        batch.drop_column("email_hash")
