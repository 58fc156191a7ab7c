"""A small web host's website, which embeds the desk's chat as any site would: with one line."""

from sandbox.website.website import Website

__all__ = ["Website"]
