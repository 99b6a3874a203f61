// Package generate writes texts with a language model: it asks a Decoder for the logits of the next token of several sequences at once
// and chooses from them, greedily, by beam search, or by sampling. Nothing here knows how a model is run.
package generate
