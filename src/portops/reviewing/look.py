"""How the review looks: its style, and texts in their places."""

from __future__ import annotations

from html import escape

#: What keeps JupyterLab from taking the keys of a drop-down for its own shortcuts (`a` adds a cell,
#: `d d` deletes one, arrows leave the cell); those with Ctrl stay. It asks the very element that has
#: the keyboard, and a widget cannot set an attribute; its style can, once it is there.
_KEYS = (
    "window.portopsKeys ??= window.addEventListener('keydown', (event) => {"
    " if (event.target.closest?.('.portops-review')) event.target.toggleAttribute("
    "'data-lm-suppress-shortcuts', !(event.ctrlKey || event.metaKey)); }, true) ?? true"
)

#: Rules for the form alone, in the colors of JupyterLab.
_RULES = """
.portops-review h3 { margin: 1.2rem 0 .4rem; }
.portops-columns { max-height: 34rem; overflow-y: auto;
  border-top: 1px solid var(--jp-border-color2, #bbb); }
.portops-columns .widget-hbox { border-bottom: 1px solid var(--jp-border-color3, #ddd);
  overflow: visible; }
.portops-columns .widget-label { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); }
.portops-columns > .widget-hbox:first-child { position: sticky; top: 0; z-index: 1;
  background: var(--jp-layout-color0, #fff); }
.portops-cells { display: grid; align-items: center; gap: 0 .75rem; line-height: 1.35; padding: .2rem 0; }
.portops-cells > span { overflow-wrap: anywhere; }
.portops-where { grid-template-columns: 5.5rem 3.5rem minmax(0, 1fr) minmax(0, 1fr); }
.portops-how { grid-template-columns: minmax(0, 1fr) 5.5rem; padding-left: .75rem; }
.portops-findings table.dataframe { margin: 0; }
.portops-findings td, .portops-findings th { vertical-align: top !important;
  white-space: normal !important; line-height: 1.35; padding: .25rem .5rem .25rem 0 !important; }
"""

STYLE = f'<style onload="{_KEYS}">{_RULES}</style>'

#: The three parts of a line of the table of columns.
LEFT = {"flex": "5 1 0", "min_width": "0"}
MIDDLE = {"width": "13rem", "flex": "0 0 auto"}
RIGHT = {"flex": "4 1 0", "min_width": "0"}

#: Rows that break where the window is narrow.
WRAPPED = {"flex_flow": "row wrap"}


def cells(kind: str, *texts: str) -> str:
    """Lay out texts (HTML) side by side: `where` a column is, or `how` it was read."""
    spans = "".join(f"<span>{text}</span>" for text in texts)
    return f"<div class='portops-cells portops-{kind}'>{spans}</div>"


def bold(text: str) -> str:
    """Write a heading of a table."""
    return f"<b>{escape(text)}</b>"


def lines(*texts: str) -> str:
    """Write lines for the screen, which a screen reader speaks as they change."""
    spoken = "<br>".join(escape(text, quote=False) for text in texts if text)
    return f"<div role='status'>{spoken}</div>"
