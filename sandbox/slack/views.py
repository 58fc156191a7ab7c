"""The views.* methods and what an app's answer to a submission does."""

import copy
import itertools
import json
from collections.abc import Iterator
from typing import Any

from sandbox.slack.forms import STACK, view_problems
from sandbox.slack.payloads import view_json
from sandbox.slack.state import Json, Refusal, View, Workspace

VIEW_BYTES = 250_000


def open_view(workspace: Workspace, args: Json) -> Json:
    """views.open: show a modal to whoever caused the trigger."""
    body = _checked(args.get("view"), "modal")
    user = _triggered(workspace, args)
    return _answer(workspace, _put(workspace, user, body, on_top=False))


def push_view(workspace: Workspace, args: Json) -> Json:
    """views.push: put a modal on top of the open one."""
    body = _checked(args.get("view"), "modal")
    user = _triggered(workspace, args)
    if len(workspace.views.get(user, [])) >= STACK:
        raise Refusal("push_limit_reached")
    return _answer(workspace, _put(workspace, user, body, on_top=True))


def update_view(workspace: Workspace, args: Json) -> Json:
    """views.update: replace a view that somebody has open, guarded by `hash` where given."""
    body = _checked(args.get("view"))
    view = _wanted(workspace, args)
    if args.get("hash") and args["hash"] != view.hash:
        raise Refusal("hash_conflict")
    replace(workspace, view, body)
    return _answer(workspace, view)


def publish_view(workspace: Workspace, args: Json) -> Json:
    """views.publish: set a person's home tab."""
    body = _checked(args.get("view"), "home")
    user = str(args.get("user_id"))
    if user not in workspace.people:
        raise Refusal("user_not_found")
    home = workspace.homes.get(user)
    if home is None:
        home = workspace.homes[user] = _new(workspace, user, body, None)
    elif args.get("hash") and args["hash"] != home.hash:
        raise Refusal("hash_conflict")
    replace(workspace, home, body)
    return _answer(workspace, home)


def apply_response(workspace: Workspace, view: View, response: Json) -> dict[str, str]:
    """Do what the app answered to a submission; return its complaints by block id."""
    match response.get("response_action"):
        case "errors":
            view.errors = dict(response.get("errors", {}))
            workspace.changes.announce()
            return view.errors
        case "update":
            replace(workspace, view, _checked(response.get("view"), "modal"))
        case "push":
            _put(workspace, view.user, _checked(response.get("view"), "modal"), on_top=True)
        case "clear":
            workspace.views.pop(view.user, None)
        case _:
            drop(workspace, view)
    workspace.changes.announce()
    return {}


def drop(workspace: Workspace, view: View) -> None:
    """Close one modal; those under it stay."""
    stack = workspace.views.get(view.user, [])
    if view in stack:
        stack.remove(view)
    workspace.changes.announce()


def replace(workspace: Workspace, view: View, body: Json) -> None:
    """Put another body into a view."""
    view.body, view.hash, view.errors = _named(workspace, body), workspace.new_id("H"), {}
    workspace.changes.announce()


def _checked(body: Any, kind: str | None = None) -> Json:
    problems = view_problems(body)
    if not problems and kind is not None and body["type"] != kind:
        problems = [f"must be a view of type {kind} [json-pointer:/view/type]"]
    if problems:
        raise Refusal(
            "invalid_arguments",
            response_metadata={"messages": [f"[ERROR] {problem}" for problem in problems]},
        )
    if len(json.dumps(body)) > VIEW_BYTES:
        raise Refusal("view_too_large")
    return dict(body)


def _triggered(workspace: Workspace, args: Json) -> str:
    user, error = workspace.triggers.exchange(str(args.get("trigger_id")))
    if error:
        raise Refusal(error)
    return user


def _put(workspace: Workspace, user: str, body: Json, *, on_top: bool) -> View:
    stack = workspace.views.setdefault(user, [])
    external = body.get("external_id")
    if external and any(view.body.get("external_id") == external for view in _open(workspace)):
        raise Refusal("duplicate_external_id")
    if not on_top:
        stack.clear()
    view = _new(workspace, user, body, stack[-1] if stack else None)
    stack.append(view)
    workspace.changes.announce()
    return view


def _new(workspace: Workspace, user: str, body: Json, below: View | None) -> View:
    view_id = workspace.new_id("V")
    return View(
        id=view_id,
        user=user,
        body=_named(workspace, body),
        hash=workspace.new_id("H"),
        root_id=below.root_id if below else view_id,
        previous_id=below.id if below else None,
    )


def _named(workspace: Workspace, body: Json) -> Json:
    """Give the blocks that have none a block id, as Slack does."""
    named = copy.deepcopy(body)
    for block in named["blocks"]:
        block.setdefault("block_id", workspace.new_id("b"))
    return named


def _wanted(workspace: Workspace, args: Json) -> View:
    if view := workspace.view(str(args.get("view_id"))):
        return view
    for view in _open(workspace):
        if args.get("external_id") and view.body.get("external_id") == args["external_id"]:
            return view
    raise Refusal("not_found")


def _open(workspace: Workspace) -> Iterator[View]:
    return itertools.chain.from_iterable(workspace.views.values())


def _answer(workspace: Workspace, view: View) -> Json:
    return {"view": view_json(workspace, view)}
