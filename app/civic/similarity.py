"""Which open reports look like this one, and which category a text speaks of.

Both are offers a citizen may decline, so they must be explainable: sums of a few plain parts, no
training. The weights are our own choice; words are compared as stems, which the caller makes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.civic.geo import Point, haversine

REACH = 300.0
"""Metres from which on two pins say nothing of being the same place."""
THRESHOLD = 0.5
"""Score from which on a report is offered as similar."""
CATEGORY_WEIGHT, PLACE_WEIGHT, WORDS_WEIGHT = 0.3, 0.4, 0.3

SAME_VILLAGE = 0.3
"""What the same kelurahan is worth as a place when one of the two has no pin."""
SAME_WORDS = 0.5
"""Jaccard index from which on two texts count as saying the same."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What is compared of a report."""

    category: str
    village: str
    point: Point | None
    stems: frozenset[str]


@dataclass(frozen=True, slots=True)
class Similarity:
    """How alike two reports are, and why; every part but `metres` runs from 0 to 1."""

    category: float
    place: float
    words: float
    metres: float | None

    @property
    def score(self) -> float:
        """Return the weighted sum of the parts, from 0 to 1."""
        return round(
            CATEGORY_WEIGHT * self.category + PLACE_WEIGHT * self.place + WORDS_WEIGHT * self.words,
            6,
        )

    @property
    def similar(self) -> bool:
        """Tell whether to offer one report for the other; never for one at another place."""
        return self.place > 0 and self.score >= THRESHOLD


def compare(a: Traits, b: Traits) -> Similarity:
    """Compare two reports. With two pins their distance decides, else the kelurahan does."""
    metres = haversine(a.point, b.point) if a.point and b.point else None
    if metres is None:
        place = SAME_VILLAGE if a.village == b.village else 0.0
    else:
        place = max(0.0, 1 - metres / REACH)
    words = min(1.0, jaccard(a.stems, b.stems) / SAME_WORDS)
    return Similarity(float(a.category == b.category), place, words, metres)


def jaccard(a: Collection[str], b: Collection[str]) -> float:
    """Return the share of words two texts have in common, from 0 to 1."""
    ours, theirs = set(a), set(b)
    together = ours | theirs
    return len(ours & theirs) / len(together) if together else 0.0


def suggest_by_keywords(
    words: Sequence[str], keywords: Mapping[str, Iterable[str]], limit: int = 3
) -> tuple[str, ...]:
    """Return the categories whose keywords stand in a text, best first, at most `limit`.

    `words` is the text in order and `keywords` one or more words each, parted by blanks and made
    the same way. A keyword counts once, as much as it has words: *lampu jalan* beats *jalan*.
    Equals keep the order of `keywords`.
    """
    phrases = {slug: {tuple(key.split()) for key in keys} for slug, keys in keywords.items()}
    lengths = {len(phrase) for own in phrases.values() for phrase in own}
    spoken = {
        tuple(words[start : start + length])
        for length in lengths
        for start in range(len(words) - length + 1)
    }
    return _best({slug: sum(map(len, own & spoken)) for slug, own in phrases.items()}, limit)


def suggest_by_votes(neighbours: Iterable[tuple[str, float]], limit: int = 3) -> tuple[str, ...]:
    """Return the categories of similar reports, each voting with its score, best first."""
    votes: dict[str, float] = {}
    for slug, score in neighbours:
        votes[slug] = votes.get(slug, 0) + score
    return _best(votes, limit)


def _best(scores: Mapping[str, float], limit: int) -> tuple[str, ...]:
    """Return the keys with the highest scores above 0; equals keep their order."""
    ranked = sorted(scores, key=lambda slug: -scores[slug])
    return tuple(slug for slug in ranked if scores[slug] > 0)[:limit]
