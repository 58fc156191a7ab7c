"""The demo's page: a customer's phone, the agents' Slack and the mail, side by side and live."""

from sandbox.page.about import About
from sandbox.page.cast import SUPPORT, cast
from sandbox.page.page import DemoPage

__all__ = ["SUPPORT", "About", "DemoPage", "cast"]
