"""Running latexmk, or pdfLaTeX where there is none, on a written document."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from ...errors import NtpproofsError

# References of the first pass are printed by the second; a third settles page numbers that this has moved.
PASSES = 3
SECONDS = 900
REMEDY = "install TeX Live, on Debian: apt-get install texlive-latex-base texlive-latex-recommended texlive-latex-extra"


def compile_pdf(directory: Path, name: str = "main.tex") -> Path:
    """Compile a document offline and without shell escape, with latexmk where it is installed; returns the path of the PDF.

    Raises `NtpproofsError` if pdfLaTeX is missing or stops; the message then quotes the first error of its log.
    """
    program = shutil.which("pdflatex")
    if program is None:
        raise NtpproofsError("pdflatex", "is not installed", REMEDY)
    source = directory / name
    # A fixed clock makes the PDF a function of its sources.
    environment = os.environ | {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}
    options = ["-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error"]
    latexmk = shutil.which("latexmk") or ""
    # latexmk stops by the times of files, which a busy machine blurs: one more pass makes the pages those of settled references.
    once = [program, *options, source.name]
    settled = [latexmk, "-norc", "-pdf", f"-pdflatex=pdflatex {' '.join(options)} %O %S", source.name]
    for command in [settled, once] if latexmk else [once] * PASSES:
        try:
            done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise NtpproofsError(str(source), f"does not compile within {SECONDS} s", "compile fewer statements") from None
        if done.returncode:
            raise NtpproofsError(str(source), f"does not compile: {_first_error(done.stdout)}", f"see {source.with_suffix('.log')}")
    return source.with_suffix(".pdf")


def _first_error(output: bytes) -> str:
    lines = output.decode("utf-8", errors="replace").splitlines()
    marked = [i for i, line in enumerate(lines) if line.startswith("!")]
    quoted = lines[marked[0] : marked[0] + 3] if marked else lines[-3:]
    return " ".join(line.strip() for line in quoted if line.strip())
