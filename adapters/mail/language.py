"""Which language a mail seems to be written in."""

import re
from collections import Counter

_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8}){0,3}")
_ENOUGH = 2  # words that tell
_MOST_TEXT = 4_000  # characters
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-zÀ-ž]")
# Letters that only one of the languages written in Cyrillic has.
_LETTERS = {"sr": "ђћјљњџ", "mk": "ѓќѕ", "ru": "ыэё", "uk": "іїєґ"}
_SOUTH_SLAVIC = frozenset(
    "nije sam smo ste što šta kako kada gde gdje ali ili da ne mi se je su na za od do iz sa bi"
    " molim hvala dobar dan poštovani pozdrav imam imate može mogu moj moja vaš vas nam radi"
    " sta posto postovani moze vas samo već vec još jos ovo ovaj koji koja".split()
)
_WORDS = {
    "en": frozenset(
        "the and is are was not you your have has my can could would please thanks hello with for"
        " this that it we our but from what when how i am on to of in do does me there"
        " thank great yes sorry".split()
    ),
    "de": frozenset(
        "der die das und ist sind nicht ich sie ihr wir haben hat mein meine können bitte danke"
        " hallo mit für auf von zu den dem ein eine aber wenn wie was guten tag mir es kann"
        " seit wann gestern heute uhr welche vielen bei".split()
    ),
    "fr": frozenset(
        "le la les et est pas je vous nous mon ma votre avec pour une des bonjour merci".split()
    ),
    "hu": frozenset("és nem hogy egy van az köszönöm kérem üdvözlettel jó napot".split()),
}
_SERBIAN = frozenset(
    "šta sta gde uvek ovde lepo posle vreme pre videti dve neko ko sledeće nedelju hteo htela"
    " treba uopšte takođe umesto primer mesec sreda obavestite rešite rešiti".split()
)
_CROATIAN = frozenset(
    "što gdje uvijek ovdje lijepo poslije vrijeme prije vidjeti dvije netko tko tjedan htio htjela"
    " trebam uopće također umjesto primjer mjesec srijeda obavijestite riješiti tijekom kolovoz"
    " veljača zaporka zaporku uvjet".split()
)


def language_of(text: str, headers: str) -> str:
    """Return an IETF tag for what was written, or nothing where nobody can tell.

    *headers* is what Content-Language and Accept-Language say. The words come first where they
    tell clearly: programs name the language of their menus.
    """
    sample = text[:_MOST_TEXT].lower()
    declared = _declared(headers)
    cyrillic, latin = len(_CYRILLIC.findall(sample)), len(_LATIN.findall(sample))
    if cyrillic > latin:
        return _cyrillic(sample, declared)
    guessed = _latin(Counter(_WORD.findall(sample)), declared)
    if guessed or not declared:
        return guessed
    return "sr-Latn" if declared in ("sr", "sh", "sr-cyrl") and latin else _cased(declared)


def _declared(headers: str) -> str:
    """Return the first language that is named, in lower case, without its country."""
    first = headers.lower().split(",")[0].split(";")[0].strip()
    if not _TAG.fullmatch(first):
        return ""
    return "-".join(part for at, part in enumerate(first.split("-")) if at == 0 or (len(part) == 4))


def _cased(tag: str) -> str:
    language, _, script = tag.partition("-")
    return f"{language}-{script.title()}" if script else language


def _cyrillic(sample: str, declared: str) -> str:
    counts = {
        tag: sum(sample.count(letter) for letter in letters) for tag, letters in _LETTERS.items()
    }
    best = max(counts, key=lambda tag: counts[tag])
    if counts[best]:
        return "mk" if best == "sr" and counts["mk"] else best
    if declared in ("bg", "ru", "mk", "uk"):
        return declared
    return "bg" if "ъ" in sample else "ru" if "щ" in sample or "ь" in sample else "sr"


def _latin(found: Counter[str], declared: str) -> str:
    scores = {tag: sum(found[word] for word in words) for tag, words in _WORDS.items()}
    scores["sr-Latn"] = sum(found[word] for word in _SOUTH_SLAVIC)
    order = sorted(scores, key=lambda tag: scores[tag], reverse=True)
    best = order[0]
    if scores[best] < _ENOUGH or scores[best] == scores[order[1]]:
        return ""
    if best != "sr-Latn":
        return best
    serbian = sum(found[word] for word in _SERBIAN)
    croatian = sum(found[word] for word in _CROATIAN)
    if serbian == croatian:
        return declared if declared in ("hr", "bs", "sl") else "sr-Latn"
    return "hr" if croatian > serbian else "sr-Latn"
