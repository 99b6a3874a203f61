#!/usr/bin/env python3
"""Opens every table of a corpus with pyarrow, pandas, polars and DuckDB, and checks what the tables promise.

The readers must agree on the rows, and with the newest snapshot; every text must stand in its document at the offsets that its row
gives; every identifier must have its row. A file of `pubmine triples` must open as a graph. Needs pyarrow, pandas, polars, duckdb and networkx."""

import argparse
import hashlib
import pathlib
import sys

import duckdb
import networkx
import pandas
import polars
import pyarrow.parquet

import corpus_log

TABLES = ("documents", "sentences", "mentions", "relations", "summaries", "answers", "labels", "vectors", "rejects", "superseded")
KEY = ("pmid", "version", "unit")


class Checks:
    """Counts what was checked and remembers the first failures."""

    def __init__(self):
        self.done = 0
        self.failed = []

    def that(self, holds, what, *args):
        self.done += 1
        if not holds:
            self.failed.append(what.format(*args))


def key(row):
    return tuple(row[k] for k in KEY)


def published(corpus):
    """Maps each table to the files and the number of rows that the log lists."""
    parts = corpus_log.current(corpus)
    if not parts:
        sys.exit(f"{corpus}: nothing was published")
    tables = {t: ([], 0) for t in TABLES}
    for file in (f for p in parts.values() for f in p["files"]):
        files, rows = tables[file["table"]]
        tables[file["table"]] = (files + [corpus / file["path"]], rows + file["rows"])
    return tables


def count(corpus, table, files):
    """Counts the rows of a table with each reader."""
    glob = str(corpus / "tables" / table / "**" / "*.parquet")
    return {
        "pyarrow": sum(pyarrow.parquet.read_table(f).num_rows for f in files),
        "pandas": sum(len(pandas.read_parquet(f)) for f in files),
        "polars": polars.read_parquet(glob).height,
        "duckdb": duckdb.execute(f"select count(*) from '{glob}'").fetchall()[0][0],
    }


def rows(files):
    for f in files:
        yield from pyarrow.parquet.read_table(f).to_pylist()


def stands(check, texts, row, what):
    found = {text[row["doc_start"] : row["doc_end"]] for text in texts.get(key(row), ())}
    check.that(row["text"] in found, "{} {}: {!r} is not in {!r}", what, key(row), row["text"], found)


def check_documents(check, files):
    """Returns the texts of each document: more than one where a file has a record twice."""
    texts = {}
    for d in rows(files):
        text = d["title"] + " " + d["abstract"]
        texts.setdefault(key(d), set()).add(text)
        if not d["is_deleted"]:
            check.that(hashlib.sha256(text.encode()).hexdigest() == d["text_sha256"], "document {}: text_sha256", key(d))
        parts = {"title": [], "abstract": []}
        for s in d["sections"]:
            parts[s["kind"]].append(text[s["doc_start"] : s["doc_end"]])
        check.that("".join(parts["title"]) == d["title"], "document {}: section of the title", key(d))
        check.that(" ".join(parts["abstract"]) == d["abstract"], "document {}: sections of the abstract", key(d))
    return texts


def check_annotations(check, tables, texts):
    sentences, mentions = set(), {}
    for s in rows(tables["sentences"]):
        stands(check, texts, s, "sentence")
        sentences.add((key(s), s["sentence"]))
    for m in rows(tables["mentions"]):
        stands(check, texts, m, "mention")
        check.that((key(m), m["sentence"]) in sentences, "mention {} {}: no such sentence", key(m), m["mention"])
        mentions.setdefault((key(m), m["mention"]), set()).add(m["text"])
    for r in rows(tables["relations"]):
        for side in ("subject", "object"):
            known = mentions.get((key(r), r[side]), ())
            check.that(r[side + "_text"] in known, "relation {} {}: {} is {!r}", key(r), r["relation"], side, known)
        known = r["sentence"] is None or (key(r), r["sentence"]) in sentences
        check.that(known, "relation {} {}: no such sentence", key(r), r["relation"])
    for s in rows(tables["summaries"]):
        check.that(key(s) in texts, "summary {}: no document", key(s))
        known = all((key(s), i) in sentences for i in s["sentences"])
        check.that(known, "summary {}: no such sentence", key(s))


def check_triples(check, tables, path):
    """Compares the triples with the relations of all documents, which no record of the sample revises across files."""
    triples = pandas.read_parquet(path)
    check.that(len(triples) > 0, "triples: none")
    check.that((triples.pmids.map(len) == triples.abstracts).all(), "triples: another number of abstracts than pmids")
    check.that(triples.pmids.map(lambda p: list(p) == sorted(set(p))).all(), "triples: pmids are not ascending")
    check.that((triples.mean_score <= triples.best_score + 1e-6).all(), "triples: the mean is above the best score")
    stated = {(r["pmid"], r["type"]) for r in rows(tables["relations"])}
    found = {(int(p), t) for t, pmids in zip(triples.type, triples.pmids) for p in pmids}
    check.that(found <= stated, "triples: {} are in no relation", found - stated)
    triples["subject"] = triples.subject_concept.fillna(triples.subject_name)
    triples["object"] = triples.object_concept.fillna(triples.object_name)
    graph = networkx.from_pandas_edgelist(
        triples, "subject", "object", ["abstracts", "best_score"], edge_key="type", create_using=networkx.MultiDiGraph
    )
    check.that(graph.number_of_edges() > 0 and set(graph.nodes) == {*triples.subject, *triples.object}, "triples: not the graph")
    print(f"{'triples':12}{len(triples):10} rows, a graph of {graph.number_of_nodes()} nodes and {graph.number_of_edges()} edges")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("--triples", type=pathlib.Path, help="a Parquet file of pubmine triples")
    args = parser.parse_args()
    corpus = args.corpus
    check, tables = Checks(), {}
    for table, (files, expected) in published(corpus).items():
        tables[table] = files
        if not files:
            continue
        counts = count(corpus, table, files)
        agree = all(n == expected for n in counts.values())
        check.that(agree, "{}: the snapshot says {} rows, the readers {}", table, expected, counts)
        print(f"{table:12}{expected:10} rows in {len(files)} files")
    check_annotations(check, tables, check_documents(check, tables["documents"]))
    if args.triples:
        check_triples(check, tables, args.triples)
    for line in check.failed[:20]:
        print(line, file=sys.stderr)
    if check.failed:
        sys.exit(f"{len(check.failed)} of {check.done} checks failed")
    print(f"{check.done} checks hold: rows agree in pyarrow, pandas, polars and DuckDB; offsets and identifiers are right")


if __name__ == "__main__":
    main()
