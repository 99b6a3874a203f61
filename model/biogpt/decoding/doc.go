// Package decoding generates text with a language model: it asks a Decoder for the logits of the
// next token of several sequences at once and chooses from them. It does not depend on how a model
// is run.
//
// A Request is a prompt and Options, by which the tokens are chosen:
//
//   - greedily: the most likely token each time;
//   - by sampling, where Temperature is above 0: logits divided by the temperature, cut to the TopK
//     most likely, then to the most likely whose probabilities sum to TopP, in this order
//     (transformers logits_process.py);
//   - by beam search, where Beams is above 1, with the reference's rules (transformers
//     generation/utils.py, _beam_search): twice as many candidates as beams are kept; of these the
//     best Beams count as finished if they end, the best that do not end are continued; a finished
//     sequence scores sum(log-probability) / tokens^LengthPenalty, where tokens include the end but
//     not the prompt; EarlyStopping is the criterion to stop.
//
// A sequence ends with End ("</s>"), when Stop returns true, or at its limit of tokens. MinLength
// and MaxLength include the prompt; MinNew and MaxNew do not, and take precedence.
// Log-probabilities are those of the model, before a minimum length, a temperature or a cut changes
// the distribution.
//
// A Scheduler runs requests in the slots of one Decoder by continuous batching: in each step all
// sequences read a token together, and the slots of a finished request are given to the next one
// before the next step. Requests are admitted in order of arrival. Prompts are read between steps,
// at most a fixed number of tokens at a time while sequences wait for the next step. The result of
// a request depends on the request and the model only, not on the rest of the batch (except for the
// rounding that a Decoder permits): each request samples from its own random generator.
package decoding
