"""A whole city folder (docs/city.md) made out of the rows of a city's 311 file."""

import csv
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import mean

BLANK = "Lainnya"
AGENCY = "luar_kota"
SECRETARIAT = "sekretariat"
MARGIN = 0.01  # degrees around the outermost pins


@dataclass(frozen=True)
class Row:
    """One request of the file, in the words of this site."""

    source: str  # its number in the file
    text: str
    landmark: str
    district: str
    village: str
    category: str
    unit: str
    anonymous: bool
    place: tuple[float, float] | None
    status: str  # as the file has it


@dataclass(frozen=True)
class City:
    """What the file says about its city: names by code."""

    rows: Sequence[Row]
    districts: dict[str, str]
    villages: dict[str, tuple[str, str]]  # code: name, code of the district
    units: dict[str, str]
    categories: dict[str, tuple[str, str]]  # slug: name, code of the unit


def read(path: Path, count: int) -> City:
    """The first rows of a file and the city they speak of. Raises KeyError for another format."""
    with path.open(newline="", encoding="utf-8-sig") as lines:
        raw = list(islice(csv.DictReader(lines), count))
    shared = _shared_types(raw)
    areas = sorted({(row["CD"].zfill(2), row["NCName"] or BLANK) for row in raw})
    village_codes = {area: f"{_district(area[0])}.{n:03}" for n, area in enumerate(areas, start=1)}
    categories: dict[str, tuple[str, str]] = {}
    rows = []
    for row in raw:
        kind, owner = row["RequestType"], row["Owner"]
        name = f"{kind} ({owner})" if kind in shared else kind
        categories[_slug(name)] = (name, _slug(owner))
        rows.append(
            Row(
                source=row["SRNumber"],
                text=f"{kind}: {row['Address']}",
                landmark=row["Address"],
                district=_district(row["CD"].zfill(2)),
                village=village_codes[row["CD"].zfill(2), row["NCName"] or BLANK],
                category=_slug(name),
                unit=_slug(owner),
                anonymous=row["Anonymous"] == "Y",
                place=_place(row["Latitude"], row["Longitude"]),
                status=row["Status"],
            )
        )
    return City(
        rows=rows,
        districts={_district(cd): f"CD {int(cd)}" if int(cd) else BLANK for cd, _ in areas},
        villages={code: (area[1], _district(area[0])) for area, code in village_codes.items()},
        units={_slug(row["Owner"]): row["Owner"] for row in raw},
        categories=categories,
    )


def _shared_types(raw: Iterable[dict[str, str]]) -> set[str]:
    """Request types that need their owner in the name: "Other", and any of several owners."""
    owners: dict[str, set[str]] = {}
    for row in raw:
        owners.setdefault(row["RequestType"], set()).add(row["Owner"])
    return {kind for kind, those in owners.items() if kind == "Other" or len(those) > 1}


def _district(cd: str) -> str:
    return f"CD.{cd}"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _place(latitude: str, longitude: str) -> tuple[float, float] | None:
    """The pin as the form stores it: six decimals."""
    if not (latitude and longitude):
        return None
    return round(float(latitude), 6), round(float(longitude), 6)


# ---------------------------------------------------------------- the folder


def write(city: City, folder: Path) -> None:
    """Write the city folder."""
    folder.mkdir(parents=True)
    files = {
        "city.toml": _city_toml(city),
        "areas.csv": _areas_csv(city),
        "units.toml": _units_toml(city),
        "categories.toml": _categories_toml(city),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def _text(name: str) -> str:
    quoted = json.dumps(name)  # a JSON string is a TOML string
    return f"{{ id = {quoted}, en = {quoted} }}"


def _city_toml(city: City) -> str:
    pins = [row.place for row in city.rows if row.place]
    south, north = min(lat for lat, _ in pins), max(lat for lat, _ in pins)
    west, east = min(lon for _, lon in pins), max(lon for _, lon in pins)
    return f"""\
code = "311"
site = "Tanggap 311"
name = {_text("Kota 311")}
short_name = "Kota 311"
province = {_text("Provinsi 311")}
zone = "America/Los_Angeles"
zone_label = "PT"
locale = "id"
secretariat = "{SECRETARIAT}"

[bounds]
west = {west - MARGIN}
south = {south - MARGIN}
east = {east + MARGIN}
north = {north + MARGIN}

[start]
lat = {(south + north) / 2}
lon = {(west + east) / 2}
zoom = 10

[contacts]
phone_emergency = {{ value = "911" }}
phone_police = {{ value = "911" }}
phone_fire = {{ value = "911" }}
phone_ambulance = {{ value = "911" }}
phone_women_children = {{ value = "911" }}
wa_women_children = {{ value = "911" }}
phone_ombudsman = {{ value = "311" }}
phone_corruption = {{ value = "311" }}
phone_electricity = {{ value = "311" }}
phone_water = {{ value = "311" }}
contact_email = {{ value = "311@kota.example" }}
contact_address = {{ value = "City Hall" }}
controller = {{ value = {_text("Kota 311")} }}
dpo = {{ value = {_text("pdp@kota.example")} }}

[promises]
verify_days = 3
answer_days = 5
confirm_days = 10
reopen_days = 10
dispute_days = 5
object_days = 10
needs_info_days = 30
needs_info_reminder_days = 7
closing_reminder_days = 3
reminder_percent = 80
escalation_grace_days = 3
class_days = {{ information = 5, plain = 14, examination = 60 }}

[retention]
closed_months = 24
logs_months = 12
backup_days = 30

[limits]
text_min = 20
text_max = 4000
landmark_min = 5
landmark_max = 200
name_max = 80
photos_max = 5
photo_max_mb = 10
photos_total_mb = 25
paper_max_mb = 5

[privacy_notice]
version = "1"
since = 2026-11-24
"""


def _areas_csv(city: City) -> str:
    middle = _middle(city.rows) or (0.0, 0.0)
    centres = {
        code: _middle(row for row in city.rows if row.district == code) or middle
        for code in city.districts
    }
    lines = ["district_code,district_name,district_lat,district_lon,village_code,village_name"]
    for code, (name, district) in city.villages.items():
        lat, lon = centres[district]
        lines.append(f'{district},{city.districts[district]},{lat:.6f},{lon:.6f},{code},"{name}"')
    return "\n".join(lines) + "\n"


def _middle(rows: Iterable[Row]) -> tuple[float, float] | None:
    pins = [row.place for row in rows if row.place]
    return (mean(lat for lat, _ in pins), mean(lon for _, lon in pins)) if pins else None


def _units_toml(city: City) -> str:
    units = {SECRETARIAT: "Sekretariat", **city.units}
    tables = [
        f'[[unit]]\ncode = "{code}"\nkind = "dinas"\nname = {_text(name)}\nshort = {_text(name)}\n'
        for code, name in units.items()
    ]
    agency = f'[[agency]]\ncode = "{AGENCY}"\nname = {_text("Badan luar kota")}\nphone = "311"\n'
    return "\n".join([*tables, agency])


def _categories_toml(city: City) -> str:
    return "\n".join(
        f'[[category]]\nslug = "{slug}"\nunit = "{unit}"\n'
        f"name = {_text(name)}\nhint = {_text(name)}\n"
        for slug, (name, unit) in city.categories.items()
    )
