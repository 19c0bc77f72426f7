"""Whether what was typed is an address mail can go to."""

from typing import Final

LONGEST: Final = 254
"""Characters of an address, by the path of RFC 5321, 4.5.3.1.3, without its brackets."""


def is_email(typed: str) -> bool:
    """Tell whether an address has the form of RFC 5322; nobody is asked whether it exists."""
    from email_validator import EmailNotValidError, validate_email  # slow to load, seldom needed

    if len(typed) > LONGEST:
        return False
    try:
        validate_email(typed, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True
