"""Writes `panelyst/_registry.py`, the names and descriptions that stubs and docstrings take from the engine's registries.

    python python/generate.py            with the package built and on the path

A test compares the file with what this gives.
"""

import pathlib

HEAD = '''"""Names and descriptions of the engine's registries. Written by `python/generate.py`; do not edit."""

from __future__ import annotations

from typing import Literal

__version__ = {version!r}

'''


def text():
    """The file as it must be."""
    from panelyst import _panelyst

    rows = _panelyst.registries()
    parts = [HEAD.format(version=_panelyst.version())]
    for alias, registry in (("Model", "models"), ("Convention", "conventions"), ("Index", "indices")):
        names = dict.fromkeys(name for name, *_ in rows[registry])
        listed = "\n".join(f"    {name!r}," for name in names).replace("'", '"')
        parts.append(f"{alias} = Literal[\n{listed}\n]\n\n")
    for registry in ("models", "covariances", "conventions", "indices", "tests"):
        parts.append(f"{registry.upper()} = (\n")
        parts.extend(f"    {row!r},\n" for row in rows[registry])
        parts.append(")\n\n")
    return "".join(parts).rstrip("\n") + "\n"


if __name__ == "__main__":
    pathlib.Path(__file__).parent.joinpath("panelyst", "_registry.py").write_text(text(), encoding="utf-8")
