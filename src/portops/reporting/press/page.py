"""The page: an executed notebook as one HTML file that opens offline, code hidden."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbconvert import HTMLExporter

if TYPE_CHECKING:
    import nbformat

_CSS = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f5f7fa; color: #1f2933;
  font: 16px/1.55 "Segoe UI", -apple-system, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 60rem; margin: 2rem auto; padding: 2.2rem 2.6rem 3rem; background: #fff;
  border: 1px solid #e4e7eb; border-radius: 8px; }
h1 { font-size: 1.7rem; margin: 0 0 .2rem; } h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; } p { margin: .5rem 0; } a { color: #1f4e79; }
.headline { font-size: 1.2rem; font-weight: 600; }
.headline + .headline { font-weight: 400; font-size: 1.05rem; }
.chart, main img { display: block; max-width: 100%; height: auto; margin: .8rem 0; }
table { border-collapse: collapse; margin: .6rem 0 1rem; font-size: .93rem;
  font-variant-numeric: tabular-nums; }
figure { margin: 0; overflow-x: auto; }
figure:focus-visible { outline: 2px solid #1f4e79; outline-offset: 2px; } figcaption { font-weight: 600; margin: 1.2rem 0 .2rem; }
.wide { overflow-x: auto; }
th, td { padding: .35rem .8rem; text-align: right; border-bottom: 1px solid #e4e7eb; }
th { white-space: nowrap; font-weight: 600; border-bottom: 2px solid #9aa5b1; }
.output_html, .jp-OutputArea-output { max-width: 100%; }
td, td a { white-space: nowrap; } td.words { white-space: normal; }
th.words, td.words { text-align: left; } td:first-child { white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
.cards { width: 100%; table-layout: fixed; margin: 1rem 0 1.4rem; border-spacing: 0; }
.cards td { text-align: left; padding: .7rem 1rem; border: 1px solid #e4e7eb; white-space: normal;
  vertical-align: top; }
.cards b { font-size: 1.7rem; line-height: 1.2; } .cards i { font-style: normal; font-size: .88rem; }
.good { color: #0b6b3a; } .bad { color: #a61b1b; } .even { color: #52606d; }
li { margin: .35rem 0; } .data { color: #52606d; font-size: .85rem; margin-top: 1.6rem; }
@media (max-width: 40rem) { .cards, .cards tbody, .cards tr, .cards td { display: block; width: 100%; } }
@media (max-width: 40rem) { main .picture .chart { min-width: 36rem; }
  .picture::after { content: "Scroll sideways to see the rest of the chart."; font-size: .85rem; color: #52606d; } }
.empty { color: #52606d; font-style: italic; } .anchor-link { display: none; }
pre { background: #f5f7fa; padding: .6rem; overflow-x: auto; font-size: .85rem; }
footer { color: #52606d; font-size: .85rem; margin-top: 2.5rem; }
@media (max-width: 40rem) { main { margin: 0; padding: 1.2rem; border: 0; border-radius: 0; } }
@media print { body { background: #fff; font-size: 10.5pt; }
  main { border: 0; margin: 0; padding: 0; max-width: none; }
  figure, .output_html, .jp-OutputArea-output { overflow: visible; break-inside: avoid; }
  h2, figcaption { break-after: avoid; } .chart, tr { break-inside: avoid; }
  h2 { margin-top: 1.4rem; } main .chart { width: auto; max-width: 100%; max-height: 8.2cm; }
  .dataframe { font-size: .85rem; }
  .dataframe th, .dataframe td { white-space: normal; padding: .2rem .5rem; }
  .dataframe th:first-child, .dataframe td:first-child { white-space: normal; padding-left: 0; } }
"""


def to_html(notebook: nbformat.NotebookNode, title: str) -> str:
    """Render an executed notebook; nothing in the page is loaded from elsewhere."""
    exporter = HTMLExporter(template_name="basic", embed_images=True)
    exporter.exclude_input = True
    exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    body, _ = exporter.from_notebook_node(notebook)
    return page(body, title)


def page(body: str, title: str) -> str:
    """Return a page of its own around some HTML."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_CSS}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )
