"""What a custom widget's HTML may hold: the HTML and SVG standards' own names, less what acts.

CloudWatch guide, "Security and JavaScript for custom CloudWatch widgets": no JavaScript, no iframe,
no `use`. That `use` is among them makes us believe that CloudWatch cleans with DOMPurify, which
takes `use` by default and hardly anybody else does. So what DOMPurify takes is taken here, too.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_TEXT = """a abbr acronym address b bdi bdo big blockquote br center cite code data del dfn em font
h1 h2 h3 h4 h5 h6 hgroup hr i ins kbd mark nobr p pre q rp rt ruby s samp small span strike strong
sub sup time tt u var wbr"""
_PARTS = """article aside dd details div dl dt figcaption figure footer header legend li main menu
nav ol search section summary ul"""
_TABLES = "caption col colgroup table tbody td tfoot th thead tr"
_FORMS = """button datalist fieldset form input label meter optgroup option output progress select
textarea"""
_MEDIA = "area audio canvas dialog img map picture source track video"
_SVG = """svg circle clipPath defs desc ellipse filter g image line linearGradient marker mask
metadata path pattern polygon polyline radialGradient rect stop switch symbol text textPath title
tspan view feBlend feColorMatrix feComponentTransfer feComposite feDropShadow feFlood feFuncA
feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset feTile
feTurbulence"""

TAGS = frozenset(f"{_TEXT} {_PARTS} {_TABLES} {_FORMS} {_MEDIA} {_SVG} style cwdb-action".split())
#: Elements that go with all they hold.
EMPTIED = frozenset(
    {"script", "iframe", "object", "embed", "applet", "noscript", "noembed", "noframes"}
    | {"template", "foreignObject"}
)

_HTML_ATTRIBUTES = """accept action align alt autocomplete background bgcolor border cellpadding
cellspacing checked cite class color cols colspan controls coords datetime default dir disabled
download draggable enctype face for headers height hidden high href hreflang id inputmode ismap kind
label lang list loading loop low max maxlength media method min minlength multiple muted name
noshade novalidate nowrap open optimum pattern placeholder poster preload readonly rel required rev
reversed role rows rowspan scope selected shape size span spellcheck src srclang start step style
summary tabindex target title translate type usemap valign value width wrap"""
_SVG_ATTRIBUTES = """alignment-baseline amplitude baseFrequency baseline-shift clip clip-path
clip-rule clipPathUnits color-interpolation color-interpolation-filters cx cy d dx dy direction
display dominant-baseline exponent fill fill-opacity fill-rule filter filterUnits flood-color
flood-opacity font-family font-size font-stretch font-style font-variant font-weight fx fy
gradientTransform gradientUnits image-rendering in in2 intercept k1 k2 k3 k4 lengthAdjust
letter-spacing marker-end marker-mid marker-start markerHeight markerUnits markerWidth mask
mask-type maskContentUnits maskUnits mode numOctaves offset opacity operator order orient overflow
paint-order path pathLength patternContentUnits patternTransform patternUnits pointer-events points
preserveAspectRatio primitiveUnits r radius refX refY result rotate rx ry scale seed
shape-rendering slope spreadMethod startOffset stdDeviation stop-color stop-opacity stroke
stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity
stroke-width tableValues text-anchor text-decoration text-rendering textLength transform
transform-origin values vector-effect viewBox visibility word-spacing writing-mode x x1 x2 xmlns y
y1 y2 z"""
#: `target` is in AWS's own samples; the last line is `<cwdb-action>`'s.
ATTRIBUTES = frozenset(
    f"{_HTML_ATTRIBUTES} {_SVG_ATTRIBUTES} xlink:href confirmation endpoint event".split()
)
PREFIXES = frozenset({"data-", "aria-"})

ADDRESSES = frozenset({"action", "background", "cite", "href", "poster", "src", "xlink:href"})
SCHEMES = frozenset({"http", "https", "mailto", "tel", "data"})
#: Where a `data:` address shows a picture or plays, and runs nothing.
SHOWS_DATA = frozenset({"img", "image", "audio", "video", "source"})


@cache
def clobbers() -> frozenset[str]:
    """Names and ids that would hide a property of the document or of a form (DOM clobbering).

    DOMPurify takes such an `id` or `name` away, `name="name"` of an input among them. Read off
    Chromium's `document` and `<form>`.
    """
    return frozenset(Path(__file__).with_name("clobbers.txt").read_text().split())
