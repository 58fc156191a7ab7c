"""The words by which mail programs show what is quoted, forwarded or signed, by language.

English, German, Serbian in both scripts and Croatian; French and Russian where it costs nothing.
All are casefolded.
"""

from enum import Enum, auto


class Label(Enum):
    """What a line of a quoted mail's header block names."""

    SENDER = auto()
    SENT = auto()
    TO = auto()
    COPY = auto()
    SUBJECT = auto()


_LABELS = {
    Label.SENDER: "from von od šalje salje pošiljalac pošiljatelj од шаље пошиљалац de от",
    Label.SENT: "sent date gesendet datum poslato poslano послато послано датум envoyé отправлено",
    Label.TO: "to an za kome prima primalac primatelj за коме прима прималац à кому",
    Label.COPY: "cc bcc kopie kopija копија ko копие",
    Label.SUBJECT: "subject betreff tema predmet naslov тема предмет наслов objet",
}
LABELS = {word: label for label, words in _LABELS.items() for word in words.split()}

WROTE = frozenset(
    "wrote schrieb schrieben geschrieben écrit írta skrev schreef scritto escribió escreveu".split()
)
"""Words by which a line says that somebody wrote what follows."""

WROTE_STEMS = ("napisa", "написа")
"""How such a word begins where its end says whether a man or a woman wrote: napisao/la."""

WRITES = frozenset("piše pise пише пишет quoting zitat citiram citiranje цитирам".split())
"""Words that say so too, but that people also write before they show an error or a log."""

OPENERS = frozenset("on am dana na дана на le".split())
"""Words with which a line begins that tells when something was written."""

WEEKDAY_OPENERS = frozenset("u у".split())
"""Words that do so before a weekday only."""

WEEKDAYS = (
    *("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    *("pon", "uto", "sre", "sri", "čet", "pet", "sub", "ned"),
    *("пон", "уто", "сре", "чет", "пет", "суб", "нед"),
)
"""How weekdays begin, short or in full."""

ORIGINAL = frozenset(
    {
        "original message",
        "original-nachricht",
        "originalnachricht",
        "originalna poruka",
        "originalna pošta",
        "originalni e-mail",
        "prvobitna poruka",
        "izvorna poruka",
        "izvorna pošta",
        "ursprüngliche nachricht",
        "оригинална порука",
        "оригинална пошта",
        "првобитна порука",
        "изворна порука",
        "исходное сообщение",
        "message d'origine",
    }
)
"""What stands between dashes above a quoted mail."""

FORWARDED = frozenset(
    {
        "forwarded message",
        "begin forwarded message",
        "weitergeleitete nachricht",
        "anfang der weitergeleiteten nachricht",
        "prosleđena poruka",
        "prosledjena poruka",
        "početak prosleđene poruke",
        "proslijeđena poruka",
        "početak proslijeđene poruke",
        "preusmerena poruka",
        "прослеђена порука",
        "преусмерена порука",
        "почетак прослеђене поруке",
        "message transféré",
        "пересылаемое сообщение",
    }
)
"""What stands, between dashes or before a colon, above a forwarded mail."""

FORWARD_PREFIXES = frozenset("fw fwd wg pd pr pros proslj prosl пд пр прос просл tr".split())
"""How the subject of a forwarded mail begins, before the colon."""

SENT_WITH = (
    *("sent from", "sent via", "sent with", "get outlook", "gesendet von", "gesendet mit"),
    *("gesendet aus", "von meinem", "von meiner", "von mein", "holen sie sich outlook"),
    *("diese nachricht wurde von", "outlook für", "poslato sa", "poslato s", "poslato iz"),
    *("poslato preko", "poslano s", "poslano sa", "poslano iz", "poslano putem"),
    *("preuzmite outlook", "nabavite outlook", "preuzmi outlook", "послато са", "послато с"),
    *("послато из", "послато преко", "преузмите outlook", "набавите outlook"),
    *("get bluemail", "yahoo mail", "envoyé de", "отправлено с"),
)
"""How a telephone's or a program's own line under a mail begins."""

DEVICES = (
    *("iphone", "ipad", "ios", "android", "samsung", "galaxy", "huawei", "xiaomi", "redmi"),
    *("outlook", "yahoo", "proton", "thunderbird", "k-9", "gmx", "web.de", "mail für", "mail for"),
    *("smartphone", "phone", "mobile", "mobil", "mobitel", "telefon", "device", "gerät", "handy"),
    *("uređaj", "uredjaj", "телефон", "мобил", "уређај", "ајфон", "windows", "bluemail", "spark"),
    *("blackberry", "aplikacij", "апликациј", "gmail"),
)
"""What such a line names."""

SCANNED = (
    *("<http", "<#", "virus-free", "bez virusa", "nema virusa", "virenfrei", "www."),
    *("без вируса", "нема вируса", "this email has been checked", "diese e-mail wurde von"),
    *("ova e-poruka je proverena", "ova e-pošta je provjerena", "ова е-порука је проверена"),
)
"""How the lines begin that an antivirus puts under a mail."""

SCANNERS = ("avast", "avg.com", "avg antivir", "#dab4fad8", "norton.com", "eset")
"""What those lines name."""

CLOSINGS = (
    *("best", "kind regards", "regards", "warm regards", "many thanks", "thanks", "thank you"),
    *(
        "cheers",
        "sincerely",
        "yours",
        "mit freundlich",
        "freundliche",
        "viele grüße",
        "liebe grüße",
    ),
    *("beste grüße", "schöne grüße", "mfg", "gruß", "grüße", "danke", "vielen dank"),
    *(
        "pozdrav",
        "srdač",
        "srdac",
        "lep pozdrav",
        "lijep pozdrav",
        "lijepi pozdrav",
        "veliki pozdrav",
    ),
    *("s poštovanjem", "sa poštovanjem", "s postovanjem", "sa postovanjem", "štovanjem", "hvala"),
    *("unapred hvala", "unaprijed hvala", "lp", "поздрав", "срдач", "леп поздрав", "хвала"),
    *("велики поздрав", "с поштовањем", "са поштовањем", "унапред хвала", "лп"),
)
"""How the line begins with which people end a letter."""

CONTACTS = (
    *("tel", "mob", "gsm", "fax", "faks", "phone", "cell", "web", "www.", "http://", "https://"),
    *("e-mail", "email", "mail", "adresa", "pib", "t:", "m:", "e:", "w:", "t.", "m.", "f:"),
    *("тел", "моб", "факс", "веб", "е-пошта", "имејл", "адреса", "пиб"),
)
"""How the lines of a signature begin that say where to reach somebody."""
