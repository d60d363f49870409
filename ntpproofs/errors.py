"""Errors a user may see. Each names the object, the reason and the remedy, so a message is never just a refusal.

Standard library only: the trusted kernel imports this module.
"""

from __future__ import annotations


class NtpproofsError(Exception):
    """Base of every error this package raises on purpose.

    `subject` is the thing that is wrong (a file, a field, an argument), `reason` says what is wrong with it,
    `remedy` what to do about it. The command line prints the three and exits with status 2.

    >>> print(NtpproofsError("probabilities[0]", "sums to 3/4, not to 1", "rescale the row"))
    probabilities[0]: sums to 3/4, not to 1. Remedy: rescale the row.
    """

    def __init__(self, subject: str, reason: str, remedy: str) -> None:
        self.subject = subject
        self.reason = reason.rstrip(".")
        self.remedy = remedy.rstrip(".")
        super().__init__(subject, reason, remedy)

    def __str__(self) -> str:
        return f"{self.subject}: {self.reason}. Remedy: {self.remedy}."


class InvalidInput(NtpproofsError, ValueError):
    """A file or argument is malformed. Common causes: floats where rationals are required, rows of unequal
    length, probabilities that do not sum to one, a file of another format."""


class InvalidStatement(NtpproofsError, ValueError):
    """A statement is ill-formed. Common causes: a label used twice, `uses` naming an unknown label, a cycle,
    a claim that returns something other than a relation."""


class TooLarge(NtpproofsError):
    """An exact computation would need more time or memory than is reasonable; the message says how much."""


class OutOfTime(NtpproofsError):
    """The time limit ended an exact computation; the message says what was known by then."""


class VerificationFailed(Exception):
    """A certificate is well-formed but does not prove what it says (raised by the kernel only)."""


class BrokenPlugin(UserWarning):
    """A package of somebody else announces a paper and cannot be used; the message names it, and everything else goes on."""
