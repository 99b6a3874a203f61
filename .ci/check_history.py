#!/usr/bin/env python3
"""Applies histories of update files, night by night and at once with kills in between, and compares the views of `pubmine sql` with a
replay in memory.

A history is 12 files named like PubMed's, of articles and deletions: revisions across files and inside one, deletions, deleted articles
that come back, versions above 1. In a mixed history some files have no number, and the dates of revision count. Needs duckdb and
bin/pubmine."""

import argparse
import gzip
import hashlib
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import duckdb

import corpus_log

FILES, BASELINE = 12, 3
ARTICLE = """<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="{version}">{pmid}</PMID>{revised}<Article>
<Journal><Title>J</Title></Journal><ArticleTitle>{title}</ArticleTitle>
<Abstract><AbstractText>Aspirin lowers fever in file {file}. So says record {at}.</AbstractText></Abstract>
</Article></MedlineCitation></PubmedArticle>
"""
# 12 files. A number is an article, with its version after a dot unless that is 1, and the day when it was revised after '@'; '-' deletes
# it. A file with '?' in front has no number, one with '<' is of the release before.
SCRIPT = ["1 2 3 4 5 6 7 8 9", "2 10", "-3 11", "3 12", "4.2", "5 5", "6 -6", "-7 7", "4 4.3", "-4.3", "8 -9 8 -8 8", "13 -99 9.2"]


def invented(rng, mixed=False):
    """A random history in the language of SCRIPT; deletions come last in a file, as PubMed has them."""
    def word():
        return f"{rng.randint(1, 12)}" + rng.choice(["", "", "", ".2", ".3"])

    def day():
        return rng.choice(["", "@1", "@2", "@3", "@4"]) if mixed else ""

    return [
        " ".join(
            rng.choice([[], ["<"], ["?"], ["?"]] if mixed else [[]])
            + [word() + day() for _ in range(rng.randint(1, 8))] + ["-" + word() for _ in range(rng.randint(0, 3))]
        )
        for _ in range(FILES)
    ]


def parsed(history):
    """Yields file, place in it, pmid, version, day and whether it is a deletion."""
    for file, line in enumerate(history, 1):
        for at, word in enumerate(line.lstrip("?< ").split()):
            word, _, day = word.partition("@")
            pmid, _, version = word.lstrip("-").partition(".")
            yield file, at, int(pmid), int(version or 1), int(day or 0), word.startswith("-")


def unit(file, line):
    return f"reply-{99 - file}" if line[0] == "?" else f"pubmed{25 if line[0] == '<' else 26}n{file:04}"


def write(history, folder):
    for part in ("baseline", "updatefiles"):
        (folder / part).mkdir(parents=True)
    texts = {file: [] for file in range(1, len(history) + 1)}
    for file, at, pmid, version, day, deletion in parsed(history):
        if deletion:
            texts[file].append(f'<DeleteCitation><PMID Version="{version}">{pmid}</PMID></DeleteCitation>\n')
        else:
            revised = f"<DateRevised><Year>2026</Year><Month>01</Month><Day>{day}</Day></DateRevised>" if day else ""
            title = f"Record {at} of {file}."
            texts[file].append(ARTICLE.format(pmid=pmid, version=version, revised=revised, file=file, at=at, title=title))
    paths = []
    for file, records in texts.items():
        path = folder / ("baseline" if file <= BASELINE else "updatefiles") / f"{unit(file, history[file - 1])}.xml.gz"
        path.write_bytes(gzip.compress(f"<PubmedArticleSet>\n{''.join(records)}</PubmedArticleSet>\n".encode(), mtime=0))
        (path.parent / (path.name + ".md5")).write_text(f"MD5({path.name})= {hashlib.md5(path.read_bytes()).hexdigest()}\n")
        paths.append(str(path))
    return paths


def latest(states, history):
    """Returns the file whose state is current, of the states of one record by file: a day, or None for a deletion."""
    deletion = max((f for f, day in states.items() if day is None), default=0)
    records = {f: day for f, day in states.items() if day is not None}
    numbered = sorted((f for f in records if history[f - 1][0] != "?"), key=lambda f: (history[f - 1][0] != "<", f))
    left = [f for f in records if f > deletion and f not in numbered[:-1]]
    return max(left, key=lambda f: (records[f], f), default=deletion)


def replay(history):
    """Returns what is current, by pmid, and the rows that say what was superseded."""
    units = {file: unit(file, line) for file, line in enumerate(history, 1)}
    states, places, superseded = {}, {}, []
    for file, at, pmid, version, day, deletion in parsed(history):
        states.setdefault((pmid, version), {})[file] = None if deletion else day
        places.setdefault((pmid, version, file), []).append(at)
    current = {}
    for (pmid, version), files in sorted(states.items()):
        best = latest(files, history)
        for file, state in files.items():
            within = len(places[pmid, version, file]) - 1
            superseded += [(pmid, version, units[file], units[file], "deleted" if state is None else "revised")] * within
            if file != best:
                reason = "deleted" if files[best] is None else "revised"
                superseded.append((pmid, version, units[file], units[best], reason))
        if files[best] is not None:
            current[pmid] = (version, units[best], f"Record {places[pmid, version, best][-1]} of {best}.")
    return current, sorted(superseded)


def mine(args, command, corpus, kill_after=None):
    """Runs pubmine, and reports whether it was killed."""
    process = subprocess.Popen(
        [args.pubmine, *command, "--corpus", str(corpus), "--chunk", "4"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )
    try:
        _, said = process.communicate(timeout=kill_after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return True
    if process.returncode != 0:
        sys.exit(f"exit {process.returncode}: {said}")
    return False


def applied(corpus, history):
    """The history as far as the log has it: a killed run has published files from the front."""
    return history[: len(corpus_log.current(corpus))]


def compare(args, corpus, history, how):
    if not history:
        return
    sql = subprocess.run([args.pubmine, "sql", "--corpus", str(corpus)], check=True, capture_output=True, text=True).stdout
    db = duckdb.connect()
    db.execute(sql)
    current, superseded = replay(history)
    rows = db.execute("select pmid, version, unit, title from documents_current").fetchall()
    got = {pmid: rest for pmid, *rest in rows}
    if len(got) != len(rows) or {p: tuple(r) for p, r in got.items()} != current:
        sys.exit(f"{how}: documents_current is {sorted(rows)}, the replay {current}\n{history}")
    if (got := sorted(db.execute("from superseded").fetchall())) != superseded:
        sys.exit(f"{how}: superseded is {got}, the replay {superseded}\n{history}")
    for table in ("sentences", "mentions", "relations", "summaries"):
        rows, right = db.execute(f"""
            select count(*), count(*) filter (d.title is not null {"" if table in ("relations", "summaries") else
              "and substr(d.title || ' ' || d.abstract, t.doc_start + 1, t.doc_end - t.doc_start) = t.text"})
            from {table}_current as t left join documents_current as d using (pmid, version, unit)""").fetchone()
        if rows != right:
            sys.exit(f"{how}: {rows - right} of {rows} rows of {table}_current do not belong to their document")
    sentences = db.execute("select pmid, count(*) from sentences_current group by pmid order by pmid").fetchall()
    if sentences != [(pmid, 3) for pmid in sorted(current)]:
        sys.exit(f"{how}: every document has 3 sentences, but sentences_current has {sentences}")


def same(one, other):
    """Both corpora publish the same files with the same bytes."""
    a, b = corpus_log.tree(one), corpus_log.tree(other)
    if a != b or not a:
        sys.exit(f"{one} and {other} publish different files")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pubmine", default="bin/pubmine")
    parser.add_argument("--kills", type=int, default=5, help="kills of each history")
    parser.add_argument("--invented", type=int, default=1, help="random histories, beside the written one")
    parser.add_argument("--mixed", type=int, default=4, help="random histories with files of no number")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    work = pathlib.Path(tempfile.mkdtemp(prefix="pubmine-history-"))
    landed, done = 0, 0
    try:
        for n, history in enumerate([SCRIPT] + [invented(rng) for _ in range(args.invented)]):
            files = write(history, work / f"in{n}")
            nightly, corpus = work / f"nightly{n}", work / f"killed{n}"
            for night in range(FILES):
                mine(args, ["run", files[night]], nightly)
                compare(args, nightly, history[: night + 1], f"history {n}, night {night + 1}")
            sync = ["sync", "--mirror", str(work / f"in{n}")]
            start = time.monotonic()
            mine(args, sync, corpus)
            took = time.monotonic() - start
            shutil.rmtree(corpus)
            kills = 0
            for attempt in range(args.kills):  # a missed week, over and over
                if mine(args, sync, corpus, rng.uniform(0, took)):
                    kills += 1
                    compare(args, corpus, applied(corpus, history), f"history {n}, attempt {attempt}")
                else:
                    compare(args, corpus, history, f"history {n}, attempt {attempt}")
                    same(nightly, corpus)
                    shutil.rmtree(corpus)
            mine(args, sync, corpus)
            compare(args, corpus, history, f"history {n}, after {kills} kills")
            same(nightly, corpus)
            landed, done = landed + kills, done + 1
        for n in range(args.mixed):
            history = invented(rng, mixed=True)
            files, corpus = write(history, work / f"mixed-in{n}"), work / f"mixed{n}"
            for night in range(FILES):
                mine(args, ["run", "--tasks", "none", files[night]], corpus)
                compare(args, corpus, history[: night + 1], f"mixed history {n}, night {night + 1}")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{args.mixed} mixed histories: the views are what a replay says")
    print(f"{done} histories of {FILES} files, night by night with run and in one sync with {landed} kills: the bytes are the same, the views are what a replay says")


if __name__ == "__main__":
    main()
