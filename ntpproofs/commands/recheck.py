"""`ntpproofs recheck`: the trusted kernel alone on a certificate file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .options import DIFFERS, AsJson
from .output import print_json


def recheck(
    file: Annotated[Path, typer.Argument(metavar="CERTIFICATE.json", help="A certificate file; it embeds its instance.")],
    instance: Annotated[Path | None, typer.Option("--instance", metavar="FILE.json", help="Your instance: the certificate must be about it.")] = None,
    verified: Annotated[bool, typer.Option("--verified", help="Ask the kernel proved in Coq too; both must accept.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run the trusted kernel alone on a certificate. Status 0 valid, 1 verification fails, 2 not a certificate."""
    from ..errors import VerificationFailed
    from ..kernel import verify_file
    from .second import prove

    try:
        proved = verify_file(file, instance)
        if verified:
            proved = prove(file)
    except VerificationFailed as failure:
        if as_json:
            print_json({"valid": False, "reason": str(failure), "proved": []})
        else:
            sys.stderr.write(f"{file}: rejected: {failure}\n")
        raise typer.Exit(DIFFERS) from None
    if as_json:
        print_json({"valid": True, "reason": None, "proved": proved})
    else:
        word = "proved by both kernels" if verified else "proved"
        sys.stdout.write("".join(f"{file}: {word}: {claim}\n" for claim in proved))
