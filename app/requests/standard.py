"""The page of a service: its standard in the fourteen components of PermenPANRB 15/2014.

Component by component in the order of the regulation (annex, part B): six that are shown to whoever
asks for the service, eight of how the unit works. What is not published says nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.core.i18n import LazyString, _, _l, _n, tr
from app.core.promise_view import ClockView, Fact, Leaf
from app.places.facts import City
from app.requests.questions import Repeat
from app.requests.services import COMPONENTS, FEES, PARTS, Document, Service


@dataclass(frozen=True)
class Component:
    """One component: its paragraphs, none when it is not published."""

    name: LazyString
    said: Sequence[str]


def components(service: Service) -> Iterator[Component]:
    """All fourteen, in order."""
    yield Component(_l("Persyaratan"), [document_words(one) for one in service.documents])
    steps = [tr(step) for step in service.steps]
    where = service.elsewhere
    yield Component(_l("Sistem, mekanisme, dan prosedur"), [tr(where.text)] if where else steps)
    yield Component(_l("Jangka waktu"), _said(time_words(service)))
    yield Component(_l("Biaya atau tarif"), _said(fee_words(service)))
    yield Component(_l("Produk pelayanan"), [tr(service.product)] if service.product else [])
    yield Component(_l("Pengaduan, saran, dan masukan"), [_complaints(service)])
    yield Component(_l("Dasar hukum"), [tr(rule) for rule in service.rules])
    for key, name in COMPONENTS.items():
        text = service.components.get(key)
        yield Component(name, [tr(text)] if text else [])


def document_words(document: Document) -> str:
    """A document in one line: what, from where, when it is needed."""
    parts = (document.name, document.note, document.when)
    return ", ".join(tr(part) for part in parts if part) + "."


def repeat_words(repeat: Repeat) -> str:
    """How often a section is answered, such as "2 kali, satu untuk tiap saksi"."""
    if repeat.least == repeat.most:
        times = _n("%(n)s kali", "%(n)s kali", repeat.most, n=repeat.most)
    else:
        times = _("%(least)s sampai %(most)s kali", least=repeat.least, most=repeat.most)
    return _("%(times)s, untuk tiap: %(one)s", times=times, one=tr(repeat.one))


def time_words(service: Service) -> str:
    """How long it takes, "" when nobody has said."""
    note = tr(service.days_note) if service.days_note else ""
    if not service.days:
        return note
    days = _n(
        "%(n)s hari kerja sejak berkas lengkap.",
        "%(n)s hari kerja sejak berkas lengkap.",
        service.days,
        n=service.days,
    )
    return f"{days} {note}".rstrip()


def fee_words(service: Service) -> str:
    """What it costs and what may come on top, "" when nobody has said."""
    note = tr(service.fee_note) if service.fee_note else ""
    return f"{FEES[service.fee]}. {note}".rstrip() if service.fee else note


def _complaints(service: Service) -> str:
    return _(
        "Buat laporan di situs ini, dengan nama atau tanpa nama. %(unit)s menjawab di sana.",
        unit=tr(service.unit.short),
    )


def _said(words: str) -> list[str]:
    return [words] if words else []


def unverified(service: Service) -> str:
    """The parts nobody of the unit has confirmed yet, as one list of words; "" when none."""
    return ", ".join(str(PARTS[part]) for part in service.proposed)


def _proposal(service: Service) -> str:
    if "time" not in service.proposed:
        return ""
    return _("Usulan, belum ditetapkan %(unit)s.", unit=tr(service.unit.short))


def promise(service: Service, city: City, today: date) -> ClockView | None:
    """What is promised to whoever brings a complete file today."""
    if not service.days:
        return None
    day = city.calendar.add(today, service.days)
    return ClockView(
        leaf=Leaf(day, _("Janji")),
        tag=None,
        before=_("Berkas lengkap hari ini?"),
        now=_n(
            "Selesai dalam %(n)s hari kerja",
            "Selesai dalam %(n)s hari kerja",
            service.days,
            n=service.days,
        ),
        late=False,
        shoots=None,
        note=_proposal(service),
        facts=(
            Fact(_("Dipegang"), tr(service.unit.short)),
            Fact(_("Janji"), day=day),
        ),
    )
