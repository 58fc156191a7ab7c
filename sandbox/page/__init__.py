"""The demo's page: a customer's phone, the agents' Slack and a mailbox, side by side and live."""

from sandbox.page.about import About
from sandbox.page.cast import cast
from sandbox.page.page import DemoPage

__all__ = ["About", "DemoPage", "cast"]
