"""`ntpproofs list` and `ntpproofs show`: the registry, and one statement in full."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import AsJson, Profile, Seed
from .output import console, print_json


def list_statements(
    names: Annotated[list[str] | None, typer.Argument(metavar="[LABEL or AREA]...", help="Labels or areas (default: everything).")] = None,
    as_json: AsJson = False,
) -> None:
    """List the registry: kind, source, and status and evidence as of the last complete verify of this code."""
    from ..checking.registry import collect, select
    from ..rendering.saving import last_run

    statements = collect()
    labels = select(statements, names or [])
    known = last_run()
    rows = [
        {
            "label": label,
            "kind": statements[label].kind,
            "title": statements[label].title,
            "source": source.text if (source := statements[label].source) else "",
            "uses": list(statements[label].uses),
            "status": known.get(label, {}).get("status", "unchecked"),
            "evidence": known.get(label, {}).get("evidence"),
            "proof": known.get(label, {}).get("proof"),
        }
        for label in labels
    ]
    if as_json:
        print_json({"statements": rows})
        return
    from ..rendering.text import list_table

    console().print(list_table(rows))


def show(
    label: Annotated[str, typer.Argument(help="The label of a statement.")],
    profile: Profile = "quick",
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Check one statement now and show it in full: assumptions, steps, claims, mutants with their witnesses."""
    from ..checking.laboratory import PROFILES, Laboratory
    from ..checking.loop import check
    from ..checking.registry import collect, select
    from ..errors import InvalidInput

    if profile not in PROFILES:
        raise InvalidInput("--profile", f"{profile!r} is unknown", f"write one of {', '.join(PROFILES)}")
    statements = collect()
    labels = select(statements, [label])
    if labels != [label]:
        raise InvalidInput(label, f"is an area of {len(labels)} statements", f"name one of them, such as {labels[0]}")
    found = check(statements[label], Laboratory(PROFILES[profile], seed))
    if as_json:
        from ..rendering.json_report import statement_json
        from ..rendering.status import statuses

        print_json(statement_json(found, statuses({label: found})[label]))
        return
    from ..rendering.text import show_statement

    screen = console()
    for part in show_statement(found, statements[label]):
        screen.print(part)
