#!/usr/bin/env python3
"""Upgrades the model of a corpus, with kills at random moments, while programs read it in a loop.

Every answer must be that of the old edition or that of the new one, both complete, and of one reader never the old one after the new one.
The last kill of a round is aimed at the switch. Needs deltalake, polars, duckdb and bin/pubmine."""

import argparse
import collections
import gzip
import hashlib
import itertools
import json
import multiprocessing
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from xml.sax.saxutils import escape

import corpus_log

ARTICLE = """<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><ArticleTitle>{title}</ArticleTitle>
<Abstract><AbstractText>{abstract}</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>
"""
TABLES = ("documents", "mentions")
ROWS = "select count(*), count(distinct (pmid, version, unit))"
KEYS = {"documents": "pmid, version, unit", "mentions": "pmid, version, unit, mention"}


def inputs(args, folder):
    """Writes the first records of a file of abstracts as XML files, or takes the samples as they are."""
    if not args.abstracts:
        return ["testdata/pubmed"]
    folder.mkdir()
    with gzip.open(args.abstracts, "rt") as lines:
        of_pubmed = (r for r in map(json.loads, lines) if r["pmid"] and r["title"] and r["abstract"])
        records = list(itertools.islice({r["pmid"]: r for r in itertools.islice(of_pubmed, 2 * args.records)}.values(), args.records))
    for at in range(0, len(records), args.unit):
        articles = (ARTICLE.format(**{f: escape(r[f]) for f in ("pmid", "title", "abstract")}) for r in records[at : at + args.unit])
        (folder / f"part{at // args.unit:03}.xml").write_text(f"<PubmedArticleSet>\n{''.join(articles)}</PubmedArticleSet>\n")
    return [str(folder)]


def upgraded(source, target):
    """Copies a model with another name and weaker transitions between its tags, so that it finds other mentions."""
    shutil.copytree(source, target)
    meta = json.loads((target / "pubmine-model.json").read_text())
    weights = bytearray((target / "model.safetensors").read_bytes())
    (size,) = struct.unpack_from("<Q", weights)
    begin, end = json.loads(weights[8 : 8 + size])["head.ner.transitions"]["data_offsets"]
    form = f"<{(end - begin) // 4}f"
    struct.pack_into(form, weights, 8 + size + begin, *(w / 2 for w in struct.unpack_from(form, weights, 8 + size + begin)))
    (target / "model.safetensors").write_bytes(weights)
    meta["name"], meta["sha256"]["model.safetensors"] = "upgraded", hashlib.sha256(weights).hexdigest()
    (target / "pubmine-model.json").write_text(json.dumps(meta))
    return str(target)


def asker(how, corpus, sql):
    """Returns a function that asks for the rows of a table: rows, their documents, their keys, and the models that made them."""
    if how == "deltalake":
        from deltalake import DeltaTable, QueryBuilder

        def ask(table, version=None):
            made = ", min(model), max(model)" if table == "mentions" else ""
            distinct = "(select count(*) from (select distinct {} from t))".format
            rows = QueryBuilder().register("t", DeltaTable(f"{corpus}/delta/{table}", version=version)).execute(
                f"select count(*), {distinct('pmid, version, unit')} as docs, {distinct(KEYS[table])} as keys{made} from t"
            ).read_all()
            return tuple(rows.column(i)[0].as_py() for i in range(rows.num_columns))
    elif how == "polars":
        import polars

        def ask(table):
            t = polars.scan_delta(f"{corpus}/delta/{table}")
            made = [polars.col("model").min().alias("min"), polars.col("model").max().alias("max")] if table == "mentions" else []
            of = lambda *keys: polars.struct(*keys).n_unique().alias("+".join(keys))
            keys = [of("pmid", "version", "unit")] + ([of("pmid", "version", "unit", "mention")] if made else [])
            row = t.select(polars.len(), *keys, *made).collect().row(0)
            return row if made else row + row[1:]
    else:
        import duckdb

        db = duckdb.connect()
        if how == "views":
            db.execute(sql)

        def ask(table):
            made = ", min(model), max(model)" if table == "mentions" else ""
            source = f"{table}_current" if how == "views" else f"'{corpus}/tables/{table}/**/*.parquet'"
            return db.execute(f"{ROWS}, count(distinct ({KEYS[table]})){made} from {source}").fetchone()
    return ask


def read(how, corpus, sql, right, begun, stop, results):
    """Asks until it is told to stop, and twice after that: the last answers are those of the new edition."""
    said, newest, errors = collections.Counter(), dict.fromkeys(TABLES, 0), []
    ask = asker(how, corpus, sql)
    more = 2
    while more:
        more -= stop.is_set()
        for table in TABLES:
            link = os.readlink(f"{corpus}/tables")
            try:
                try:
                    got = ask(table)
                except Exception as e:
                    if how != "glob" or "No such file" not in str(e) or link == os.readlink(f"{corpus}/tables"):
                        raise
                    said["missing"] += 1
                    got = ask(table)
                said["queries"] += 1
                begun.set()
                editions = [n for n, answers in enumerate(right) if answers[table] == got]
                if not editions:
                    errors.append(f"{table}: {got} is neither of {[a[table] for a in right]}")
                elif editions[-1] < newest[table]:
                    errors.append(f"{table}: back to the old edition")
                elif len(editions) == 1:
                    newest[table] = editions[0]
                    said[f"edition {editions[0] + 1}"] += 1
            except Exception as e:
                errors.append(f"{table}: {type(e).__name__}: {e}")
                begun.set()
    if newest["mentions"] != len(right) - 1:
        errors.append("the new edition was not seen at the end")
    results.put((how, said, errors))


def command(args, corpus, model, source):
    return [args.pubmine, "run", *source, "--corpus", str(corpus), "--tasks", "ner", "--chunk", str(args.chunk), "--model", model]


def run(words):
    start = time.monotonic()
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"exit {done.returncode}: {done.stderr}")
    return time.monotonic() - start


def commits(corpus):
    return sum(p.suffix == ".json" and "checkpoint" not in p.name for p in (corpus / "meta" / "log").iterdir())


def killed(words, wait):
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wait(process)
    process.send_signal(signal.SIGKILL)
    said = process.communicate()[1]
    if process.returncode not in (0, -signal.SIGKILL):
        sys.exit(f"exit {process.returncode}: {said}")
    return process.returncode == -signal.SIGKILL


def upgrade(args, rng, corpus, words, whole, kills, units):
    """Runs the upgrade with kills, and at last without; returns how many kills landed in it."""
    landed, before = 0, commits(corpus)

    def anywhere(process):
        try:
            process.wait(rng.uniform(0, 2 * 0.8 * whole / kills + 0.3))
        except subprocess.TimeoutExpired:
            pass

    def at_the_switch(process):
        while commits(corpus) < before + units - rng.randint(0, 1) and process.poll() is None:
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.05))

    for _ in range(kills - 1):
        landed += killed(words, anywhere)
    landed += killed(words, at_the_switch)
    run(words)
    return landed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pubmine", default="bin/pubmine")
    parser.add_argument("--model", default="model/catalog/bundled", type=pathlib.Path)
    parser.add_argument("--abstracts", help="file of abstracts, one a line; default: testdata/pubmed")
    parser.add_argument("--records", type=int, default=3000, help="taken of them")
    parser.add_argument("--unit", type=int, default=100, help="records of a unit")
    parser.add_argument("--chunk", type=int, default=16)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=1, help="upgrades that the kills are spread over")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    work = pathlib.Path(tempfile.mkdtemp(prefix="pubmine-upgrade-"))
    total, errors, landed = collections.defaultdict(collections.Counter), [], 0
    spawn = multiprocessing.get_context("spawn")
    try:
        source, model = inputs(args, work / "in"), upgraded(args.model, work / "model")
        run(command(args, work / "old", str(args.model), source))
        whole = run(command(args, work / "new", model, source))
        old, new = ({t: asker("glob", work / c, None)(t) for t in TABLES} for c in ("old", "new"))
        units = len(corpus_log.current(work / "new"))
        for _ in range(args.rounds):
            corpus = work / "corpus"
            run(command(args, corpus, str(args.model), source))
            version = commits(corpus) - 1
            sql = subprocess.run([args.pubmine, "sql", "--corpus", corpus], check=True, capture_output=True, text=True).stdout
            stop, results, begun = spawn.Event(), spawn.Queue(), []
            for how in ("deltalake", "polars", "glob", "views"):
                begun.append(spawn.Event())
                seen = asker("views", corpus, sql) if how == "views" else None
                first = {t: seen(t) for t in TABLES} if seen else old
                # The views hide superseded rows, which the samples have: their own answers, before and for the new model.
                last = {t: asker("views", work / "new", sql.replace(str(corpus), str(work / "new")))(t) for t in TABLES} if seen else new
                if first["mentions"] == last["mentions"]:
                    sys.exit("both editions have the same mentions")
                spawn.Process(target=read, args=(how, corpus, sql, (first, last), begun[-1], stop, results), daemon=True).start()
            for event in begun:
                event.wait()
            landed += upgrade(args, rng, corpus, command(args, corpus, model, source), whole, args.kills // args.rounds, units)
            stop.set()
            for _ in begun:
                how, said, wrong = results.get()
                total[how].update(said)
                errors += [f"{how}: {e}" for e in wrong]
            if corpus_log.tree(corpus) != corpus_log.tree(work / "new"):
                errors.append("the upgraded corpus shows other bytes than an undisturbed run")
            for table in TABLES:
                if (got := asker("deltalake", corpus, None)(table, version)) != old[table]:
                    errors.append(f"version {version} of {table} is {got}, not {old[table]}")
            verify = subprocess.run([args.pubmine, "verify", "--corpus", corpus], capture_output=True, text=True)
            if verify.returncode != 0:
                errors.append(f"verify: {verify.stdout}{verify.stderr}")
            shutil.rmtree(corpus)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for error in errors[:20]:
        print(error)
    queries = ", ".join(f"{how} {said['queries']}" for how, said in sorted(total.items()))
    print(f"{old['documents'][0]} documents, {old['mentions'][0]} mentions before and {new['mentions'][0]} after: {landed} kills, "
          f"queries: {queries}; {total['glob']['missing']} globs asked again; {len(errors)} errors")
    sys.exit(bool(errors))


if __name__ == "__main__":
    main()
