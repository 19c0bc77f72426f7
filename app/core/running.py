"""What hangs on the running application, by its type. Only where there is an application."""

from typing import cast

from flask import current_app

from app.config import Settings
from app.core.vault import Vault


def the_settings() -> Settings:
    """What the operator decided."""
    return cast(Settings, current_app.extensions["settings"])


def the_vault() -> Vault:
    """The keys of the running application."""
    return cast(Vault, current_app.extensions["vault"])
