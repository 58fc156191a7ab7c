"""What the desk says, in the languages it speaks.

English is the source itself (`core/phrases.py`). Serbian is written by hand, in Cyrillic, in
`sr/LC_MESSAGES/podrska.po`; Serbian in Latin letters is derived from it. Both are compiled by
`python -m locales.compile`, and the compiled catalogues are part of the repository, so that a
running desk needs neither compiler nor converter.
"""
