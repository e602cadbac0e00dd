"""Markdown of organisers and teams to safe HTML."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "code", "dd", "dl", "dt", "em", "h2", "h3", "h4", "hr", "i", "li", "ol", "p",
    "pre", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "th": {"scope", "class"},
    "td": {"class"},
    "ol": {"start"},
    "table": {"class"},
}
TABLE = '<table class="table dense">'
PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


@lru_cache(maxsize=256)
def render(text: str) -> str:
    """Return the HTML of a Markdown text: no raw HTML, no image, no style, links only to http, https and mailto.

    Headings begin at level 2, since the page has its own title.
    """
    html = PARSER.render(text)
    for level in (3, 2, 1):
        html = html.replace(f"<h{level}>", f"<h{level + 1}>").replace(f"</h{level}>", f"</h{level + 1}>")
    html = html.replace("<table>", TABLE).replace("<th", '<th scope="col"').replace('<th scope="col"ead', "<thead")
    html = html.replace(' style="text-align:right"', ' class="num"')
    return nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel="nofollow noopener"
    )
