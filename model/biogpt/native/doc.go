// Package native runs BioGPT on a processor: hidden states, and the logits of generation.
package native
