"""Docstrings with the rows of the registries."""

from __future__ import annotations

from typing import Any

from ._registry import CONVENTIONS, COVARIANCES, INDICES, MODELS, TESTS


def _list(rows: tuple, indent: str) -> str:
    return f"\n{indent}".join(f"{form}: {label}. {doc}" for _, form, label, doc in rows)


def documented(function: Any) -> Any:
    """Fills the registries into the docstring of a function."""
    indent = "    "
    function.__doc__ = function.__doc__.format(
        models_short=", ".join(name for name, *_ in MODELS),
        models=_list(MODELS, indent),
        covariances=_list(COVARIANCES, indent),
        conventions=_list(CONVENTIONS, indent),
        indices=_list(INDICES, indent),
        tests=_list(TESTS, indent),
    )
    return function
