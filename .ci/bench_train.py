"""Prints the tokens a second of training steps of a BioGPT of the given size in PyTorch: SIZE pytorch TOKENS/S TOKENS/CPU-S LOSS.

Usage: bench_train.py LAYERSxHIDDEN ROWSxTOKENS VOCABULARY STEPS THREADS
The same work as BenchmarkStepLM in model/biogpt/trunk: random tokens, every next token a target, clipping at 1, AdamW with decay on products alone.
"""
import resource
import sys
import time

import torch
from transformers import BioGptConfig, BioGptForCausalLM


def main():
    layers, hidden = map(int, sys.argv[1].split("x"))
    rows, length = map(int, sys.argv[2].split("x"))
    vocabulary, steps, threads = map(int, sys.argv[3:6])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    model = BioGptForCausalLM(BioGptConfig(
        vocab_size=vocabulary, hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=hidden // (64 if hidden >= 256 else 32),
        intermediate_size=4 * hidden, max_position_embeddings=max(256, length), hidden_dropout_prob=0, attention_probs_dropout_prob=0,
        activation_dropout=0, layerdrop=0, use_cache=False))
    model.train()
    decayed = [p for n, p in model.named_parameters() if p.dim() == 2 and "embed_" not in n]
    rest = [p for n, p in model.named_parameters() if not (p.dim() == 2 and "embed_" not in n)]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.05}, {"params": rest, "weight_decay": 0}], lr=1e-3, betas=(0.9, 0.98))
    ids = torch.randint(4, vocabulary, (rows, length))
    mask = torch.ones_like(ids)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = model(input_ids=ids, attention_mask=mask, labels=ids).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    def cpu():
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime

    step()
    start, busy = time.perf_counter(), cpu()
    for _ in range(steps):
        loss = step()
    took, busy = time.perf_counter() - start, cpu() - busy
    done = steps * rows * length
    print(sys.argv[1], "pytorch", round(done / took, 1), round(done / busy, 1), round(loss, 4))


if __name__ == "__main__":
    main()
