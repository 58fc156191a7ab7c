"""Words that say nothing of a problem: greetings, thanks, yes and no."""

import re

_GREETINGS = frozenset(
    "hi hello hey hallo good morning afternoon evening day there zdravo cao ćao pozdrav dobar dan "
    "dobro jutro dobro veče dobro vece vecer halo alo ej здраво ћао поздрав добар дан добро јутро "
    "вече ало хало ej еј help pomoc pomoć помоћ start".split()
)
_THANKS = frozenset(
    "thanks thank you thx ty ok okay great super perfect cool very much a lot so bye goodbye "
    "cheers hvala puno lepo lijepo vam ti u redu odlicno odlično vazi važi to je najlepse "
    "najlepše prijatno pozdrav doviđenja dovidjenja хвала пуно лепо вам ти у реду одлично важи то "
    "је најлепше пријатно супер поздрав довиђења".split()
)
_THANKFUL = frozenset("thanks thank thx ty hvala хвала ok okay super супер важи vazi važi".split())
_YES = frozenset(
    "yes y yep yeah ok okay da d jeste tako tačno tacno da да јесте тако тачно".split()
)
_NO = frozenset("no n nope ne nije ne не није".split())
_THANKFUL_SIGNS = frozenset("👍🙏❤♥👌😊🙂😀😃😁🤝🎉💪🌹")
_MODIFIERS = re.compile("[\\s\ufe0f\U0001f3fb-\U0001f3ff]")
_WORD = re.compile(r"\w+")


def is_greeting(text: str) -> bool:
    """Whether *text* only says hello, so that the problem must still be asked for."""
    words = _WORD.findall(text.lower())
    return len(words) <= 4 and all(word in _GREETINGS for word in words)


def is_thanks(text: str) -> bool:
    """Whether *text* only says thank you, so that nothing needs to be reopened for it."""
    words = _WORD.findall(text.lower())
    signs = _MODIFIERS.sub("", text)
    if signs and all(sign in _THANKFUL_SIGNS for sign in signs):
        return True
    return (
        0 < len(words) <= 6
        and all(word in _THANKS for word in words)
        and any(word in _THANKFUL for word in words)
    )


def is_yes(text: str) -> bool:
    """Whether *text* is a plain yes."""
    words = _WORD.findall(text.lower())
    return 0 < len(words) <= 2 and all(word in _YES for word in words)


def is_no(text: str) -> bool:
    """Whether *text* is a plain no."""
    words = _WORD.findall(text.lower())
    return 0 < len(words) <= 2 and all(word in _NO for word in words)
