"""Who signs the letters: one small interface, the city's own key by default.

A city whose provider signs over the network names a function of its own in the setting ``SIGNER``;
docs/operating.md shows one. pyHanko is loaded with the first signer, not with the site: it costs a
second and 30 MB, which reading pages need not pay.
"""

from contextlib import suppress
from datetime import datetime
from importlib import import_module
from typing import Protocol, cast

from flask import current_app

from app.config import Settings
from app.core.clock import now
from app.core.running import the_settings
from app.places.city import current_city


class SigningFailed(RuntimeError):
    """A paper could not be signed; the message says to the operator what to mend."""


class NoSigner(SigningFailed):
    """There is nothing to sign with: no key, a passphrase that does not open it, a wrong SIGNER."""


class Signer(Protocol):
    """Signs papers. Several threads may use one at once."""

    @property
    def name(self) -> str:
        """Whose signature it is, for the operator."""

    def sign(self, pdf: bytes, *, reason: str, location: str, at: datetime) -> bytes:
        """The PDF with a PAdES signature over all of it.

        Called while the number series of the unit is held: answer soon, or give up. Raises
        SigningFailed and nothing else.
        """


def the_signer() -> Signer:
    """The signer of the running application, opened once. Ask before a transaction begins.

    Raises NoSigner.
    """
    found = current_app.extensions.get("signer")
    if found is None:
        found = make_signer(the_settings(), current_city().name.id, now())
        current_app.extensions["signer"] = found
    return cast(Signer, found)


def make_signer(settings: Settings, city: str, at: datetime) -> Signer:
    """The signer the settings ask for; a development site makes itself a key. Raises NoSigner."""
    if settings.signer:
        return _plugged_in(settings)
    from app.letters import pades

    path, passphrase = settings.letter_key, settings.letter_key_passphrase
    if not path.exists():
        if settings.production:
            raise NoSigner(
                f"LETTER_KEY: there is no file {path}. Make one with: flask letters make-key"
            )
        with suppress(FileExistsError):  # two processes starting at once agree on one
            pades.make_key(path, passphrase, city, at)
    return pades.LocalSigner.load(path, passphrase)


def _plugged_in(settings: Settings) -> Signer:
    module, _, function = settings.signer.partition(":")
    try:
        factory = getattr(import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise NoSigner(f"SIGNER={settings.signer!r}: {error}") from error
    return cast(Signer, factory(settings))
