"""The demo's page: a customer's phone, the agents' Slack and the mail, side by side and live."""

from sandbox.page.about import About
from sandbox.page.cast import MAIL_PASSWORD, SUPPORT, cast
from sandbox.page.page import DemoPage

__all__ = ["MAIL_PASSWORD", "SUPPORT", "About", "DemoPage", "cast"]
