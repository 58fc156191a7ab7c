"""Every sentence that the desk says. English is the source; `locales/` has the translations.

A test checks that each phrase is translated into every language with the same placeholders.
"""

from enum import StrEnum


class Phrase(StrEnum):
    """A sentence of the desk's, in English; `{name}` is where a value goes."""

    # The intake
    GREETING = "Hello! This is support. Write what you need help with, here in this chat."
    NOTED = "Got it, I kept what you wrote."
    ASK_NAME = "What is your name?"
    ASK_NAME_AGAIN = (
        "I kept that as part of your question. To pass it on, I still need to know: what is your "
        "name?"
    )
    ASK_EMAIL = (
        "What is your e-mail address, {name}? The answer finds you there even if you leave this "
        "chat."
    )
    ASK_EMAIL_AGAIN = "Your e-mail address, please, for example ana@example.com."
    EMAIL_NO_AT = (
        "That has no @, so it cannot be an e-mail address. I kept it as part of your question. "
        "Your address, please, for example ana@example.com."
    )
    EMAIL_WITHOUT_AT = "That has no @, so it cannot be an e-mail address."
    EMAIL_NO_LOCAL = "Something is missing before the @. For example: ana@example.com."
    EMAIL_NO_DOMAIN = "Something is missing after the @. For example: ana@example.com."
    EMAIL_BAD_DOMAIN = (
        "What follows the @ is not complete: it needs an ending such as .com or .rs. "
        "For example: ana@example.com."
    )
    EMAIL_TOO_LONG = "That is longer than an e-mail address can be. For example: ana@example.com."
    EMAIL_NOT_AN_ADDRESS = (
        "No mail can be sent to that address: something in it is not allowed. "
        "For example: ana@example.com."
    )
    EMAIL_DOUBTFUL = "You wrote {address}. Did you mean {suggestion}?"
    ASK_DEPARTMENT = "Who should look at it?"
    ASK_DEPARTMENT_AGAIN = "Please choose one of these, so that it reaches the right people."
    ASK_PROBLEM = "How can we help, {name}? You can send several messages, pictures and files."
    NAME_CHANGED = "Thank you, {name}."
    BUTTON_CHANGE_NAME = "Change my name"
    BUTTON_CHANGE_EMAIL = "Change my e-mail"
    BUTTON_EMAIL_YES = "Yes, {suggestion}"
    BUTTON_EMAIL_NO = "No, keep mine"

    # Live
    AGENTS_TOLD = "Thank you! Our people have been told. The answer comes here."
    AGENTS_TOLD_TYPICAL = (
        "Thank you! Our people have been told. The answer comes here, at this hour usually in "
        "{span}."
    )
    AGENT_TOOK = "{agent} is looking at it."
    RESOLVED = "{agent} has marked this as resolved. If it is not, just write again."
    RESOLVED_IDLE = (
        "We have not heard from you for a while, so we take this as resolved. If it is not, just "
        "write again."
    )
    ENDED = "Done, this conversation is closed. Write whenever you need us."
    REOPENED = "We are on it again. The answer comes here."
    FILE_TOO_BIG = (
        "{name} is too big to be passed on (at most {limit} MB). Please send it smaller, or a link "
        "to it."
    )
    NOT_PASSED_ON = (
        "Your message could not be shown to our people just now: {reason}. It is kept, and we have "
        "been alerted."
    )

    TOO_FAST = (
        "You write faster than we can pass on. What you wrote last did not reach us: please wait "
        "{span} and send what matters once more."
    )
    TOO_MANY_FILES = (
        "You have sent more files than we can take at a time. What you sent last did not reach us, "
        "nor what you wrote with it. Please send it once more {when}, or a link to it now."
    )
    TOO_MANY_PRESSES = (
        "That was faster than I can follow: your last buttons and commands did nothing. Please "
        "wait {span} and try again."
    )

    # Tickets
    TICKET_CLOSED_NOW = (
        "Nobody is available right now. We open {when}. Your question is saved as ticket {ticket}."
    )
    TICKET_CLOSED_UNKNOWN = (
        "Nobody is available right now. Your question is saved as ticket {ticket}."
    )
    TICKET_UNANSWERED = (
        "We are sorry: nobody could answer in time. Your question is now ticket {ticket}, and will "
        "not be forgotten."
    )
    TICKET_AWAY = "You had left this page, so we go on by e-mail, too: it is ticket {ticket}."
    TICKET_BY_AGENT = "{agent} has filed your question as ticket {ticket}."
    TICKET_ANSWER_BOTH = "The answer comes here and to {email}."
    TICKET_ANSWER_HERE = "The answer comes here."
    TICKET_CLOSING_SOON = (
        "We have answered your request {ticket} and have not heard from you since. It will be "
        "closed {when}. If it is not solved, just write."
    )
    TICKET_CLOSED_SILENT = (
        "We have not heard from you for a while, so your request {ticket} is closed. If it is not "
        "solved, just write again."
    )
    TICKET_MERGED = "Your request {ticket} is about the same as {into}. We go on with both there."

    # Commands
    HELP = (
        "Write what you need help with, and our people answer here. You can send pictures and "
        "files, and correct a message by editing it."
    )
    HELP_COMMANDS = (
        "/status - where your question stands\n"
        "/language - change the language\n"
        "/cancel - stop the questions\n"
        "/end - close the conversation"
    )
    COMMAND_START = "Begin"
    COMMAND_HELP = "How this works"
    COMMAND_STATUS = "Where your question stands"
    COMMAND_CANCEL = "Stop the questions"
    COMMAND_LANGUAGE = "Change the language"
    COMMAND_END = "Close the conversation"
    STATUS_NOTHING = "You have no open question. Write, and one begins."
    STATUS_ASKING = "I still need an answer from you before our people can look at it."
    STATUS_WAITING = "Our people have been told; nobody has answered yet."
    STATUS_ACTIVE = "{agent} is talking with you."
    STATUS_TICKET = "Your question is ticket {ticket}: {status}."
    STATUS_OPEN_UNTIL = "We are open now and close {when}."
    STATUS_OPENS = "We are closed now and open {when}."
    CANCELLED = "Stopped. Nothing was passed on. Write whenever you need us."
    NOTHING_TO_CANCEL = "There is no question to stop. Use /end to close the conversation."
    NOTHING_TO_END = "There is no open conversation."
    CHOOSE_LANGUAGE = "Which language do you prefer?"
    LANGUAGE_CHANGED = "Alright, English it is."
    BUTTON_EXPIRED = "That button is no longer needed."

    # Ticket statuses, in the middle of a sentence
    TICKET_OPEN = "open"
    TICKET_ANSWERED = "answered"
    TICKET_CUSTOMER_REPLY = "waiting for our answer"
    TICKET_ON_HOLD = "on hold"
    TICKET_CLOSED = "closed"

    # Priorities
    PRIORITY_LOW = "low"
    PRIORITY_MEDIUM = "medium"
    PRIORITY_HIGH = "high"

    # What agents read
    CARD_CUSTOMER = "Customer"
    CARD_EMAIL = "E-mail"
    CARD_CHANNEL = "Channel"
    CHANNEL_WEB = "Website"
    CHANNEL_PORTAL = "Portal"
    CHANNEL_API = "API"
    CARD_LANGUAGE = "Language"
    CARD_DEPARTMENT = "Department"
    CARD_LOCAL_TIME = "Opened"
    CARD_TICKET = "Ticket"
    CARD_SUBJECT = "Subject"
    CARD_PRIORITY = "Priority"
    CARD_EARLIER_TICKETS = "Earlier tickets"
    CARD_MERGED = "Merged into {ticket}"
    CARD_PROBLEM = "Problem"
    CARD_UNKNOWN = "not known"
    CARD_PROBLEM_BELOW = "see the thread"
    CARD_INCOMPLETE = "The customer left before every question was answered."
    CARD_RETURNING = "Earlier conversations: {count}"
    CARD_NOTES = "Answer in the thread. What begins with // stays among agents."
    CARD_WAITING = "Nobody has answered yet"
    CARD_TAKEN = "Taken by {agent}"
    CARD_ACTIVE = "Answered by {agent}"
    CARD_RESOLVED = "Resolved"
    BUTTON_TAKE = "Take"
    BUTTON_RESOLVE = "Resolve"
    BUTTON_FILE_TICKET = "File ticket"
    BUTTON_RETRY = "Try again"
    MENU_HOLD = "On hold"
    MENU_OPEN = "Back to open"
    MENU_SUBJECT = "Change the subject…"
    MENU_MERGE = "Merge into…"
    MENU_PRIORITY = "Priority: {priority}"
    AGENTS_REMINDER = "Nobody has answered for {span}. This becomes a ticket {when}."
    AGENTS_TICKET_FILED = "Filed as ticket {ticket}. Answers in this thread reach the customer."
    AGENTS_TICKET_MAILED = (
        "Filed as ticket {ticket}. Answers in this thread reach the customer in the chat and by "
        "e-mail at {email}."
    )
    AGENTS_TICKET_WAITS = "{ticket} has waited for an answer for {span}."
    AGENTS_HELD = "{agent} put this on hold: no reminders, and it does not close by itself."
    AGENTS_HELD_NO_MORE = "{agent} took this off hold."
    AGENTS_RENAMED = "{agent} changed the subject: {subject}"
    AGENTS_PRIORITISED = "{agent} changed the priority: {priority}."
    AGENTS_MERGED = "{agent} merged this into {ticket}. What is written here goes on there."
    AGENTS_TOOK_IN = "{agent} merged {ticket} into this. What was said in it:"
    AGENTS_SAID_BEFORE = "… and before that, messages that are not shown here: {count}."
    MERGE_UNKNOWN = "There is no ticket {ticket}."
    MERGE_SAME = "{ticket} is this ticket itself."
    MERGE_NOT_OPEN = "Only open tickets can be merged, into an open one: see {ticket}."
    MERGE_STRANGER = (
        "{ticket} is not this customer's, as far as is proven: what one of them said would be "
        "shown to the other."
    )
    AGENTS_TAKEN = "{agent} takes this."
    AGENTS_RESOLVED = "{agent} marked this as resolved."
    AGENTS_RESOLVED_IDLE = "Resolved: no word from the customer for {span}."
    AGENTS_CUSTOMER_ENDED = "The customer closed the conversation."
    AGENTS_CUSTOMER_LEFT = "The customer has left the chat: messages no longer reach them there."
    AGENTS_CUSTOMER_RETURNED = "The customer is back in the chat."
    AGENTS_THREAD_LOST = "The earlier thread was deleted. The conversation goes on in this one."
    AGENTS_REOPENED = "The customer wrote again: reopened."
    AGENTS_REOPENED_BY_BUTTON = "The customer wants this taken up again: reopened."
    AGENTS_CUSTOMER_AWAY = "The customer has left the page. What they have not read is mailed."
    AGENTS_CUSTOMER_AWAY_UNMAILED = (
        "The customer has left the page before reading your answer, and there is no e-mail address "
        "that it could be sent to. It stands there when they return."
    )
    AGENTS_LANGUAGE = "The customer now reads: {language}."
    AGENTS_NOT_DELIVERED = "Not delivered to the customer: {reason}."
    AGENTS_BY_MAIL_INSTEAD = "It goes to {email} by e-mail instead."
    AGENTS_NO_WAY = "There is no e-mail address to try instead."
    AGENTS_MAIL_FAILED = "The e-mail to {email} could not be delivered: {reason}."
    AGENTS_MAIL_BOUNCED = (
        "A mail to {email} came back ({detail}): the address does not work. Nothing more is mailed "
        "there until somebody writes from it."
    )
    AGENTS_MAIL_CAME_BACK = (
        "A mail to {email} came back ({detail}). The address may work another time: write again "
        "later, or ask for another one."
    )
    AGENTS_MAIL_DAMAGED = (
        "Not all of this mail could be read ({damage}). It is kept as it came: whoever runs the "
        "desk sees it with podrska mail show {mail}."
    )
    AGENTS_NOT_MAILED = (
        "No automatic mail went to {email}: too many have been sent. Your answers are mailed."
    )
    AGENTS_MAIL_OF_STRANGER = (
        "{sender} wrote a mail into this ticket, and is not known to be the customer. It stays "
        "among agents:"
    )
    AGENTS_MAIL_AUTOMATIC = "An automatic mail from {sender} came. It stays among agents:"
    AGENTS_ADOPTED = "{agent}: {sender} is the customer, too. What they write now counts."
    AGENTS_SPLIT = "{agent} made a ticket of its own out of the mail from {sender}."
    AGENTS_MAIL_IS_GONE = (
        "That was mailed already, and a mail cannot be changed. Write again what is to be put "
        "right."
    )
    BUTTON_ADOPT = "This is the customer, too"
    BUTTON_SPLIT = "Make it a new ticket"
    AGENTS_TRYING_AGAIN = "{agent} has this tried again."
    AGENTS_NOTHING_TO_RETRY = "There is nothing left here to be tried again."
    AGENTS_FILE_TOO_BIG = "{name} is too big for the customer's channel (at most {limit} MB)."
    AGENTS_FILE_NOT_TAKEN = (
        "The customer sent {name}, which is too big to be passed on. They have been told."
    )
    AGENTS_TOO_FAST = (
        "{name} writes faster than can be passed on. What is over the limit does not come here; "
        "the customer has been told."
    )
    AGENTS_TOO_MANY_FILES = (
        "{name} has sent more files than can be taken at a time. What is over the limit does not "
        "come here; the customer has been told."
    )
    AGENTS_NOT_TAKEN = (
        "Messages and edits from {name} that were over the limit and did not come here: {count}. "
        "Please ask for what is missing."
    )

    # What came without text, named in words
    SENT_PHOTO = "sent a photo"
    SENT_DOCUMENT = "sent a file: {name}"
    SENT_VOICE = "sent a voice message of {seconds} s"
    SENT_AUDIO = "sent a recording of {seconds} s: {name}"
    SENT_VIDEO = "sent a video of {seconds} s"
    SENT_ANIMATION = "sent an animation"
    SENT_STICKER = "sent a sticker {detail}"
    SENT_LOCATION = "sent a place: {detail}"
    SENT_CONTACT = "sent a contact: {detail}"
    SENT_POLL = "sent a poll: {detail}"
    SENT_OTHER = "sent something that cannot be shown here"

    # Mail
    MAIL_FILED_SUBJECT = "We have received your request"
    MAIL_FILED_ACCEPTED = "Your request has been received and saved as ticket {ticket}."
    MAIL_FILED_WHEN = "We open {when} and will be in touch as soon as possible."
    MAIL_FILED_SOON = "We will be in touch as soon as possible."
    MAIL_FILED_GO_ON = (
        "The answer comes to this address and to the chat in which you wrote. You can go on there "
        "at any time."
    )
    MAIL_FILED_GO_ON_BOTH = (
        "The answer comes to this address and to the chat in which you wrote. You can go on at any "
        "time, there or by replying to this mail."
    )
    MAIL_FILED_GO_ON_MAIL = (
        "The answer comes to this address. If there is something to add, just reply to this mail."
    )
    MAIL_FILED_GO_ON_THERE = (
        "The answer comes to this address. If there is something to add, write it where you asked."
    )
    MAIL_FILED_NOT_YOU = (
        "If you did not ask us for anything, somebody typed your address by mistake: nothing more "
        "will come unless our people answer."
    )
    MAIL_ANSWER_SUBJECT = "Answer to your request"
    MAIL_ANSWER_FROM = "{agent} answers your request {ticket}:"
    MAIL_ANSWERS_FROM = "Our people answer your request {ticket}:"
    MAIL_ANSWER_GO_ON = "You can go on in the chat in which you wrote."
    MAIL_GO_ON_BOTH = "To go on, reply to this mail or write in the chat in which you wrote before."
    MAIL_GO_ON_MAIL = "To go on, just reply to this mail."
    MAIL_GO_ON_THERE = "To go on, write where you asked."
    MAIL_CLOSED_SUBJECT = "Your request is closed"
    MAIL_CLOSED = "Your request {ticket} is closed. If it is not solved, write again in the chat."
    MAIL_CLOSED_THERE = (
        "Your request {ticket} is closed. If it is not solved, write again where you asked."
    )
    MAIL_CLOSED_REPLY = (
        "Your request {ticket} is closed. If it is not solved, just reply to this mail."
    )
    MAIL_CLOSING_SUBJECT = "Your request will be closed soon"
    MAIL_MERGED_SUBJECT = "Your request goes on with another one"
    MAIL_HELLO = "Hello,"
    MAIL_GREETINGS = "Kind regards,\nSupport"
    MAIL_ATTACHED = "Attached: {names}"
    MAIL_TOO_LARGE = "Too large for a mail, and therefore not attached: {names}"
    MAIL_NOT_ATTACHED = "Could not be attached: {names}"
    MAIL_SAID_BEFORE = "What was said before"

    MAIL_FILED_FOLLOW = "Read and answer it online"
    MAIL_LINK_LASTS_DAYS = "The link is yours alone, and good for 7 days."
    MAIL_LOGIN_SUBJECT = "Your link to log in"
    MAIL_LOGIN = "Here is the link with which you log in to your requests:"
    MAIL_LOGIN_BUTTON = "Log in"
    MAIL_LOGIN_LASTS = "It is good for 15 minutes, once, on any device."
    MAIL_LOGIN_NOT_YOU = (
        "If you did not ask for it, somebody typed your address by mistake. Nothing happens unless "
        "the link is opened."
    )

    # The portal
    PORTAL_TITLE = "Your requests"
    PORTAL_SKIP = "To the content"
    PORTAL_LANGUAGE = "Language"
    PORTAL_LOG_IN = "Log in"
    PORTAL_LOG_IN_HOW = "We send you a link that logs you in. There is no password to remember."
    PORTAL_EMAIL = "E-mail address"
    PORTAL_SEND_LINK = "Send me the link"
    PORTAL_DID_YOU_MEAN = "Did you mean {suggestion}?"
    PORTAL_USE_SUGGESTION = "Yes, {suggestion}"
    PORTAL_USE_TYPED = "No, {typed} is right"
    PORTAL_LINK_SENT = "Look into your mailbox"
    PORTAL_LINK_SENT_HOW = (
        "A link to log in is on its way to {email}. It is good for 15 minutes and works on any "
        "device."
    )
    PORTAL_LINK_SENT_NOTHING = (
        "Has nothing come after a few minutes? Look into the spam folder, and check that the "
        "address is right."
    )
    PORTAL_OTHER_ADDRESS = "Use another address"
    PORTAL_TOO_MANY_LINKS = (
        "Too many links have been asked for. Use the newest one in your mailbox, or try again in "
        "{span}."
    )
    PORTAL_LINK_HEADING = "Log in as {email}"
    PORTAL_LINK_HOW = "Press the button, and you are logged in on this device."
    PORTAL_PROVE_HEADING = "Is this request yours?"
    PORTAL_PROVE_HOW = (
        "We have received request {ticket} with the address {email}. If you sent it, press the "
        "button: it shows you the request and logs you in on this device."
    )
    PORTAL_PROVE_NOT = "If you did not ask us for anything, just close this page."
    PORTAL_PROVE_BUTTON = "Yes, show me my request"
    PORTAL_OLD_LINK = "This link is no longer good"
    PORTAL_OLD_LINK_HOW = (
        "For your safety each link works once, and only for a while. Enter your address, and a new "
        "one comes at once."
    )
    PORTAL_LOGGED_IN = "You are logged in: go to your requests."
    PORTAL_LOGGED_OUT_MEANWHILE = "You were logged out meanwhile"
    PORTAL_WORDS_KEPT = (
        "What you wrote was not sent. Here it is: copy it, log in, and send it once more."
    )
    PORTAL_LOG_OUT = "Log out"
    PORTAL_LOG_OUT_EVERYWHERE = "Log out on all devices"
    PORTAL_LOGGED_IN_AS = "Logged in as {email}"
    PORTAL_NEW = "New request"
    PORTAL_NONE = "There is nothing here yet"
    PORTAL_NONE_HOW = (
        "Open a request, and follow it here. One that you sent in a chat appears as soon as you "
        "have opened the link in the mail that acknowledged it."
    )
    PORTAL_OPEN_ONES = "Open"
    PORTAL_CLOSED_ONES = "Closed"
    PORTAL_SENT_ON = "Sent on {when}"
    PORTAL_BACK = "All requests"
    PORTAL_CONVERSATION = "What was said"
    PORTAL_YOU = "You"
    PORTAL_EDITED = "changed later"
    PORTAL_FILES = "Files"
    PORTAL_FILES_HOW = "At most {most} files, each up to 10 MB."
    PORTAL_FILES_KEPT = "These are attached already:"
    PORTAL_REPLY = "Your reply"
    PORTAL_SEND = "Send"
    PORTAL_CLOSE = "It is solved: close it"
    PORTAL_REOPEN = "It is not solved: open it again"
    PORTAL_IS_CLOSED = "This request is closed."
    PORTAL_REPLY_REOPENS = "If it is not solved, write: it is opened again."
    PORTAL_CLOSED_FOR_GOOD = (
        "This request was closed too long ago to go on here. Please open a new one."
    )
    PORTAL_GOES_ON = "It goes on in {ticket}."
    PORTAL_GOES_ON_ELSEWHERE = "It goes on in another request."
    PORTAL_DOWNLOAD = "Download all that was said"
    PORTAL_AS_TEXT = "as text"
    PORTAL_AS_PAGE = "as a page"
    PORTAL_NAME = "Your name"
    PORTAL_SUBJECT = "Subject"
    PORTAL_SUBJECT_HOW = "In a few words: what is it about?"
    PORTAL_DESCRIPTION = "Description"
    PORTAL_DESCRIPTION_HOW = "What happened, since when, and what you have tried."
    PORTAL_CHOOSE = "Please choose"
    PORTAL_OPEN_IT = "Send the request"
    PORTAL_PLEASE_CORRECT = "Please correct what is marked below. Nothing you typed is lost."
    PORTAL_NEEDS_SUBJECT = "Please say in a few words what it is about."
    PORTAL_NEEDS_TEXT = "Please write something."
    PORTAL_TOO_LONG = "That is too long: at most {longest} characters are taken."
    PORTAL_FILE_TOO_LARGE = "{name} is larger than {limit} MB and was not attached."
    PORTAL_TOO_MANY_FILES = "Only {most} files can be sent at once; the others were not attached."
    PORTAL_NOT_TAKEN = (
        "That could not be taken just now. What you typed is still here: please try again in a few "
        "minutes."
    )
    PORTAL_NOT_NOW = "That cannot be done just now"
    PORTAL_NOT_NOW_HOW = (
        "Please load this page again in a minute. If you have sent something, it is sent once more "
        "then, and taken once."
    )
    PORTAL_NOT_NOW_WORDS = "What you wrote"
    PORTAL_MISSING = "There is no such page"
    PORTAL_MISSING_HOW = "Perhaps the address is incomplete, or you are logged in as somebody else."
    PORTAL_NOT_OUR_FORM = "This form could not be taken"
    PORTAL_NOT_OUR_FORM_HOW = (
        "The page was open for too long, or your browser keeps no cookies. Go back, load the page "
        "again, and send it once more."
    )
    PORTAL_TOO_LARGE = "That is too much at once"
    PORTAL_TOO_LARGE_HOW = (
        "The files together are too large. Go back: what you typed is still there. Send fewer or "
        "smaller files."
    )
    PORTAL_NO_FILE = "This file cannot be had now"
    PORTAL_NO_FILE_HOW = "Please try again later. If it stays away, ask for it in the request."

    # Times
    WHEN_TODAY = "today at {time}"
    WHEN_TOMORROW = "tomorrow at {time}"
    WHEN_WEEKDAY = "on {weekday} at {time}"
    WHEN_DATE = "on {weekday}, {date}, at {time}"
    WHEN_AND_HOW_FAR = "{when} ({distance})"
    LESS_THAN_A_MINUTE = "less than a minute"
    IN = "in {span}"
    MONDAY = "Monday"
    TUESDAY = "Tuesday"
    WEDNESDAY = "Wednesday"
    THURSDAY = "Thursday"
    FRIDAY = "Friday"
    SATURDAY = "Saturday"
    SUNDAY = "Sunday"

    # Why a delivery failed
    WHY_BLOCKED = "the customer has blocked the bot"
    WHY_GONE = "the chat no longer exists"
    WHY_REFUSED = "{platform} refused it ({detail})"
    WHY_TOO_LATE = "it could not be delivered for too long"
    WHY_ROOM_ARCHIVED = "the room is archived"
    WHY_NOT_IN_ROOM = "the app is not in the room"
    WHY_NO_ROOM = "there is no such room, or the app may not see it"
    WHY_NO_THREAD = "the conversation could not be opened in the room"
    WHY_FILE_GONE = "the file can no longer be fetched"
    WHY_THREAD_GONE = "the thread was deleted"
    WHY_NOTE = "it was made a note before it was sent on"
    WHY_NO_ADDRESS = "there is no address to which mail can be sent"
    WHY_MAIL_REFUSED = "the mail server refused it ({detail})"

    # A transcript
    TRANSCRIPT_NOTE = "note, not for the customer"

    # A ticket's forms in the agents' platform
    SUBJECT_HINT = "Only agents see it."
    MERGE_EXPLAINED = (
        "{ticket} is closed, and what was said in it last is shown in the other ticket's thread. "
        "What is said in it from now on goes there. The customer is told."
    )
    MERGE_CHOOSE = "Into"
    MERGE_TYPE = "Or the other ticket's ID"
    MERGE_NOTHING = "Choose a ticket, or write its ID."
    MERGE_DO = "Merge"

    # The working hours in the agents' platform
    HOURS_TITLE = "Working hours"
    HOURS_DEPARTMENT = "Department"
    HOURS_MONDAY = "Mondays"
    HOURS_TUESDAY = "Tuesdays"
    HOURS_WEDNESDAY = "Wednesdays"
    HOURS_THURSDAY = "Thursdays"
    HOURS_FRIDAY = "Fridays"
    HOURS_SATURDAY = "Saturdays"
    HOURS_SUNDAY = "Sundays"
    HOURS_ZONE = "Time zone"
    HOURS_HOLIDAYS = "Public holidays of (country code, or nothing)"
    HOURS_EXCEPTIONS = "Exceptions, one a line"
    HOURS_DAY_HINT = "For example 08:00-20:00, or 08:00-12:00, 13:00-17:00. Empty: closed."
    HOURS_EXCEPTIONS_HINT = "For example: 2027-01-02 off, or 2026-12-31 08:00-12:00 short day."
    HOURS_SAVE = "Save"
    HOURS_CANCEL = "Cancel"
    HOURS_OPEN_NOW = "Open now. Closes {when}."
    HOURS_ALWAYS_OPEN = "Always open."
    HOURS_NEXT = "Closed now. Opens {when}."
    HOURS_NEVER = "With these hours the department never opens."
    HOURS_SAVED = "The working hours of {department} are saved. {preview}"
    HOURS_NOT_ADMIN = "Only admins can change the working hours. Ask one of the workspace's admins."
    HOURS_BAD_RANGE = "This is not a time of day I understand: {value}. Write it like 08:00-20:00."
    HOURS_OVERLAP = "These times overlap: {value}."
    HOURS_BAD_ZONE = "There is no time zone called {value}. An example: Europe/Belgrade."
    HOURS_BAD_COUNTRY = "Holidays of {value} are not known. Write a country code such as RS."
    HOURS_BAD_LINE = "Line {line} is not understood: {value}."
    HOURS_CHANGED_MEANWHILE = "Somebody else has changed these hours meanwhile. Please look again."
    HOURS_BAD_RULE = "This is not understood: {value}. Write rules such as Mo-Fr 08:00-16:00."
    HOURS_EMPTY_RANGE = "{value} ends when it begins. For the whole day write 00:00-24:00."
    HOURS_DUPLICATE_DAY = "{value} is listed twice."
    HOURS_IN_LINE = "Line {line}: {reason}"
    HOURS_UNKNOWN_DEPARTMENT = "There is no department called {value}. There are: {departments}."
    HOURS_TRY_AGAIN = "That took too long. Please try again."
    HOURS_DONE = "Done"
    HOURS_DAY_OFF = "closed all day"
    HOURS_HOLIDAYS_OF = "Public holidays of {country}"
    HOURS_NO_HOLIDAYS = "Public holidays are days like any other"
    HOURS_EXCEPTIONS_LIST = "Exceptions"
    COMMAND_USAGE = "Use: /podrska hours - see and change the working hours."

    # The widget on a website; it knows these by what follows WIDGET_
    WIDGET_ASK_US = "Ask us"
    WIDGET_TITLE = "Support"
    WIDGET_CLOSE = "Close the chat"
    WIDGET_SETTINGS = "Language and sound"
    WIDGET_LANGUAGE = "Language"
    WIDGET_SOUND = "A quiet sound when an answer arrives"
    WIDGET_UNREAD = "Unread: {n}"
    WIDGET_OFFLINE = "No connection. What you write is kept and sent as soon as it is back."
    WIDGET_WELCOME = "How can we help?"
    WIDGET_WELCOME_NAME = "How can we help, {name}?"
    WIDGET_FORM_LEAD = "Our people answer here. If you leave, the answer comes by e-mail."
    WIDGET_NAME = "Your name"
    WIDGET_NAME_MISSING = "Please write your name."
    WIDGET_EMAIL = "Your e-mail address"
    WIDGET_EMAIL_HINT = "The answer finds you there even if you leave this page."
    WIDGET_EMAIL_MISSING = "Please write your e-mail address, for example ana@example.com."
    WIDGET_EMAIL_WRONG = "That is not a whole e-mail address. For example: ana@example.com."
    WIDGET_USE = "Use {address}"
    WIDGET_DEPARTMENT = "Who should look at it?"
    WIDGET_DEPARTMENT_MISSING = "Please choose one of these."
    WIDGET_CHOOSE = "Please choose"
    WIDGET_PROBLEM = "What do you need help with?"
    WIDGET_PROBLEM_MISSING = "Please write what you need help with."
    WIDGET_START = "Start the conversation"
    WIDGET_START_CLOSED = "Send the question"
    WIDGET_LOG = "Conversation"
    WIDGET_MESSAGE = "Your message"
    WIDGET_WRITE = "Write a message…"
    WIDGET_SEND = "Send"
    WIDGET_TOO_LONG = "This is too long: {n} characters of at most {limit}."
    WIDGET_FILES = "Attached files"
    WIDGET_ATTACH = "Attach files"
    WIDGET_DROP = "Drop your files here"
    WIDGET_UPLOADING = "Sending {name}"
    WIDGET_UPLOAD_FAILED = "{name} could not be sent."
    WIDGET_TOO_BIG = "{name} is too big (at most {limit})."
    WIDGET_TOO_MANY = "Files with one message, at most: {n}."
    WIDGET_REMOVE = "Remove {name}"
    WIDGET_DOWNLOAD = "Download {name}"
    WIDGET_PICTURE = "Picture {name}"
    WIDGET_CLOSE_PICTURE = "Close the picture"
    WIDGET_YOU = "You"
    WIDGET_SENDING = "Being sent"
    WIDGET_SENT = "Delivered"
    WIDGET_FAILED = "Not delivered"
    WIDGET_RETRY = "Try again"
    WIDGET_DISCARD = "Discard"
    WIDGET_EDIT = "Change this message"
    WIDGET_EDITING = "You are changing a message"
    WIDGET_DELETE = "Delete this message"
    WIDGET_EDITED = "changed"
    WIDGET_CANCEL = "Cancel"
    WIDGET_GONE = "This message was deleted."
    WIDGET_MORE = "Show all of it"
    WIDGET_SPOILER = "Show what is hidden"
    WIDGET_NEWER = "New messages"

    # The website's chat
    WEB_OPEN = "Open now"
    WEB_OPENS = "Opens {when}"
    WEB_OPENS_MORE = (
        "Nobody is available right now. We open {when}. Write all the same: your question is kept, "
        "and the answer comes by e-mail."
    )
    WEB_CLOSED = "Closed"
    WEB_CLOSED_MORE = (
        "Nobody is available right now. Write all the same: your question is kept, and the answer "
        "comes by e-mail."
    )
    WEB_NAME_MISSING = "Please write your name."
    WEB_EMAIL_DOUBTFUL = "Did you mean {suggestion}? If {address} is right, just send it again."
    WEB_TEXT_MISSING = "Please write what you need help with."
    WEB_TEXT_TOO_LONG = "At most {limit} characters fit into one message. Please send it in parts."
    WEB_TOO_MANY_FILES = "At most {limit} files fit into one message."
    WEB_FILE_GONE = "A file of this message is no longer there. Please add it once more."
    WEB_FILE_TOO_BIG = "This file is too big: at most {limit} MB. Please send a link to it instead."
    WEB_FILE_EMPTY = "This file is empty."
    WEB_FILES_ENOUGH = (
        "You have sent more files than we can take in a day. Please send a link to the others."
    )
    WEB_CANNOT_EDIT = "This message can no longer be changed."
    WEB_NOT_STORED = "That could not be stored just now. It is sent again in a moment."
    WEB_NOT_NOW = "That cannot be done just now. Please try again in a minute."
    WEB_TOO_OFTEN = "That was too often. Please wait a minute and try again."
    WEB_SESSION_OVER = "This chat has been closed in this browser. Reload the page to go on."
    WEB_NOT_BELIEVED = (
        "This website could not tell us who you are. Reload the page, or log in there again."
    )
    WEB_NOT_THERE = "There is nothing here."


class Plural(StrEnum):
    """What is counted, in English: the plural. The singular is in `SINGULAR`."""

    MINUTES = "{n} minutes"
    HOURS = "{n} hours"
    DAYS = "{n} days"


SINGULAR = {
    Plural.MINUTES: "{n} minute",
    Plural.HOURS: "{n} hour",
    Plural.DAYS: "{n} day",
}
