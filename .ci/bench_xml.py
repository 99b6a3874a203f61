#!/usr/bin/env python3
"""Times programs that read one file of PubMed XML, in turn, and prints a table. Called by bench-xml."""

import argparse
import gzip
import os
import pathlib
import re
import shutil
import statistics
import sys
import time

CHECK = pathlib.Path(".check")
REFERENCE = pathlib.Path("../shared/data/pubmed")
SAMPLE = pathlib.Path("testdata/pubmed")

WALK = """
import gzip, sys
from lxml import etree
n = 0
for _, e in etree.iterparse(gzip.open(sys.argv[1]), events=("end",)):
    e.tag; e.text
    if e.tag == "PubmedArticle":
        n += 1
        e.clear()
        while e.getprevious() is not None:
            del e.getparent()[0]
"""
PARSER = """
import sys, pubmed_parser
for _ in pubmed_parser.parse_medline_xml(sys.argv[1]):
    pass
"""


def records(folder):
    """Yields the PubmedArticles below a folder, each once, that stand by themselves and that pubmed_parser takes."""
    from lxml import etree

    try:
        from pubmed_parser import medline_parser
    except ImportError:
        medline_parser = None
    seen = set()
    for path in sorted(folder.rglob("*.xml")) + sorted(folder.rglob("*.xml.gz")):
        raw = path.read_bytes()
        raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
        for record in re.findall(rb"<PubmedArticle>.*?</PubmedArticle>", raw, re.S):
            if record in seen:
                continue
            seen.add(record)
            try:
                tree = etree.fromstring(record)
                if medline_parser:
                    medline_parser.parse_article_info(tree, True, False, False, False)
                    medline_parser.parse_grant_id(tree)
            except Exception:
                continue
            yield record


def amplify(citations):
    """Makes a file of that many citations, with PMIDs of their own."""
    source = REFERENCE if REFERENCE.is_dir() else SAMPLE
    path = CHECK / f"bench-{source.parts[0].strip('.') or 'shared'}-{citations}.xml.gz"
    if path.exists():
        return path
    kept = list(records(source))
    with gzip.open(path, "wb", compresslevel=6) as f:
        f.write(b'<?xml version="1.0" encoding="utf-8"?>\n<PubmedArticleSet>\n')
        for i in range(citations):
            f.write(re.sub(rb"(<PMID[^>]*>)\s*\d+\s*<", rb"\g<1>%d<" % (60_000_001 + i), kept[i % len(kept)], count=1) + b"\n")
        f.write(b"</PubmedArticleSet>\n")
    return path


def count(path):
    with gzip.open(path) as f:
        return sum(block.count(b"</PubmedArticle>") for block in f)


def run(command):
    """Returns wall seconds, processor seconds and peak MB of a program."""
    start = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        return None
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=pathlib.Path)
    parser.add_argument("--citations", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    path = args.file or amplify(args.citations)
    corpus = str(CHECK / "bench-corpus")
    programs = {
        "pubmine run": ["bin/pubmine", "run", str(path), "--tasks", "none", "--corpus", corpus],
        "pubmed_parser": [sys.executable, "-c", PARSER, str(path)],
        "lxml walk": [sys.executable, "-c", WALK, str(path)],
    }
    taken = {name: [] for name in programs}
    for _ in range(args.rounds):
        for name, command in programs.items():
            shutil.rmtree(corpus, ignore_errors=True)
            if got := run(command):
                taken[name].append(got)
    n = count(path)
    print(f"{path}: {n:,} citations, {path.stat().st_size / 1e6:.1f} MB, {args.rounds} rounds, medians")
    print(f"{'':16}{'citations/s':>12}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}")
    for name, rounds in taken.items():
        if not rounds:
            print(f"{name:16}{'failed':>12}")
            continue
        wall, cpu, peak = (statistics.median(column) for column in zip(*rounds))
        print(f"{name:16}{n / wall:12,.0f}{wall:9.2f}{cpu:9.2f}{peak:9.0f}")


if __name__ == "__main__":
    main()
