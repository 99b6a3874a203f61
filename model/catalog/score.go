package catalog

// Score is how well the model does one task on documents that it was not trained on, or how well a
// baseline does. Measures are in percent, to a tenth.
type Score struct {
	Task     string `json:"task"`
	Data     string `json:"data"`               // corpus and part, such as "bc5cdr/dev"
	Setting  string `json:"setting,omitempty"`  // such as "gold mentions"; empty: as in a run
	Baseline string `json:"baseline,omitempty"` // what was measured in place of the model
	Type     string `json:"type,omitempty"`     // entity type, relation type or answer; empty: all of them
	*Measure
	Accuracy float64 `json:"accuracy,omitempty"` // answers: share of the questions answered correctly
	MacroF1  float64 `json:"macro_f1,omitempty"` // answers: mean F1 over the answers
	HitRate  float64 `json:"hit_rate,omitempty"` // summaries: share of the picks within the conclusions
}

// Measure is precision, recall and F1, in percent. Without a Type it is the micro-average.
type Measure struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// Perplexity is how well a language model predicts texts.
type Perplexity struct {
	Data        string  `json:"data,omitempty"` // the texts that were predicted
	Documents   int     `json:"documents"`
	Tokens      int     `json:"tokens"`                    // number of predicted tokens
	Loss        float64 `json:"loss"`                      // mean per token, in nats
	Token       float64 `json:"perplexity"`                // per token
	Word        float64 `json:"word_perplexity,omitempty"` // 0 where only masked tokens were predicted
	BitsPerByte float64 `json:"bits_per_byte,omitempty"`   // 0 where only masked tokens were predicted
}
