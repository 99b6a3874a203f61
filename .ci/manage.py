#!/usr/bin/env python3
"""Compacts a corpus and collects its garbage, with kills at random moments, beside runs that add to it and programs that read it.

No answer may have fewer rows than one before, a row twice, or a document without its mentions. At the end the rows are those of a corpus that was left
alone. Needs deltalake, duckdb and bin/pubmine."""

import argparse
import collections
import multiprocessing
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import upgrade

ROWS = """select * from (select count(*), count(distinct (pmid, version, unit)) from {d}),
  (select count(*), count(distinct (pmid, version, unit, mention)) from {m})"""
CONTENT = "select count(*), bit_xor(hash({columns})) from read_parquet('{corpus}/tables/{table}/**/*.parquet')"


def read(how, corpus, sql, begun, stop, results):
    """Asks until it is told to stop."""
    import duckdb

    said, errors, before = collections.Counter(), [], (0, 0, 0, 0)
    db = duckdb.connect()
    if how == "views":
        db.execute(sql)
    while not stop.is_set() or not said["queries"]:
        try:
            if how == "deltalake":
                documents, mentions = (upgrade.asker("deltalake", corpus, None)(t) for t in ("documents", "mentions"))
                got = (documents[0], documents[1], mentions[0], mentions[2])
            else:
                of = "{}_current" if how == "views" else f"read_parquet('{corpus}/tables/{{}}/**/*.parquet')"
                got = db.execute(ROWS.format(d=of.format("documents"), m=of.format("mentions"))).fetchone()
            said["queries"] += 1
            if got[0] != got[1] or got[2] != got[3]:
                errors.append(f"doubled rows: {got}")
            if any(now < was for now, was in zip(got, before)):
                errors.append(f"{got} after {before}")
            before = got
        except Exception as e:
            # The link was replaced, or gc removed a file that the views had listed.
            if how != "deltalake" and ("No such file" in str(e) or "No files found" in str(e)):
                said["again"] += 1
            else:
                errors.append(f"{type(e).__name__}: {e}")
        begun.set()
    results.put((how, said, errors))


def content(corpus):
    """Returns the number of rows of each table, and a digest that does not depend on their order."""
    import duckdb

    db, found = duckdb.connect(), {}
    for table in ("documents", "sentences", "mentions"):
        columns = [f'"{c[0]}"' for c in db.execute(f"describe select * from read_parquet('{corpus}/tables/{table}/**/*.parquet')").fetchall()]
        found[table] = db.execute(CONTENT.format(columns=", ".join(columns), corpus=corpus, table=table)).fetchone()
    return found


def run(args, corpus, source):
    return [args.pubmine, "run", *source, "--corpus", str(corpus), "--tasks", "ner", "--chunk", "16"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pubmine", default="bin/pubmine")
    parser.add_argument("--abstracts", help="file of abstracts, one a line; default: testdata/pubmed")
    parser.add_argument("--records", type=int, default=3000, help="taken of them")
    parser.add_argument("--unit", type=int, default=40, help="records of a unit")
    parser.add_argument("--runs", type=int, default=20, help="that add units")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    work = pathlib.Path(tempfile.mkdtemp(prefix="pubmine-manage-"))
    errors, queries, kills = [], collections.Counter(), 0
    spawn = multiprocessing.get_context("spawn")
    try:
        (folder,) = upgrade.inputs(args, work / "in")
        files = sorted(str(p) for p in pathlib.Path(folder).iterdir() if ".xml" in p.name and "golden" not in p.name)
        runs = [s for s in (files[i :: args.runs] for i in range(args.runs)) if s]
        corpus, calm = work / "corpus", work / "calm"
        for source in runs:
            upgrade.run(run(args, calm, source))
        upgrade.run(run(args, corpus, runs[0]))
        sql = subprocess.run([args.pubmine, "sql", "--corpus", corpus], check=True, capture_output=True, text=True).stdout
        stop, results, begun = spawn.Event(), spawn.Queue(), []
        for how in ("deltalake", "glob", "views"):
            begun.append(spawn.Event())
            spawn.Process(target=read, args=(how, corpus, sql, begun[-1], stop, results), daemon=True).start()
        for event in begun:
            event.wait()
        pending, adding = list(runs[1:]), None
        while pending or adding or kills < args.kills:
            if adding is None and pending:
                adding = subprocess.Popen(run(args, corpus, pending.pop(0)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            words = ["gc", "--older-than", "20s"] if rng.random() < 0.4 else ["compact", "--size", str(rng.choice([1, 256]))]
            process = subprocess.Popen([args.pubmine, *words, "--corpus", corpus], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            if kills < args.kills and rng.random() < 0.7:
                time.sleep(rng.uniform(0, 0.4))
                process.send_signal(signal.SIGKILL)
            said = process.communicate()[1]
            kills += process.returncode == -signal.SIGKILL
            if process.returncode not in (0, -signal.SIGKILL):
                errors.append(f"{words}: exit {process.returncode}: {said}")
            if adding is not None and adding.poll() is not None:
                if adding.returncode != 0:
                    errors.append(f"run: exit {adding.returncode}: {adding.stderr.read()}")
                adding = None
        stop.set()
        for _ in begun:
            how, said, wrong = results.get()
            queries[how], queries["again"] = said["queries"], queries["again"] + said["again"]
            errors += [f"{how}: {e}" for e in wrong]
        upgrade.run([args.pubmine, "gc", "--corpus", str(corpus)])  # it removes what the last kill left
        verify = subprocess.run([args.pubmine, "verify", "--corpus", corpus], capture_output=True, text=True)
        if verify.returncode != 0:
            errors.append(f"verify: {verify.stdout}{verify.stderr}")
        left, right = content(corpus), content(calm)
        if left != right:
            errors.append(f"the rows are {left}, not {right}")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for error in errors[:20]:
        print(error)
    again = queries.pop("again")
    print(f"{right['documents'][0]} documents in {len(runs)} runs, {kills} kills of compact and gc, "
          f"queries: {', '.join(f'{how} {n}' for how, n in sorted(queries.items()))}; {again} asked again; {len(errors)} errors")
    sys.exit(bool(errors))


if __name__ == "__main__":
    main()
