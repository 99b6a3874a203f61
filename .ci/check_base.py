"""Compare a full-size BioGPT in pubmine with transformers: states, logits and likeliest tokens of real abstracts, from each file of weights.

    python check_base.py MODEL_DIR ABSTRACTS.jsonl.gz --pubmine bin/pubmine [--documents 20] [--runs xla:cpu/model.safetensors,…] [--tolerance 2e-3]

MODEL_DIR holds config.json, the vocabulary, and model.safetensors, pytorch_model.bin or both; ../shared/golden/make_biogpt.py makes one
with random weights. Prints, for each backend and file, how long loading took, the peak memory and the largest differences. Needs torch,
transformers and sacremoses.
"""
import argparse, gzip, json, os, subprocess, sys, tempfile, time


def expected(model_dir, abstracts, documents):
    import torch
    from transformers import BioGptForCausalLM, BioGptTokenizer

    torch.set_num_threads(2)
    tokenizer = BioGptTokenizer.from_pretrained(model_dir)
    model = BioGptForCausalLM.from_pretrained(model_dir, dtype=torch.float32).eval()
    batches, tokens, started = [], 0, time.time()
    with gzip.open(abstracts, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if not record.get("title") or len(record.get("abstract") or "") < 600:
                continue
            ids = tokenizer(record["title"] + " " + record["abstract"])["input_ids"][: model.config.max_position_embeddings]
            with torch.no_grad():
                out = model(torch.tensor([ids]), output_hidden_states=True)
            logits, states = out.logits[0], out.hidden_states[-1][0]
            batches.append({
                "name": "abstract %d" % (len(batches) + 1), "input_ids": [ids], "attention_mask": [[1] * len(ids)],
                "selected": [{"row": 0, "pos": p, "last_hidden_state": states[p].tolist(), "logits": logits[p].tolist()}
                             for p in sorted({0, len(ids) // 2, len(ids) - 1})],
                "all_positions": {"logit_argmax": [logits.argmax(-1).tolist()], "logsumexp": [logits.double().logsumexp(-1).tolist()]},
            })
            tokens += len(ids)
            if len(batches) == documents:
                break
    print("transformers: %d abstracts, %d tokens, %.1f s" % (len(batches), tokens, time.time() - started), flush=True)
    return {"forward": batches}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("model"); ap.add_argument("abstracts")
    ap.add_argument("--pubmine", default="bin/pubmine"); ap.add_argument("--documents", type=int, default=20)
    ap.add_argument("--runs", default="xla:cpu/model.safetensors,xla:cpu/pytorch_model.bin,cpu/pytorch_model.bin", help="backend/file, …")
    ap.add_argument("--tolerance", default="2e-3")
    a = ap.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "expected.json.gz")
        with gzip.open(path, "wt", compresslevel=1) as out:
            json.dump(expected(a.model, a.abstracts, a.documents), out)
        for backend, name in (run.split("/") for run in a.runs.split(",")):
            weights = os.path.join(a.model, name)
            if not os.path.exists(weights):
                print("== %s is not there" % weights)
                continue
            run = subprocess.run([a.pubmine, "model", "check", weights, "--expected", path, "--backend", backend, "--tolerance", a.tolerance],
                                 text=True, capture_output=True)
            failed |= run.returncode != 0
            print("== %s on %s: exit code %d, %d MB of weights" % (name, backend, run.returncode, os.path.getsize(weights) // 1000**2))
            print(run.stderr + run.stdout, flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
