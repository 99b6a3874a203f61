"""Reads the log of a corpus, as the doc of package jobs/corpus describes it. Needs nothing but Python's standard library."""

import hashlib
import json


def read(path):
    payload, check = path.read_bytes().split(b"\n", 1)
    if json.loads(check)["sha256"] != hashlib.sha256(payload).hexdigest():
        raise SystemExit(f"{path}: its checksum does not match")
    return json.loads(payload)


def current(corpus):
    """Returns the parts of the edition that readers see, by name."""
    log = corpus / "meta" / "log"
    checkpoints = sorted(log.glob("*.checkpoint.json"))
    editions, base, seen = {}, -1, 0
    if checkpoints:
        snapshot = read(checkpoints[-1])
        base, seen = snapshot["version"], snapshot["current"]
        editions = {e["id"]: {p["name"]: p for p in e.get("parts") or []} for e in snapshot["editions"] or []}
    for path in sorted(p for p in log.glob("*.json") if p not in checkpoints):
        commit = read(path)
        if commit["version"] <= base:
            continue
        seen = commit["current"]
        for edition in commit.get("drop", []):
            del editions[edition]
        if "edition" in commit:
            parts = editions.setdefault(commit["edition"]["id"], {})
            for stem in commit.get("remove", []):
                del parts[stem[:-9]]
            parts.update({p["name"]: p for p in commit.get("add", [])})
    return editions.get(seen, {})


def tree(corpus):
    """Maps every file below tables/, by table and name, to its sha256."""
    root = corpus / "tables"
    return {
        (p.relative_to(root).parts[0], p.name): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }
