"""What is asked: the first question that has no answer yet, in which words, with which buttons."""

from core.buttons import Choice
from core.conversation import Conversation, Question, Wake, WakeFor
from core.decision import Decision
from core.effects import Button, Say, Words
from core.events import Happened
from core.handover import hand_over
from core.phrases import Phrase
from core.policy import Policy


def ask_next(
    now: Conversation, event: Happened, policy: Policy, *, greeting: bool = False
) -> Decision:
    """Ask the first question that has no answer yet; with none left, hand over to the agents."""
    now = now.evolve(doubtful_email="", suggested_email="")
    question = next_question(now, policy)
    if question is None:
        return hand_over(now.evolve(question=None), event, policy)
    asking = patient(now, event, policy).evolve(question=question)
    words = _words(asking, question)
    said = (Words(phrase=Phrase.GREETING), words) if greeting else (words,)
    say = Say(words=said[0], more=said[1:], buttons=buttons_of(asking, policy))
    return Decision(asking, (say,))


def next_question(now: Conversation, policy: Policy) -> Question | None:
    """Return the first question whose answer is not known; None when the intake is complete."""
    if not now.contact.name:
        return Question.NAME
    if not now.contact.email:
        return Question.EMAIL
    if len(policy.departments) > 1 and now.department is None:
        return Question.DEPARTMENT
    if not now.has_problem:
        return Question.PROBLEM
    return None


def question_again(
    now: Conversation, policy: Policy
) -> tuple[tuple[Words, ...], tuple[Button, ...]]:
    """Return the words and the buttons of the question that is open, if one is.

    None is while a burst is being listened to that has answered it already.
    """
    if now.question is None or now.question is not next_question(now, policy):
        return (), ()
    return (_words(now, now.question),), buttons_of(now, policy)


def ask_again(now: Conversation, event: Happened, policy: Policy) -> Decision:
    """Say that what came was kept, and that the question is still open."""
    words = {
        Question.NAME: (Words(phrase=Phrase.ASK_NAME_AGAIN),),
        Question.EMAIL: (Words(phrase=Phrase.NOTED), Words(phrase=Phrase.ASK_EMAIL_AGAIN)),
        Question.DEPARTMENT: (
            Words(phrase=Phrase.NOTED),
            Words(phrase=Phrase.ASK_DEPARTMENT_AGAIN),
        ),
    }
    plain, buttons = question_again(now, policy)
    said = words.get(now.question, plain) if now.has_problem and now.question else plain
    say = Say(words=said[0], more=said[1:], buttons=buttons)
    return Decision(patient(now, event, policy), (say,))


def patient(now: Conversation, event: Happened, policy: Policy) -> Conversation:
    """Wait for an answer, as long as a customer may take for one."""
    return now.evolve(wake=Wake(at=event.at + policy.patience, reason=WakeFor.ABANDONED))


def buttons_of(now: Conversation, policy: Policy) -> tuple[Button, ...]:
    """Return what can be pressed instead of typing, for the question that is open."""
    change_name = Button(Choice("change-name").token, Phrase.BUTTON_CHANGE_NAME)
    change_email = Button(Choice("change-email").token, Phrase.BUTTON_CHANGE_EMAIL)
    match now.question:
        case Question.NAME if now.contact.offered_name:
            return (Button(Choice("name").token, label=now.contact.offered_name),)
        case Question.EMAIL:
            return (change_name,)
        case Question.DEPARTMENT:
            keys = [(each.key, each.name) for each in policy.departments]
            return tuple(Button(Choice("dept", key).token, label=name) for key, name in keys)
        case Question.PROBLEM if now.name_from or now.email_from:
            return (change_name, change_email)
    return ()


def _words(now: Conversation, question: Question) -> Words:
    asked = {
        Question.NAME: Phrase.ASK_NAME,
        Question.EMAIL: Phrase.ASK_EMAIL,
        Question.DEPARTMENT: Phrase.ASK_DEPARTMENT,
        Question.PROBLEM: Phrase.ASK_PROBLEM,
    }[question]
    return Words(phrase=asked, values={"name": now.contact.name})
