"""What was said, against what was seen."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Words = Mapping[str, Sequence[str]]
"""By the way they go ("1 to agents"): what was said there or seen there, in order."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What went wrong; each entry names the way and the word."""

    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    """Seen more often than anything excuses."""
    reordered: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    """Seen although nobody has said it there, and what a website visitor's pages must not show."""
    in_doubt: tuple[str, ...] = ()
    """Copies that were to be expected: the call that carried the word broke off."""

    @property
    def broken(self) -> bool:
        """Whether a promise was."""
        return bool(self.lost or self.doubled or self.reordered or self.odd)

    def __str__(self) -> str:
        broken = {
            "lost": self.lost,
            "doubled": self.doubled,
            "reordered": self.reordered,
            "odd": self.odd,
        }
        named = [
            f"{name} {len(words)}{': ' + ', '.join(words) if words else ''}"
            for name, words in broken.items()
        ]
        return "; ".join([*named, f"copies in doubt {len(self.in_doubt)}"])


def check(
    said: Words,
    seen: Words,
    doubts: Mapping[str, int],
    *,
    may: Words | None = None,
) -> Report:
    """Compare them.

    *doubts*: how many copies are excused, by the name that an entry would have. *may*: ways on
    which not everything has to come, and what has been missed comes when it has been.
    """
    lost: list[str] = []
    doubled: list[str] = []
    reordered: list[str] = []
    in_doubt: list[str] = []
    expected = {**(may or {}), **said}
    for way, words in expected.items():
        there = seen.get(way, ())
        if way in said:
            lost += [entry(word, way) for word in words if word not in there]
            reordered += [entry(word, way) for word in behind(words, there)]
        for word, times in Counter(there).items():
            excused = min(times - 1, doubts.get(entry(word, way), 0))
            in_doubt += [entry(word, way)] * excused
            doubled += [entry(word, way)] * (times - 1 - excused)
    odd = [
        entry(word, way)
        for way, words in seen.items()
        for word in dict.fromkeys(words)
        if word not in expected.get(way, ())
    ]
    return Report(
        lost=tuple(lost),
        odd=tuple(odd),
        doubled=tuple(doubled),
        reordered=tuple(reordered),
        in_doubt=tuple(in_doubt),
    )


def entry(word: str, way: str) -> str:
    """Return how a word is named that went this way."""
    return f"{word} ({way})"


def missing(said: Words, seen: Words) -> bool:
    """Whether something said has not been seen yet."""
    return any(not set(words) <= set(seen.get(way, ())) for way, words in said.items())


def one_text_one_id(mails: Collection[tuple[str, str]]) -> tuple[str, ...]:
    """Return the texts that came under several Message-IDs; *mails* are (Message-ID, text)."""
    texts = Counter(text for _, text in set(mails))
    return tuple(text for text, ids in texts.items() if ids > 1)


def behind(said: Sequence[str], seen: Sequence[str]) -> list[str]:
    """Return the words that came, for the first time, after one that was said later."""
    places = {word: place for place, word in enumerate(said)}
    late, latest = [], -1
    for word in dict.fromkeys(seen):
        place = places.get(word, latest)
        if place < latest:
            late.append(word)
        latest = max(latest, place)
    return late
