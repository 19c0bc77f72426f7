"""The forms of a page, as a browser without script would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self

CONTROLS = frozenset({"input", "select", "textarea", "button"})
NEVER_SENT = frozenset({"submit", "button", "image", "reset"})

Upload = tuple[str, bytes, str]
"""File name, content, media type."""
NO_FILE: Upload = ("", b"", "application/octet-stream")


@dataclass
class Button:
    """What a submit button adds to the form, and where it sends it ("" = as the form says)."""

    name: str
    value: str
    action: str


@dataclass
class Form:
    """A form with the values it would send."""

    id: str
    action: str
    method: str
    multipart: bool
    fields: dict[str, list[str]] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)
    pickers: list[str] = field(default_factory=list)
    uploads: list[tuple[str, Upload]] = field(default_factory=list)

    def fill(self, **values: str) -> Self:
        """Set fields as a person can: those there are, and of a choice only what is offered.

        Raises KeyError for anything else.
        """
        for name, value in values.items():
            if name not in self.fields:
                raise KeyError(f"no field {name!r} in {self.action}: {sorted(self.fields)}")
            if name in self.offered and value not in self.offered[name]:
                raise KeyError(f"{name}={value!r} is not among {self.offered[name]}")
            self.fields[name] = [value]
        return self

    def set(self, name: str, value: str) -> Self:
        """Set a field as the page's script does: hidden ones and filled-in choices too."""
        self.fields[name] = [value]
        return self

    def attach(self, name: str, upload: Upload) -> Self:
        """Choose a file. Raises KeyError when there is nothing to choose it in."""
        if name not in self.pickers:
            raise KeyError(f"no files {name!r} in {self.action}: {self.pickers}")
        self.uploads.append((name, upload))
        return self

    @property
    def files(self) -> list[tuple[str, Upload]]:
        """What is sent as files: those chosen, and an empty one where none was."""
        chosen = {name for name, _ in self.uploads}
        return [*self.uploads, *((name, NO_FILE) for name in self.pickers if name not in chosen)]

    def button(self, value: str = "") -> Button:
        """The button with this value; without one the first, as the Enter key does.

        Raises KeyError when there is none.
        """
        for button in self.buttons:
            if value in ("", button.value):
                return button
        raise KeyError(f"no button {value!r} in {self.action}: {self.buttons}")

    def pairs(self, button: Button) -> list[tuple[str, str]]:
        """What is sent when this button is pressed."""
        pairs = [(name, value) for name, values in self.fields.items() for value in values]
        return [*pairs, (button.name, button.value)] if button.name else pairs


@dataclass
class _Control:
    tag: str
    attrs: dict[str, str]
    inside: Form | None
    text: str = ""
    options: list[dict[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.controls: list[_Control] = []
        self._inside: Form | None = None
        self._writing = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = Form(
                named.get("id", ""),
                named.get("action", ""),
                named.get("method", "get").lower(),
                named.get("enctype") == "multipart/form-data",
            )
            self.forms.append(self._inside)
        elif tag == "option" and self.controls:
            self.controls[-1].options.append(named)
        elif tag in CONTROLS:
            self.controls.append(_Control(tag, named, self._inside))
            self._writing = tag == "textarea"

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None
        elif tag == "textarea":
            self._writing = False

    def handle_data(self, data: str) -> None:
        if self._writing:
            self.controls[-1].text += data


def forms_of(page: str) -> list[Form]:
    """All forms of a page; fields and buttons outside that name a form by id belong to it."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    by_id = {form.id: form for form in reader.forms if form.id}
    for control in reader.controls:
        named = control.attrs.get("form")
        form = by_id.get(named) if named else control.inside
        if form is not None and "disabled" not in control.attrs:
            _take(form, control)
    return reader.forms


def _take(form: Form, control: _Control) -> None:
    attrs = control.attrs
    name, kind, value = attrs.get("name", ""), attrs.get("type", ""), attrs.get("value", "")
    if control.tag == "button" and kind in {"", "submit"}:
        form.buttons.append(Button(name, value, attrs.get("formaction", "")))
    elif not name or kind in NEVER_SENT or control.tag == "button":
        return
    elif kind == "file":
        form.pickers.append(name)
    elif control.tag == "select":
        _choose(form, name, control.options)
    elif control.tag == "textarea":
        form.fields[name] = [control.text.replace("\r\n", "\n").removeprefix("\n")]
    elif kind in {"radio", "checkbox"}:
        form.offered.setdefault(name, []).append(value or "on")
        chosen = form.fields.setdefault(name, [])
        chosen += [value or "on"] * ("checked" in attrs)
    else:
        form.fields.setdefault(name, []).append(value)


def _choose(form: Form, name: str, options: list[dict[str, str]]) -> None:
    values = [option.get("value", "") for option in options if "disabled" not in option]
    chosen = [option.get("value", "") for option in options if "selected" in option]
    form.offered[name] = values
    form.fields[name] = chosen or values[:1]
