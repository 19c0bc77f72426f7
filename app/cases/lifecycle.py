"""The lifecycle engine: states, moves and actions as rows that everything asks.

Each kind of case brings its own rows (``complaints/lifecycle.py``). Desk and holder buttons,
mails, clocks and tests are all made from them. Standard library only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

HOLDER = "holder"
"""Who may: whoever holds the tracking code."""
CLOCK = "clock"
"""Who may: time itself, through the worker."""
PUBLIC = "public"
"""Who may: anybody."""
OPERATOR = "operator"
"""Who may: whoever runs commands on the server; no page offers it."""


def N_(text: str) -> str:
    """Mark a text for the catalogue; it is translated where it is shown."""
    return text


class Clock(StrEnum):
    """The promise that runs in a state, or what a move does to it."""

    VERIFY = "verify"
    ANSWER = "answer"
    SOLVE = "solve"
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    WAIT = "wait"
    RESUME = "resume"  # the stopped clock runs on
    KEEP = "keep"  # the running promise stands
    BEFORE = "before"  # the promise that stood before (undo)
    STOP = "stop"


class Need(StrEnum):
    """What must be given with a move or an action."""

    QUESTION = "question"  # to the reporter
    REPLY = "reply"  # public
    REASON = "reason"  # to the reporter, public where the report is
    INTERNAL_REASON = "internal_reason"  # staff only
    TO_HOLDER = "to_holder"  # an answer for the reporter alone
    NOTE = "note"  # staff only
    REASON_CODE = "reason_code"
    UNIT = "unit"
    AGENCY = "agency"
    TARGET = "target"  # number of the report this one repeats
    OFFICER = "officer"
    DATE = "date"
    WORDS = "words"  # of the holder
    WORDS_OR_PHOTOS = "words_or_photos"
    DISPUTE = "dispute"  # what is not settled, and words
    PHOTOS = "photos"  # may be given, never must
    AFTER_PHOTOS = "after_photos"  # may be given
    RATING = "rating"
    VISIBILITY = "visibility"  # tighter than it is
    NUMBER = "number"  # typed again, to be sure
    CATEGORY = "category"
    PUBLIC_TEXT = "public_text"  # words of the public copy to be hidden
    PHOTO = "photo"  # which one
    AMOUNT = "amount"  # in rupiah, and for the holder how it comes about
    PROOF = "proof"  # of a payment, staff only
    NEWS = "news"  # for the holder alone, unasked
    PUBLIC_REASON = "public_reason"  # anybody may come to read it


@dataclass(frozen=True)
class State:
    """A state, the clock that runs in it, and whom it waits for."""

    name: str
    clock: Clock = Clock.STOP
    waits_for: str = ""  # "city", "holder" or nobody
    final: bool = False


@dataclass(frozen=True)
class Move:
    """One allowed change of state. ``to`` is None where the state before a merge comes back."""

    name: str
    frm: tuple[str, ...]
    to: str | None
    who: str  # a permission, HOLDER or CLOCK
    clock: Clock
    label: str  # on the button
    done: str  # in the history
    needs: tuple[Need, ...] = ()
    tells: tuple[str, ...] = ()  # mails
    guard: str = ""  # a condition beyond the state, see ``guards`` and those of the kind
    public: bool = True  # whether the history shown to everybody names it
    publishes: bool = False  # a verifier has looked and passed it on
    icon: str = "work"
    stop: bool = False  # a button to think twice about
    verifiers_only: bool = False  # no unit reads of it in the history


@dataclass(frozen=True)
class Action:
    """Something done on a case that leaves its state as it is."""

    name: str
    states: tuple[str, ...]
    who: str
    label: str
    done: str = ""
    needs: tuple[Need, ...] = ()
    tells: tuple[str, ...] = ()
    guard: str = ""
    public: bool = False
    link: bool = False  # leads to a page, writes nothing
    icon: str = "work"
    verifiers_only: bool = False  # no unit reads of it in the history


class NotAllowed(Exception):
    """This move or action is not open to this actor in this state."""


@dataclass(frozen=True)
class Lifecycle:
    """All rows of one kind of case."""

    kind: str
    first: str
    states: Mapping[str, State]
    moves: tuple[Move, ...]
    actions: tuple[Action, ...] = ()
    filed: Action = field(kw_only=True)

    @cached_property
    def city_clock(self) -> tuple[str, ...]:
        """States in which the city owes the next step; only these can be late."""
        return tuple(s.name for s in self.states.values() if s.waits_for == "city")

    @cached_property
    def open_states(self) -> tuple[str, ...]:
        """States that are not final."""
        return tuple(s.name for s in self.states.values() if not s.final)

    def moves_from(self, state: str) -> Iterator[Move]:
        """The moves that leave a state (or come back to it)."""
        return (move for move in self.moves if state in move.frm)

    def actions_in(self, state: str) -> Iterator[Action]:
        """The actions open in a state."""
        return (action for action in self.actions if state in action.states)

    def steps_in(self, state: str) -> Iterator[Move | Action]:
        """All moves and actions of a state, in the order of the table."""
        yield from self.moves_from(state)
        yield from self.actions_in(state)

    def step(self, name: str, state: str) -> Move | Action:
        """The row of this name in this state. Raises NotAllowed when there is none."""
        for row in self.steps_in(state):
            if row.name == name:
                return row
        raise NotAllowed(f"{name} from {state}")

    def rows(self) -> Iterator[Move | Action]:
        """Every row: filing, moves, actions."""
        yield self.filed
        yield from self.moves
        yield from self.actions

    def row(self, name: str) -> Move | Action | None:
        """The first row of this name, for its words in a history."""
        return next((row for row in self.rows() if row.name == name), None)
