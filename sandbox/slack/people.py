"""The methods that tell who is who: auth, users, user groups, bots."""

from sandbox.slack.chat import truth
from sandbox.slack.conversations import page
from sandbox.slack.payloads import bot_profile, bot_user_json, user_json
from sandbox.slack.state import Json, Refusal, Workspace


def api_test(workspace: Workspace, args: Json) -> Json:
    """api.test: gives back what it got, fails when it is asked to."""
    if args.get("error"):
        raise Refusal(str(args["error"]), args=args)
    return {"args": args}


def auth_test(workspace: Workspace, args: Json) -> Json:
    """auth.test: who the token belongs to."""
    return {
        "url": f"{workspace.origin}/",
        "team": workspace.team,
        "user": workspace.bot_name,
        "team_id": workspace.team_id,
        "user_id": workspace.bot_user,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def user_info(workspace: Workspace, args: Json) -> Json:
    """users.info."""
    user = str(args.get("user"))
    if user == workspace.bot_user:
        return {"user": bot_user_json(workspace)}
    if user not in workspace.people:
        raise Refusal("user_not_found")
    locale = truth(args.get("include_locale"))
    return {"user": user_json(workspace, workspace.people[user], locale)}


def list_users(workspace: Workspace, args: Json) -> Json:
    """users.list."""
    locale = truth(args.get("include_locale"))
    everybody = [user_json(workspace, person, locale) for person in workspace.people.values()]
    found, rest = page([*everybody, bot_user_json(workspace)], args, default=1000)
    return {"members": list(found), **rest}


def bot_info(workspace: Workspace, args: Json) -> Json:
    """bots.info."""
    if args.get("bot", workspace.bot_id) != workspace.bot_id:
        raise Refusal("bot_not_found")
    return {"bot": bot_profile(workspace)}


def list_groups(workspace: Workspace, args: Json) -> Json:
    """usergroups.list."""
    groups = [
        {
            "id": group.id,
            "team_id": workspace.team_id,
            "is_usergroup": True,
            "name": group.handle,
            "handle": group.handle,
            "user_count": len(group.members),
            **({"users": group.members} if truth(args.get("include_users")) else {}),
        }
        for group in workspace.groups
    ]
    return {"usergroups": groups}


def group_users(workspace: Workspace, args: Json) -> Json:
    """usergroups.users.list."""
    for group in workspace.groups:
        if group.id == args.get("usergroup"):
            return {"users": group.members}
    raise Refusal("no_such_subteam")
