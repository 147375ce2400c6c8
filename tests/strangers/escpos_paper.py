"""What a receipt printer puts on paper: the decoder's nodes (one JSON object a line, text byte by byte) read with Python's own cp932.

Says one JSON object: the lines of text, the bar codes, the commands by name. With a path, draws the paper as a picture there as well.
"""
import json
import sys


def text_of(raw: str) -> str:
    # ESC R 8: 0x5C is the yen sign, where it is a character of its own and no half of a kanji.
    out, at, data = "", 0, raw.encode("latin-1")
    while at < len(data):
        byte = data[at]
        if 0x81 <= byte <= 0x9F or 0xE0 <= byte <= 0xFC:
            out += data[at:at + 2].decode("cp932")
            at += 2
        else:
            out += "¥" if byte == 0x5C else data[at:at + 1].decode("cp932")
            at += 1
    return out


nodes = [json.loads(line) for line in sys.stdin]
lines, line, codes, unknown, drawn = [], "", [], [], []
size, width = (1, 1), 1
for node in nodes:
    kind = node["type"]
    if kind == "text":
        line += text_of(node["text"])
    elif kind == "line-feed":
        lines.append(line)
        drawn.append(("text", line, size))
        line = ""
    elif kind == "feed":
        drawn.append(("feed", node["lines"], None))
    elif kind == "size":
        size = (node["width"], node["height"])
    elif kind == "barcode":
        codes.append([node["symbology"], node["data"]])
        drawn.append(("code", node["data"], None))
    elif kind == "unknown":
        unknown.append(node)
print(json.dumps({"lines": lines, "codes": codes, "unknown": unknown, "kinds": [n["type"] for n in nodes]}))

if len(sys.argv) > 1:
    from PIL import Image, ImageDraw, ImageFont

    columns = int(sys.argv[3]) if len(sys.argv) > 3 else 42
    wide, row = columns * 12, 30
    picture = Image.new("L", (wide + 40, 3000), 255)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(sys.argv[2], 24)
    y = 20
    for what, value, how in drawn:
        if what == "text":
            strip = Image.new("L", (wide, row), 255)
            x = 0
            for c in value:
                ImageDraw.Draw(strip).text((x, 2), c, font=font, fill=0)
                x += 12 * len(c.encode("cp932") if c != "¥" else b"\\")
            strip = strip.resize((wide * how[0], row * how[1])).crop((0, 0, wide, row * how[1]))
            picture.paste(strip, (20, y))
            y += row * how[1]
        elif what == "feed":
            y += row * value
        else:
            pen.rectangle((wide // 2 - 120, y, wide // 2 + 160, y + 60), outline=0)
            pen.text((wide // 2 - 100, y + 18), value.removeprefix("{B"), font=font, fill=0)
            y += 90
    picture.crop((0, 0, wide + 40, y + 20)).save(sys.argv[1])
