"""QR codes as inline SVG, in the colour of the text."""

from markupsafe import Markup


def qr_svg(address: str, words: str) -> Markup:
    """The QR code of an address; ``words`` say what it is to whoever does not see it."""
    import segno  # few pages need it

    svg = segno.make(address, error="m", micro=False).svg_inline(
        omitsize=True, border=2, svgclass="qr", lineclass=None
    )
    return Markup('<svg role="img" aria-label="%s" ') % words + Markup(  # noqa: S704
        svg.removeprefix("<svg ")
    )
