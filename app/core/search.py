"""Words as the full-text search knows them: tokenised, then stemmed by the Snowball rules for
Indonesian.

Both databases store these stems, so that both find the same. PostgreSQL's ``indonesian``
configuration uses the same algorithm.
"""

import threading
from functools import lru_cache

import snowballstemmer

from app.civic.text import search_terms

_stemmer = snowballstemmer.stemmer("indonesian")
_lock = threading.Lock()  # a stemmer keeps its word in itself while it works


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of one lower-case word: *melubangi*, *lubangnya* → *lubang*."""
    with _lock:
        return str(_stemmer.stemWord(word))


def stems(text: str) -> list[str]:
    """The stems of a text, in order, each once."""
    return list(dict.fromkeys(stem(term) for term in search_terms(text)))
