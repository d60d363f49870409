r"""Notation of the foundations."""

from ...language.notation import Notation, Symbol

notation = Notation("", "", (Symbol("w", "the parameters"),))
