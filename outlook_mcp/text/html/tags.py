"""Elements by what they mean for text."""

from __future__ import annotations


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


# Never shown by a mail reader, or not text.
DROPPED = _tags(
    "head script style title meta link template embed iframe datalist area audio video frameset frame"
    " param source track base noembed noframes progress meter mprescripts"
)
# Their text is shown only by programs that do not know them.
WITH_OTHER_CONTENT = _tags("audio video iframe noembed noframes progress meter")
# Without a box unless a style says so; then their text is shown.
DISPLAYABLE = _tags("title style script datalist noembed noframes")
# Parts of a drawing that show no text.
SVG_SILENT = _tags("title desc defs metadata symbol clippath mask pattern marker animate set")
# Not displayed unless a style says so.
FOLDED_AWAY = _tags("rp annotation annotation-xml mphantom mspace")
# Shown as a picture or as a box of the system.
PAINTING = _tags("img video iframe canvas svg object embed input button select textarea")
STRUCK = _tags("s strike del")
# Set apart by blank lines.
PARAGRAPHS = _tags("p ul ol table blockquote pre dl figure hr")
# Begin and end a line.
BLOCKS = PARAGRAPHS | _tags(
    "div section article header footer center address dt dd form fieldset figcaption main nav aside tbody thead tfoot"
    " tr td th caption li legend details summary dialog search hgroup menu dir listing plaintext xmp optgroup option"
    " mtable mtr"
)
HEADINGS = {"h1": "# ", "h2": "# ", "h3": "## ", "h4": "## ", "h5": "## ", "h6": "## "}
VOID = _tags("area base br col embed hr img input link meta param source track wbr")
# Without an end tag, or closed by the next one of their kind.
NOT_NESTING = _tags(
    "area base br col embed hr img input link meta source track wbr p li td th tr tbody thead option dd dt"
)
# Opened anew by the parser in every block until their end tag comes.
FORMATTING = _tags("a b big code em font i nobr s small strike strong tt u")
