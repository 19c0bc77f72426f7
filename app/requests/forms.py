"""The page of a section as a form: made from its questions, filled from what was sent or kept.

What an answer may be is decided in ``answers``; the fields here only carry what was typed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from wtforms import (
    Field,
    FileField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.widgets import CheckboxInput

from app.civic.identity import mask_nik
from app.core.forms import BaseForm, Required
from app.core.i18n import _, _l, date_plain, tr
from app.places.facts import City
from app.requests.answers import MOST, Reading, Typed, input_name
from app.requests.checklist import Item
from app.requests.questions import YES_NO, Answers, Entry, Question, Section, Value
from app.requests.services import Document

SPARE: Final = 2
"""Empty entries offered beyond those filled in, in a section that is answered often."""
CARDS: Final = 6
"""Answers that are cards to tap; more of them are a list."""
KEYBOARDS: Final[Mapping[str, Mapping[str, str]]] = {
    "number": {"inputmode": "numeric", "autocomplete": "off"},
    "time": {"inputmode": "decimal", "autocomplete": "off"},
    "nik": {"inputmode": "numeric", "autocomplete": "off"},
    "kk": {"inputmode": "numeric", "autocomplete": "off"},
    "phone": {"type": "tel", "inputmode": "tel"},
    "email": {"type": "email", "inputmode": "email", "autocapitalize": "none"},
}
"""What a phone offers to type a kind of answer with."""


class CodeForm(BaseForm):
    """The code that opens a form again."""

    code = StringField(
        _l("Kode permohonan"),
        description=_l("12 huruf dan angka, misalnya 7K3M-9QXD-4TRW."),
        validators=[Required(_l("Tulis kode permohonan."))],
    )


class ConfirmForm(BaseForm):
    """A button to be sure with."""


class _Parts(Field):
    """Day, month and year as typed, whatever they are."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = " ".join("".join(part.split()) for part in valuelist)

    def _value(self) -> str:
        return self.data or ""


class PapersForm(BaseForm):
    """The papers of a form: a file field for each, named by ``paper_input``."""


def paper_input(document: Document) -> str:
    """The name of the field that takes the files of a paper."""
    return f"file_{document.key}"


def papers_form(documents: Iterable[Document]) -> PapersForm:
    """Make the form that takes these papers. Files are read apart from it; it carries errors."""
    fields = {
        paper_input(one): (MultipleFileField if one.most > 1 else FileField)(tr(one.name))
        for one in documents
    }
    made: PapersForm = type("PapersForm", (PapersForm,), fields)()
    return made


# ---------------------------------------------------------------- fields


def _text(question: Question, _city: City) -> Field:
    maker = TextAreaField if question.kind == "long" else StringField
    most = question.most if question.kind in MOST else None
    attributes = {**KEYBOARDS.get(question.kind, {})}
    if question.kind in MOST:
        attributes["maxlength"] = str(most or MOST[question.kind])
    return maker(tr(question.label), render_kw=attributes)


def _date(question: Question, _city: City) -> Field:
    return _Parts(tr(question.label))


def _choice(question: Question, _city: City) -> Field:
    choices = _choices(question)
    if len(choices) <= CARDS:
        return RadioField(tr(question.label), choices=choices, validate_choice=False)
    choices.insert(0, SelectChoice("", _("Pilih dari daftar")))
    return SelectField(tr(question.label), choices=choices, validate_choice=False)


def _many(question: Question, _city: City) -> Field:
    return SelectMultipleField(
        tr(question.label),
        choices=_choices(question),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )


def _choices(question: Question) -> list[SelectChoice]:
    return [SelectChoice(key, answer_name(question, key)) for key in question.answers]


def _area(question: Question, city: City) -> Field:
    """One list of all kelurahan by kecamatan: it needs no script to become the shorter one."""
    choices = [SelectChoice("", _("Pilih kelurahan"), optgroup=_("Belum dipilih"))]
    choices += [
        SelectChoice(one.code, one.name, optgroup=district.name)
        for district in city.districts
        for one in city.villages_of(district.code)
    ]
    return SelectField(tr(question.label), choices=choices, validate_choice=False)


FIELDS: Final[Mapping[str, Callable[[Question, City], Field]]] = {
    "date": _date,
    "choice": _choice,
    "yes_no": _choice,
    "many": _many,
    "area": _area,
}
"""How a kind is asked; the others are typed."""


@dataclass(frozen=True)
class Asked:
    """A question on a page: its field, help, and how it is drawn (a macro of components/form)."""

    field: Field
    hint: str
    optional: bool
    drawn: str


def _drawn(field: Field) -> str:
    kinds = (
        (_Parts, "date_parts"),
        (RadioField, "pick"),
        (SelectMultipleField, "checkboxes"),
        (SelectField, "select"),
        (TextAreaField, "textarea"),
    )
    return next((name for kind, name in kinds if isinstance(field, kind)), "text")


# ---------------------------------------------------------------- a section


@dataclass(frozen=True)
class SectionPage:
    """A section as a form, its questions in one group for each entry."""

    form: BaseForm
    groups: tuple[tuple[str, tuple[Asked, ...]], ...]

    def show(self, reading: Reading) -> None:
        """Put what is wrong at its field."""
        for name, message in reading.errors.items():
            self.form[name].errors = [message]


def section_page(
    section: Section, answers: Answers, city: City, typed: Typed | None = None
) -> SectionPage:
    """Make the form of a section; ``typed`` is what was sent, without it the kept answers stand."""
    questions = tuple(_open(section, answers))
    kept = answers.get(section.key, ())
    numbers = range(1, _entries(section, questions, kept, typed) + 1)
    fields = {
        input_name(section, question, number): FIELDS.get(question.kind, _text)(question, city)
        for number in numbers
        for question in questions
    }
    data = {
        input_name(section, question, number): _in_field(question, entry[question.key])
        for number, entry in enumerate(kept, start=1)
        for question in questions
        if question.key in entry
    }
    form = type("SectionForm", (BaseForm,), fields)(data=data)
    groups = tuple(
        (
            entry_heading(section, number),
            tuple(_asked(section, question, form, number) for question in questions),
        )
        for number in numbers
    )
    return SectionPage(form, groups)


def _open(section: Section, answers: Answers) -> Iterator[Question]:
    """What stands on the page: all but what an earlier page has ruled out."""
    for question in section.questions:
        condition = question.condition
        here = condition is not None and condition.question.startswith(f"{section.key}.")
        if condition is None or here or condition.holds(answers):
            yield question


def _entries(
    section: Section, questions: Sequence[Question], kept: Sequence[Entry], typed: Typed | None
) -> int:
    if section.repeat is None:
        return 1
    filled = len(kept)
    if typed is not None:
        for number in range(1, section.repeat.most + 1):
            if any(any(typed(input_name(section, one, number))) for one in questions):
                filled = max(filled, number)
    return min(section.repeat.most, max(section.repeat.least, filled + SPARE))


def _in_field(question: Question, value: Value) -> Any:
    if question.kind == "date" and isinstance(value, str):
        year, month, day = value.split("-")
        return f"{int(day)} {int(month)} {year}"
    return list(value) if isinstance(value, tuple) else value


def entry_heading(section: Section, number: int) -> str:
    """Which of several an entry is, such as "Saksi 2"; "" in a section asked once."""
    one = section.repeat.one if section.repeat else None
    name = tr(one) if one else ""
    return f"{name[:1].upper()}{name[1:]} {number}" if one else ""


def _asked(section: Section, question: Question, form: BaseForm, number: int) -> Asked:
    field = form[input_name(section, question, number)]
    parts = [tr(question.hint) if question.hint else ""]
    if question.unit and not question.hint:
        parts.append(_("Dalam %(unit)s.", unit=tr(question.unit)))
    if question.condition and question.condition.question.startswith(f"{section.key}."):
        parts.append(_only_if(section, question))
    return Asked(field, " ".join(filter(None, parts)), question.optional, _drawn(field))


def _only_if(section: Section, question: Question) -> str:
    """After which answer on the same page a question is to be filled in: works without script."""
    condition = question.condition
    key = condition.question.partition(".")[2] if condition else ""
    other = next(one for one in section.questions if one.key == key)
    among = condition.among if condition else frozenset()
    others = [one for one in other.answers if one not in among]
    if len(others) < len(among):
        return _(
            "Lewati kalau “%(question)s” Anda jawab: %(answers)s.",
            question=tr(other.label),
            answers=", ".join(answer_name(other, one) for one in others),
        )
    return _(
        "Isi hanya kalau “%(question)s” Anda jawab: %(answers)s.",
        question=tr(other.label),
        answers=", ".join(answer_name(other, one) for one in other.answers if one in among),
    )


# ---------------------------------------------------------------- answers in words


def answer_name(question: Question, key: str) -> str:
    """What an answer is called."""
    if question.kind == "yes_no":
        return str({YES_NO[0]: _("Ya"), YES_NO[1]: _("Tidak")}[key])
    return next((tr(one.name) for one in question.choices if one.key == key), key)


def answer_words(question: Question, value: Value, city: City) -> str:
    """An answer as a person reads it."""
    if isinstance(value, tuple):
        return ", ".join(answer_name(question, key) for key in value)
    if question.kind in {"choice", "yes_no"}:
        return answer_name(question, value)
    if question.kind == "date":
        return date_plain(date.fromisoformat(value))
    if question.kind == "time":
        return value.replace(":", ".")
    if question.kind == "phone":
        return value.replace("+62", "0", 1)
    if question.kind == "area":
        village = city.village(value)
        return f"{village.name}, {city.district(village.district_code).name}"
    return f"{value} {tr(question.unit)}" if question.unit else value


def _told(question: Question, value: Value, city: City, masked: bool) -> str:
    words = answer_words(question, value, city)
    return mask_nik(words) if masked and question.kind in {"nik", "kk"} else words


@dataclass(frozen=True)
class Told:
    """One entry of a section in words: its heading and its answers by label."""

    heading: str
    answers: tuple[tuple[str, str], ...]


def told(section: Section, answers: Answers, city: City, *, masked: bool = False) -> list[Told]:
    """All that was answered in a section; ``masked`` hides most of identity numbers."""
    return [
        Told(
            entry_heading(section, number),
            tuple(
                (tr(question.label), _told(question, entry[question.key], city, masked))
                for question in section.questions
                if question.key in entry
            ),
        )
        for number, entry in enumerate(answers.get(section.key, ()), start=1)
    ]


# ---------------------------------------------------------------- what must be mended


@dataclass(frozen=True)
class MendPage:
    """The wrong answers of a request as a form, each with why it is wrong."""

    form: BaseForm
    asked: tuple[tuple[Item, Asked], ...]


def item_name(item: Item) -> str:
    """Name of the input of an item."""
    return item.key.replace(".", "-")


def mend_page(items: Sequence[Item], city: City) -> MendPage:
    """Make the form of some answers, filled with what was sent, else with what stands."""
    answers = [(item, item.question) for item in items if item.question]
    fields = {item_name(item): FIELDS.get(q.kind, _text)(q, city) for item, q in answers}
    data = {item_name(item): _in_field(q, item.value) for item, q in answers if item.value}
    form = type("MendForm", (BaseForm,), fields)(data=data)
    return MendPage(form, tuple((item, _mended(q, form[item_name(item)])) for item, q in answers))


def _mended(question: Question, field: Field) -> Asked:
    return Asked(
        field, tr(question.hint) if question.hint else "", question.optional, _drawn(field)
    )
