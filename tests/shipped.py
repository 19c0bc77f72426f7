"""The site as shipped, made again and again: what is the same each time is done once a run."""

import gc
import shutil
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any, ClassVar

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Dialect, Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule
from whitenoise import WhiteNoise

from app import create_app
from app.config import Settings
from app.core import i18n
from app.core.mail import Mails
from app.core.replies import Replies
from app.extensions import db
from app.places.city import City, load_city
from app.requests.service_files import load_services
from app.requests.services import Services
from tests.databases import quick_folder

ROOT = Path(__file__).resolve().parent.parent

#: A city folder that does not exist: the shipped data of Medan hold.
NO_CITY = ROOT / "tests" / "cities" / "none"


class Compiled(BytecodeCache):
    """Templates compiled once for all applications of a run: a tenth of a second a test."""

    templates: ClassVar[dict[str, CodeType | None]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.templates.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.templates[bucket.key] = bucket.code


def alike(dialect: type[Dialect]) -> type[Dialect]:
    """The dialect, equal to every other of its kind: what is compiled for one fits all."""
    own = {
        "__eq__": lambda self, other: type(self) is type(other),
        "__hash__": lambda self: hash(type(self)),
        "supports_statement_cache": True,
    }
    return type(dialect.__name__, (dialect,), own)


class Shipped:
    """Medan's files, read once. Every test makes its own site; this was most of its work."""

    def __init__(self) -> None:
        self._folder = quick_folder()
        self._compiled = Path(self._folder.name)
        i18n.compile_catalogues(ROOT / "translations", self._compiled)
        self._city = load_city(NO_CITY)
        self._services = load_services(NO_CITY, self._city)
        self._compile = Rule._compile_builder
        self._builders: dict[object, Callable[..., tuple[str, str]]] = {}
        self._texts = {kind: lru_cache(kind.load) for kind in (Mails, Replies)}
        self._statements: LRUCache[Any, Any] = LRUCache(2000)
        self._dialects: dict[str, type[Dialect]] = {}
        self._find_static = WhiteNoise.update_files_dictionary
        self._static: dict[str, dict[str, object]] = {}
        gc.freeze()  # nothing of this goes; looking through it again and again took a fifth
        gc.set_threshold(20_000, 10, 10)

    def _copy(self, _translations: Path, target: Path) -> None:
        shutil.copytree(self._compiled, target, dirs_exist_ok=True)

    def _known(self, folder: Path) -> City:
        return self._city if folder == NO_CITY else load_city(folder)

    def _offered(self, folder: Path, city: City) -> Services:
        return self._services if folder == NO_CITY else load_services(folder, city)

    def close(self) -> None:
        self._folder.cleanup()

    def _builder(self, rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (rule.rule, rule.subdomain, repr(rule.defaults), append_unknown)
        if key not in self._builders:
            self._builders[key] = self._compile(rule, append_unknown)
        return self._builders[key]

    def _add_static(self, noise: WhiteNoise, root: str, prefix: str) -> None:
        if root not in self._static:
            finder = WhiteNoise(noise.application)
            self._find_static(finder, root, prefix)
            self._static[root] = finder.files
        noise.files.update(self._static[root])

    def make_app(self, settings: Settings) -> Flask:
        with pytest.MonkeyPatch.context() as patch:
            # Werkzeug compiles each address to a function; doing so anew was a tenth of a run.
            patch.setattr(Rule, "_compile_builder", lambda *given: self._builder(*given))
            patch.setattr(i18n, "compile_catalogues", self._copy)
            patch.setattr(
                WhiteNoise, "update_files_dictionary", lambda *given: self._add_static(*given)
            )
            patch.setattr("app.load_city", self._known)
            patch.setattr("app.load_services", self._offered)
            for kind, load in self._texts.items():
                patch.setattr(kind, "load", load)
            app = create_app(settings)
        app.jinja_env.bytecode_cache = Compiled()
        with app.app_context():
            for engine in db.engines.values():
                self._share_statements(engine)
        return app

    def _share_statements(self, engine: Engine) -> None:
        """A statement is put into words once a run; that was a fifth of it."""
        kind = type(engine.dialect)
        if kind.__name__ not in self._dialects:
            self._dialects[kind.__name__] = alike(kind)
        engine.dialect.__class__ = self._dialects[kind.__name__]
        engine._compiled_cache = self._statements
