#!/usr/bin/env python3
"""Kills a run at random moments, resumes it, and compares what it publishes with an undisturbed run, byte for byte.

Needs nothing but Python's standard library and bin/pubmine."""

import argparse
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import corpus_log


def command(args, corpus):
    return [args.pubmine, "run", *args.input, "--corpus", str(corpus), "--chunk", str(args.chunk), *args.flag]


def run(args, corpus):
    start = time.monotonic()
    done = subprocess.run(command(args, corpus), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"exit {done.returncode}: {done.stderr}")
    return time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pubmine", default="bin/pubmine")
    parser.add_argument("--input", action="append", required=True)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--chunk", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--flag", action="append", default=[], help="passed on to pubmine run")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    work = pathlib.Path(tempfile.mkdtemp(prefix="pubmine-kills-"))
    try:
        whole = run(args, work / "calm")
        want = corpus_log.tree(work / "calm")
        if not want:
            sys.exit("the undisturbed run published nothing")
        landed = 0
        for attempt in range(args.kills):
            process = subprocess.Popen(
                command(args, work / "killed"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                process.wait(timeout=rng.uniform(0, 2 * whole / args.kills + 0.5))  # so that they fall all over the run
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                landed += process.wait() == -signal.SIGKILL
        run(args, work / "killed")
        got = corpus_log.tree(work / "killed")
        if got != want:
            for name in sorted(want.keys() | got.keys()):
                if want.get(name) != got.get(name):
                    print(f"differs: {name}")
            sys.exit("the killed run published something else")
        again = run(args, work / "killed")
        print(f"{landed} kills landed over a run of {whole:.1f} s: {len(want)} files, all the same bytes; "
              f"a run with nothing to do takes {again:.2f} s")
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
