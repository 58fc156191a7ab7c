"""The checker notices what went wrong, and only that."""

from tests.faults.checker import Report, check, entry, missing, one_text_one_id
from tests.faults.plan import make_plan

SAID = {"1 to agents": ["one", "two", "three"]}


def seen(*words: str, doubts: dict[str, int] | None = None) -> Report:
    """Return the report on three words of which these were seen."""
    excused = {entry(word, "1 to agents"): copies for word, copies in (doubts or {}).items()}
    return check(SAID, {"1 to agents": words}, excused)


def test_what_arrives_once_and_in_order_is_kept() -> None:
    """Nothing to report."""
    assert seen("one", "two", "three") == Report()
    assert not Report().broken


def test_a_lost_word_is_noticed() -> None:
    """Nor does another conversation's word stand in for it."""
    report = check(SAID, {"1 to agents": ["one", "three"], "2 to agents": ["two"]}, {})

    assert report.lost == ("two (1 to agents)",)
    assert report.broken


def test_a_doubled_word_is_noticed() -> None:
    """Each copy counts."""
    report = seen("one", "two", "two", "three", "two")

    assert report == Report(doubled=("two (1 to agents)",) * 2)
    assert report.broken


def test_a_copy_in_doubt_is_counted_but_breaks_nothing() -> None:
    """As many as calls broke off, and none more."""
    report = seen("one", "two", "two", "two", "three", doubts={"two": 1})

    assert report.in_doubt == ("two (1 to agents)",)
    assert report.doubled == ("two (1 to agents)",)
    assert not seen("one", "one", "two", "three", doubts={"one": 1}).broken


def test_a_word_out_of_order_is_noticed() -> None:
    """The one that came late is named; a copy of an earlier word is no change of order."""
    assert seen("one", "three", "two").reordered == ("two (1 to agents)",)
    assert not seen("one", "two", "three", "one").reordered


def test_a_word_that_nobody_said_there_is_noticed() -> None:
    """Such as another customer's."""
    report = check(SAID, {**SAID, "2 to agents": ["two"]}, {})

    assert report == Report(odd=("two (2 to agents)",))
    assert seen("one", "two", "three", "four").odd == ("four (1 to agents)",)
    assert report.broken


def test_what_may_come_need_not() -> None:
    """Visitors are mailed what they missed: some of it, and nothing twice."""
    answers = {"1 by mail": ["one", "two"]}

    assert check({}, {}, {}, may=answers) == Report()
    assert check({}, {"1 by mail": ["two"]}, {}, may=answers) == Report()
    assert check({}, {"1 by mail": ["two", "two"]}, {}, may=answers).doubled
    assert check({}, {"1 by mail": ["three"]}, {}, may=answers).odd


def test_the_report_says_what_and_where() -> None:
    """As it is printed for a seed that fails."""
    assert str(seen("two")) == (
        "lost 2: one (1 to agents), three (1 to agents); doubled 0; reordered 0; odd 0; "
        "copies in doubt 0"
    )


def test_what_is_still_missing_is_waited_for() -> None:
    """A run ends when everything said has been seen."""
    assert missing(SAID, {"1 to agents": ["one", "two"]})
    assert not missing(SAID, {"1 to agents": ["one", "two", "three", "three"]})


def test_a_mail_may_come_twice_only_under_one_message_id() -> None:
    """Mailboxes fold such copies into one."""
    assert one_text_one_id([("<1>", "hello"), ("<1>", "hello"), ("<2>", "bye")]) == ()
    assert one_text_one_id([("<1>", "hello"), ("<2>", "hello")]) == ("hello",)


def test_a_seed_always_makes_the_same_plan() -> None:
    """So that a run that failed can be tried again."""
    assert make_plan(7, people=8) == make_plan(7, people=8)
    assert make_plan(7, people=8) != make_plan(8, people=8)
