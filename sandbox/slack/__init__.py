"""A Slack workspace on loopback: Web API, Socket Mode, Events API, and the people in it."""

from sandbox.slack.agent import Agent
from sandbox.slack.events import NoAnswerError
from sandbox.slack.room import Room
from sandbox.slack.server import SlackServer
from sandbox.slack.state import Ephemeral, File, Message, View

__all__ = [
    "Agent",
    "Ephemeral",
    "File",
    "Message",
    "NoAnswerError",
    "Room",
    "SlackServer",
    "View",
]
