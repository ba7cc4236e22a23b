"""How the workbook looks: one font, few colours, and the number formats by unit."""

from __future__ import annotations

from typing import Any, Final

COUNT: Final = "#,##0"
MONEY: Final = "£#,##0"
MILLIONS: Final = "£#,##0.0"
SHARE: Final = "0%"
MONEY_CHANGE: Final = "+£#,##0;-£#,##0;£0"
SHARE_CHANGE: Final = "+0.0%;-0.0%;0.0%"

_INK, _DEEP, _QUIET, _RULE = "#1F2933", "#0B4F6C", "#52606D", "#C5D0D6"

_LOOKS: Final[dict[str, dict[str, Any]]] = {
    "title": {"font_size": 16, "bold": True, "font_color": _DEEP},
    "subtitle": {"font_color": _QUIET},
    "banner": {"bold": True, "bg_color": "#FCEFD2", "font_color": "#6B3F00", "text_wrap": True},
    "head": {"bold": True, "bg_color": _DEEP, "font_color": "#FFFFFF", "text_wrap": True, "valign": "vcenter"},
    "section": {"bold": True, "bg_color": "#E3ECF1", "font_color": _DEEP},
    "strong": {"bold": True},
    "quiet": {"font_color": _QUIET},
    "rule": {"top": 1, "top_color": _RULE},
    "total": {"bold": True, "top": 1, "top_color": _DEEP, "bg_color": "#F3F6F8"},
    "right": {"align": "right"},
    "left": {"align": "left"},
    "wrap": {"text_wrap": True},
    "link": {"font_color": "#0B5CAD", "underline": 1},
    "on track": {"bold": True, "align": "right", "bg_color": "#DCEFE0", "font_color": "#14532D"},
    "at risk": {"bold": True, "align": "right", "bg_color": "#FCEFD2", "font_color": "#6B3F00"},
    "off track": {"bold": True, "align": "right", "bg_color": "#F8DEDA", "font_color": "#7F1D1D"},
}
"""Name → properties. A status is told by its word; the colour only repeats it."""

STATUSES: Final = ("on track", "at risk", "off track")


class Looks:
    """The workbook's cell formats, each made once. Call with the names of looks, later ones on top."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, ...], Any] = {}

    def __call__(self, *names: str, number: str = "") -> Any:
        """The format that has all of the named looks and a number format."""
        key = (*names, number)
        if key not in self._made:
            properties: dict[str, Any] = {"font_name": "Arial", "font_size": 10, "font_color": _INK, "valign": "top"}
            for name in names:
                properties |= _LOOKS[name]
            if number:
                properties["num_format"] = number
            self._made[key] = self._book.add_format(properties)
        return self._made[key]
