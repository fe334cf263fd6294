"""Makes PanelystSans-Regular.otf, the font of figures, from Noto Sans CJK SC.

    python subset.py NotoSansCJK-Regular.ttc

needs fontTools 4.68. The characters are those of `wanted` below; the same input gives the same bytes.
"""

import io
import pathlib
import sys

from fontTools import subset
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTCollection, TTFont

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[2]
FACE = "Noto Sans CJK SC"
FAMILY = "Panelyst Sans"
MADE = HERE / "PanelystSans-Regular.otf"

# Signs that the face sets as wide as a Chinese character; among Latin letters they need the width of their ink.
NARROW = "±×÷§¶·…†‡•≤≥≠≈≡∝∞√∑∏∂∫∈∪∩→←↑↓⇒★☆○●◇◆□■△▲▽▼"
# Room on both sides of their ink, in thousandths of the size.
BEARING = 60
# Quotation marks have narrow forms of their own in the face.
QUOTES = "‘’“”"

# Files whose words may come to stand in a figure.
SOURCES = ["*.rs", "*.toml", "*.csv", "*.md", "*.py", "*.json", "*.typ"]


def gb2312():
    """The 6763 characters of GB 2312 and its signs."""
    both = (bytes([row, cell]) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    found = {code.decode("gb2312", "ignore") for code in both} - {""}
    # Of its other alphabets Greek stays; Japanese, Cyrillic and sounds do not come to stand in figures.
    def stays(letter):
        point = ord(letter)
        return not (0x0400 <= point <= 0x04FF or 0x3040 <= point <= 0x312F)

    return {letter for letter in found if stays(letter)}


def sources():
    """Every character beyond ASCII that occurs in this repository."""
    found = set()
    for folder in ["crates", "examples", "book", "python", "tests"]:
        for pattern in SOURCES:
            for path in (ROOT / folder).rglob(pattern):
                if not {"target", "out", "fixtures"} & set(path.parts):
                    found |= set(path.read_text(encoding="utf-8", errors="ignore"))
    return {letter for letter in found if ord(letter) > 0x7E}


def wanted():
    """All characters of the subset."""
    # ASCII, Latin with accents, Greek, punctuation, super- and subscripts, currencies, arrows, mathematics, full width.
    points = [*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x370, 0x400), *range(0x2010, 0x2040)]
    points += [*range(0x2070, 0x20D0), *range(0x2190, 0x2194), *range(0x2200, 0x22C0), *range(0x3000, 0x3020)]
    points += range(0xFF01, 0xFF5F)
    return {chr(point) for point in points} | gb2312() | sources() | set(NARROW)


def face(path):
    """The face as a font of its own, so that nothing of the others is kept."""
    fonts = TTCollection(path, lazy=True).fonts
    return next(font for font in fonts if font["name"].getDebugName(4) == FACE)


def redraw(font, glyph, move, width):
    """A glyph moved by `move` and set to an advance of `width`."""
    glyphs = font.getGlyphSet()
    pen = T2CharStringPen(width, glyphs)
    glyphs[glyph].draw(TransformPen(pen, (1, 0, 0, 1, *move)))
    cff = font["CFF "].cff.topDictIndex[0]
    old = cff.CharStrings[glyph]
    cff.CharStrings[glyph] = pen.getCharString(old.private, old.globalSubrs)
    font["hmtx"][glyph] = (width, BEARING)


def narrow(font):
    """The signs of `NARROW` as wide as their ink, the ellipsis on the line of the letters."""
    names, glyphs = font.getBestCmap(), font.getGlyphSet()
    for sign in NARROW:
        glyph = names.get(ord(sign))
        if glyph is None or font["hmtx"][glyph][0] != 1000:
            continue
        bounds = BoundsPen(glyphs)
        glyphs[glyph].draw(bounds)
        left, low, right, _ = bounds.bounds
        down = -low if sign == "…" else 0
        redraw(font, glyph, (BEARING - left, down), round(right - left) + 2 * BEARING)


def quotes(font):
    """Quotation marks in the narrow forms that the feature `pwid` has."""
    table = font["GSUB"].table
    features = [r.Feature for r in table.FeatureList.FeatureRecord if r.FeatureTag == "pwid"]
    for place in {place for feature in features for place in feature.LookupListIndex}:
        for rule in table.LookupList.Lookup[place].SubTable:
            mapping = getattr(rule, "ExtSubTable", rule).mapping
            for cmap in font["cmap"].tables:
                for quote in QUOTES:
                    glyph = getattr(cmap, "cmap", {}).get(ord(quote))
                    if glyph in mapping and cmap.isUnicode():
                        cmap.cmap[ord(quote)] = mapping[glyph]


def named(font):
    """The names of a modified version; copyright and licence stay as they are."""
    table = font["name"]
    version = table.getDebugName(5).split(";")[0]
    mine = {
        1: FAMILY,
        2: "Regular",
        3: f"{FAMILY} Regular; subset of {FACE} {version}",
        4: FAMILY,
        5: version,
        6: MADE.stem,
    }
    table.names = [record for record in table.names if record.nameID in (0, 13, 14)]
    for place, text in mine.items():
        table.setName(text, place, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = [MADE.stem]
    top.topDictIndex[0].FamilyName = FAMILY
    top.topDictIndex[0].FullName = FAMILY


def main():
    font = face(sys.argv[1])
    quotes(font)
    asked = wanted()
    there = {chr(point) for point in font.getBestCmap()}
    options = subset.Options()
    options.layout_features = ["kern", "mark", "ccmp"]
    options.drop_tables += ["BASE", "VORG", "vhea", "vmtx"]
    options.hinting = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(sorted(asked & there)))
    cutter.subset(font)
    # Read again, so that glyphs are no longer bound to the whole.
    kept = io.BytesIO()
    font.save(kept)
    font = TTFont(kept, lazy=False, recalcTimestamp=False)
    narrow(font)
    named(font)
    font["head"].modified = font["head"].created
    font.save(MADE)
    print(f"{len(font.getBestCmap())} characters, {MADE.stat().st_size} bytes")
    print("in the sources and not in the face:", "".join(sorted(sources() - there)))


if __name__ == "__main__":
    main()
