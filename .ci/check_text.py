#!/usr/bin/env python3
"""Compares `pubmine tokenize` and `pubmine sentences` with what others use, on the reference data in ../shared.

Tokens: the ids of 3,000 random abstracts must be those of sacremoses and Hugging Face's BioGptTokenizer, and their spans must cover
every character that is not white space or a control character once. Speed: both on one core, the same texts, in one run.
Sentences: exact-span F1 on the second halves of GENIA and CRAFT (the splitter was tuned on the first), beside the splitters that are
installed; none downloads a model. Needs Go, transformers and sacremoses; pysbd, spacy and nltk are looked for."""

import argparse
import gzip
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

TEXTS, SEED = 3000, 7
PASSES = 60  # of the benchmark
RUNS = 3  # the quickest counts, for both: other programs only ever slow one down
GOALS = {"GENIA": 0.99, "CRAFT": 0.97}
SPEEDUP = 100


def read(path):
    with gzip.open(path, "rt", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def run(pubmine, command, texts, *flags):
    """Runs a command over the texts and returns its output objects and the seconds of processor time that it took."""
    with tempfile.TemporaryDirectory() as tmp:
        source, rows = pathlib.Path(tmp, "in"), pathlib.Path(tmp, "out")
        with open(source, "w", encoding="utf-8") as f:
            for i, text in enumerate(texts):
                f.write(json.dumps({"id": i, "text": text}) + "\n")
        with open(rows, "w") as out:
            seconds = processor_time([pubmine, command, *flags, source], stdout=out)
        with open(rows, encoding="utf-8") as f:
            return [json.loads(line) for line in f], seconds


def reference(vocabulary):
    """Returns BioGptTokenizer with a vocabulary in Hugging Face's form."""
    import transformers

    transformers.logging.set_verbosity_error()
    folder = pathlib.Path(vocabulary)
    return transformers.BioGptTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))


def covered(text, spans):
    """Whether the spans are in order and leave out nothing but white space and control characters."""
    at = 0
    for start, end in [*spans, (len(text), len(text))]:
        if start < at or end < start or end > len(text) or any(not c.isspace() and c >= " " for c in text[at:start]):
            return False
        at = end
    return True


def check_tokens(pubmine, shared):
    vocabulary = shared / "data/biogpt/tokenizer/hf-biogpt-via-RE_on_BioRED"
    pool = read(shared / "data/pool/abstracts.jsonl.gz")
    texts = [d["title"] + " " + d["abstract"] for d in random.Random(SEED).sample(pool, TEXTS)]
    theirs = reference(vocabulary)
    rows, _ = run(pubmine, "tokenize", texts, "--model", vocabulary)
    failed = []
    for text, row in zip(texts, rows, strict=True):
        ids = theirs(text)["input_ids"]
        if row["ids"] != ids:
            failed.append(f"ids differ: {text[:200]!r}")
        if not len(row["ids"]) == len(row["tokens"]) == len(row["spans"]) or not covered(text, row["spans"]):
            failed.append(f"spans do not cover: {text[:200]!r}")
    print(f"tokens: ids of {len(rows)} abstracts compared, {sum(len(r['ids']) for r in rows)} tokens, {len(failed)} failures")
    tell_speed(pubmine, shared, vocabulary, theirs)
    return failed


def tell_speed(pubmine, shared, vocabulary, theirs):
    """Text to ids on one core, both after one pass over the same texts; and the command from JSON to JSON, which starts cold."""
    texts = [d["text"] for d in read(shared / "golden/tokenizer/base.jsonl.gz")]
    size, mean = sum(len(t.encode()) for t in texts), sum(len(t.encode()) for t in texts) / len(texts)
    passes = []
    for _ in range(1 + RUNS):  # the first fills its cache
        start = time.process_time()
        for text in texts:
            theirs(text)["input_ids"]
        passes.append(time.process_time() - start)
    slow = min(passes) / size
    with tempfile.TemporaryDirectory() as tmp:
        program = str(pathlib.Path(tmp, "tokenizer.test"))
        subprocess.run(["go", "test", "-c", "-o", program, "./model/tokenizer"], check=True)
        few, many = (min(bench(program, n) for _ in range(RUNS)) for n in (1, 1 + PASSES))
    fast = (many - few) / (PASSES * size)
    start, total = (run(pubmine, "tokenize", t, "--model", vocabulary)[1] for t in ([], texts * 8))
    command = (total - start) / (8 * size)
    print(f"{'speed, one core, processor time':40}{'MB/s':>10}{'abstracts/s':>14}{'times':>8}")
    for name, cost in ("sacremoses + BioGptTokenizer", slow), ("pubmine's tokenizer", fast), ("pubmine tokenize, from JSON to JSON", command):
        print(f"{name:40}{1e-6 / cost:10.2f}{1 / (cost * mean):14.0f}{slow / cost:8.0f}")
    print(f"{'the goal':40}{'':24}{SPEEDUP:8}")  # told, never failed: a machine at work says little about either


def bench(program, passes):
    """Runs the tokenizer's benchmark for so many passes and returns the seconds of processor time."""
    flags = ["-test.run=^$", "-test.bench=^BenchmarkAppend$", "-test.cpu=1", f"-test.benchtime={passes}x"]
    return processor_time([program, *flags], cwd="model/tokenizer", stdout=subprocess.DEVNULL)


def processor_time(command, **options):
    """Runs the command on one core and returns the seconds of processor time that it took."""
    before = os.times()
    subprocess.run(command, check=True, env={**os.environ, "GOMAXPROCS": "1"}, **options)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def splitters():
    """Yields the names and functions of other splitters that are installed: a text to a set of spans."""
    try:
        import pysbd

        segmenter = pysbd.Segmenter(language="en", clean=False, char_span=True)
        yield "pysbd " + version("pysbd"), lambda text: [(s.start, s.end) for s in segmenter.segment(text)]
    except ImportError as e:
        print(f"left out: pysbd: {e}")
    try:
        import spacy

        nlp = spacy.blank("en")
        nlp.add_pipe("sentencizer")
        nlp.max_length = 10**7
        yield "spaCy sentencizer " + version("spacy"), lambda text: [(s.start_char, s.end_char) for s in nlp(text).sents]
    except ImportError as e:
        print(f"left out: spaCy: {e}")
    try:
        from nltk.tokenize import PunktTokenizer

        punkt = PunktTokenizer("english")
        yield "NLTK punkt " + version("nltk"), lambda text: list(punkt.span_tokenize(text))
    except (ImportError, LookupError):
        print("left out: NLTK punkt: its data is not installed, and nothing is downloaded for it")


def version(package):
    import importlib.metadata

    return importlib.metadata.version(package)


def trimmed(text, spans):
    """The spans without the white space at their ends, where anything is left."""
    for start, end in spans:
        part = text[start:end]
        if part.strip():
            yield start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())


def f1(documents, found):
    right = wanted = given = 0
    for d, spans in zip(documents, found, strict=True):
        gold, got = {tuple(s) for s in d["spans"]}, set(trimmed(d["text"], spans))
        right, wanted, given = right + len(gold & got), wanted + len(gold), given + len(got)
    return 2 * right / (wanted + given)


def check_sentences(pubmine, shared):
    corpora = {}
    for name, file in ("GENIA", "genia_abstract_sentence_spans.dev.jsonl.gz"), ("CRAFT", "craft_sentence_spans.dev.jsonl.gz"):
        documents = read(shared / "data/sentences" / file)
        corpora[name] = documents[len(documents) // 2 :]
    ours = {name: [r["spans"] for r in run(pubmine, "sentences", [d["text"] for d in ds])[0]] for name, ds in corpora.items()}
    scores = {name: f1(ds, ours[name]) for name, ds in corpora.items()}
    table = [("pubmine sentences", scores)]
    for splitter, split in splitters():
        table.append((splitter, {name: f1(ds, [split(d["text"]) for d in ds]) for name, ds in corpora.items()}))
    print(f"{'sentences, F1 on the held-out half':40}" + "".join(f"{name:>10}" for name in corpora))
    for splitter, row in table:
        print(f"{splitter:40}" + "".join(f"{row[name]:10.4f}" for name in corpora))
    return [f"sentences: F1 {scores[n]:.4f} on {n}, want {goal}" for n, goal in GOALS.items() if scores[n] < goal]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=pathlib.Path, help="the folder of reference data")
    parser.add_argument("--pubmine", default="bin/pubmine")
    args = parser.parse_args()
    failed = check_tokens(args.pubmine, args.shared) + check_sentences(args.pubmine, args.shared)
    for line in failed[:20]:
        print(line, file=sys.stderr)
    if failed:
        sys.exit(f"{len(failed)} checks failed")


if __name__ == "__main__":
    main()
