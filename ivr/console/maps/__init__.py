"""Draws the United Kingdom by service or board, for the console's pages.

``boundaries`` reads the shapes, ``covering`` says which services cover how much of each,
``colouring`` keeps neighbours apart, and ``drawing`` makes of them what the template
``maps/map.html`` writes as SVG. ``build`` made the file of boundaries.
"""

from ivr.console.maps.boundaries import (
    Boundaries,
    BoundariesError,
    Outlines,
    Shape,
    found,
    names,
    read,
)
from ivr.console.maps.colouring import coloured
from ivr.console.maps.covering import Covering, Moves, Pair, covering, district, moves
from ivr.console.maps.drawing import TOLD, Area, Picture, by_key, picture

__all__ = [
    "TOLD",
    "Area",
    "Boundaries",
    "BoundariesError",
    "Covering",
    "Moves",
    "Outlines",
    "Pair",
    "Picture",
    "Shape",
    "by_key",
    "coloured",
    "covering",
    "district",
    "found",
    "moves",
    "names",
    "picture",
    "read",
]
