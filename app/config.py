"""Settings from the environment: the only module that reads ``os.environ``."""

import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
_FACTORY = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)


class SettingsError(RuntimeError):
    """The environment holds a value the site cannot run safely with; the message says how to mend
    it.
    """


@dataclass(frozen=True)
class Settings:
    """Everything an operator decides. Field names are the environment's, in lower case."""

    instance_path: Path
    database_url: str
    upload_dir: Path
    secret_key: str = field(repr=False)
    data_keys: tuple[str, ...] = field(repr=False)
    public_url: str
    city_dir: Path
    code_keys: tuple[str, ...] = field(default=(), repr=False)
    proxy_hops: int = 0
    rate_limits: bool = True
    limits_url: str = ""
    reports_per_hour: int = 10
    wrong_codes_per_hour: int = 30
    smtp_url: str = ""
    mail_from: str = "tanggap@localhost"
    tile_url: str = ""
    tile_attribution: str = ""
    letter_key: Path = Path()
    letter_key_passphrase: str = field(default="", repr=False)
    signer: str = ""
    production: bool = False
    web_workers: int = 2
    port: int = 8000

    @property
    def public_host(self) -> str:
        """Host (with port, if any) under which the site is reached."""
        return urlsplit(self.public_url).netloc

    @property
    def secure(self) -> bool:
        """Whether cookies may only travel over TLS."""
        return self.public_url.startswith("https://")

    @classmethod
    def from_environ(
        cls, environ: Mapping[str, str], instance_path: Path | None = None
    ) -> "Settings":
        """Read the settings; make keys on the first development run.

        Raises SettingsError when production lacks keys or a value is malformed.
        """
        instance = instance_path or Path(environ.get("INSTANCE_DIR", str(ROOT / "instance")))
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        production = environ.get("TANGGAP_ENV", "development") == "production"
        port = _integer(environ, "PORT", 8000)
        settings = cls(
            instance_path=instance,
            database_url=_database_url(environ.get("DATABASE_URL", ""), instance),
            upload_dir=Path(environ.get("UPLOAD_DIR", str(instance / "uploads"))),
            secret_key=_key(environ, "SECRET_KEY", instance, production),
            data_keys=_listed(_key(environ, "DATA_KEYS", instance, production)),
            code_keys=_listed(environ.get("CODE_KEYS", "")),
            public_url=environ.get("PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
            city_dir=Path(environ.get("CITY_DIR", str(ROOT / "instance" / "city"))),
            proxy_hops=_integer(environ, "PROXY_HOPS", 0),
            rate_limits=_switch(environ, "RATE_LIMITS", default=True),
            limits_url=environ.get("LIMITS_URL", ""),
            reports_per_hour=_integer(environ, "REPORTS_PER_HOUR", 10),
            wrong_codes_per_hour=_integer(environ, "WRONG_CODES_PER_HOUR", 30),
            smtp_url=environ.get("SMTP_URL", ""),
            mail_from=environ.get("MAIL_FROM", "tanggap@localhost"),
            tile_url=environ.get("TILE_URL", ""),
            tile_attribution=environ.get("TILE_ATTRIBUTION", ""),
            letter_key=Path(environ.get("LETTER_KEY") or instance / "letter-key.p12"),
            letter_key_passphrase=environ.get("LETTER_KEY_PASSPHRASE", ""),
            signer=environ.get("SIGNER", "").strip(),
            production=production,
            web_workers=_integer(environ, "WEB_WORKERS", 2),
            port=port,
        )
        _refuse_unsafe(settings, environ)
        return settings


def _integer(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdigit()):
        raise SettingsError(
            f"{name}={value!r}: write a whole number, for example {name}={default}."
        )
    return int(value)


def _switch(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = environ.get(name, "").strip().lower()
    if value in {"on", "1", "true", "yes"}:
        return True
    if value in {"off", "0", "false", "no"}:
        return False
    if value:
        raise SettingsError(f"{name}={value!r}: write on or off.")
    return default


def _database_url(url: str, instance: Path) -> str:
    if not url:
        return f"sqlite:///{instance / 'tanggap.sqlite'}"
    # SQLAlchemy dropped the short name that many hosts still hand out.
    return "postgresql" + url.removeprefix("postgres") if url.startswith("postgres://") else url


def _listed(keys: str) -> tuple[str, ...]:
    return tuple(keys.replace(",", " ").split())


def _key(environ: Mapping[str, str], name: str, instance: Path, production: bool) -> str:
    if value := environ.get(name, "").strip():
        return value
    if production:
        raise SettingsError(
            f"{name} is not set. Make one with:"
            " python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    return _development_key(instance / f"{name.lower()}.txt")


def _development_key(path: Path) -> str:
    """The key of a development run, made once; two processes starting at once agree on one."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(32), encoding="ascii")
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def _refuse_unsafe(settings: Settings, environ: Mapping[str, str]) -> None:
    address = urlsplit(settings.public_url)
    if address.scheme not in {"http", "https"} or not address.hostname or address.path:
        raise SettingsError(
            "PUBLIC_URL: write scheme and host only, for example https://tanggap.example.go.id"
        )
    if settings.signer and not _FACTORY.fullmatch(settings.signer):
        raise SettingsError(
            f"SIGNER={settings.signer!r}: write module:function, for example city_medan.tte:signer."
        )
    if not settings.data_keys or any(len(key) < 32 for key in settings.data_keys):
        raise SettingsError(
            "DATA_KEYS: each key needs at least 32 characters, newest first, separated by commas."
        )
    if any(len(key) < 32 or key in settings.data_keys for key in settings.code_keys):
        raise SettingsError(
            "CODE_KEYS: keys of at least 32 characters that DATA_KEYS lists no longer, separated"
            " by commas."
        )
    if len(settings.secret_key) < 32:
        raise SettingsError("SECRET_KEY: use at least 32 characters.")
    if settings.production and not environ.get("PUBLIC_URL", "").startswith("https://"):
        raise SettingsError(
            "PUBLIC_URL: production needs https://, on which cookies and links in mail depend."
        )
    if settings.production and not settings.smtp_url:
        raise SettingsError(
            "SMTP_URL: production needs a mail server, for example smtp://127.0.0.1:25"
        )
