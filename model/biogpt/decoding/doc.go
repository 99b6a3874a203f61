// Package decoding writes texts with a language model: it asks a Decoder for the logits of the next
// token of several sequences at once and chooses from them. Nothing here knows how a model is run.
//
// A Request is a prompt and Options, which say how the tokens are chosen:
//
//   - greedily: the likeliest token each time;
//   - by sampling, where Temperature is above 0: logits divided by the temperature, cut to the TopK
//     likeliest, then to the likeliest whose probabilities sum to TopP, in this order (transformers
//     logits_process.py);
//   - by beam search, where Beams is above 1, with the reference's rules (transformers
//     generation/utils.py, _beam_search): twice as many candidates as beams are kept; of these the
//     best Beams count as finished if they end, the best that do not end go on; a finished sequence
//     scores sum(log-probability) / tokens^LengthPenalty, its end counted and the prompt not;
//     EarlyStopping says when to stop.
//
// A sequence ends with End ("</s>"), when Stop says so, or at its limit of tokens. MinLength and
// MaxLength count the prompt; MinNew and MaxNew do not, and take their place where they are given.
// Log-probabilities are of the model's own distribution, before a minimum length, a temperature or
// a cut changes it.
//
// A Scheduler runs requests in the slots of one Decoder by continuous batching: in each step all
// sequences read a token together, and the slots of a request that is done are given to the next
// one before the next step. Requests are admitted in the order in which they came. Prompts are read
// between steps, no more than a fixed number of tokens at a time while others wait for theirs. What
// a request yields depends on the request and the model alone, not on what shares the batch (beyond
// the rounding that a Decoder allows itself): sampling draws from a generator of its own.
package decoding
