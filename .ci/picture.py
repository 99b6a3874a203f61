"""Writes the picture of README.md: what pubmine show prints on a terminal, as SVG.

    bin/pubmine run testdata/pubmed --corpus .demo
    script -qec 'stty cols 88; bin/pubmine show --corpus .demo 99000003' /dev/null |
        python3 .ci/picture.py 'pubmine show --corpus C 99000003' > .github/show.svg
"""
import html
import re
import sys

WIDTH, LINE, TOP, LEFT = 690, 18, 44, 16
COLOURS = {"31": "#ff8080", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#76e3ea"}


def spans(line):
    """Returns the line as tspans, one for each run of the same style."""
    style, out = "", []
    for part in re.split(r"(\x1b\[\d+m)", line):
        if code := re.fullmatch(r"\x1b\[(\d+)m", part):
            style = {"0": "", "1": ' font-weight="bold"'}.get(code[1], f' fill="{COLOURS.get(code[1], "")}"')
        elif part:
            out.append(f"<tspan{style}>{html.escape(part)}</tspan>" if style else html.escape(part))
    return "".join(out)


def main():
    lines = [f"\x1b[36m$ {sys.argv[1]}\x1b[0m"] + sys.stdin.read().replace("\r", "").rstrip("\n").split("\n")
    height = TOP + LINE * len(lines) + 4
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}">')
    print(f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#161b22"/>')
    for i, colour in enumerate(("#ff5f56", "#ffbd2e", "#27c93f")):
        print(f'<circle cx="{20 + 18 * i}" cy="17" r="5.5" fill="{colour}"/>')
    print('<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="13" fill="#e6edf3">')
    for i, line in enumerate(lines):
        print(f'<text x="{LEFT}" y="{TOP + LINE * i}" xml:space="preserve">{spans(line)}</text>')
    print("</g></svg>")


if __name__ == "__main__":
    main()
