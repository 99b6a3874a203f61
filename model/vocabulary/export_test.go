package vocabulary

// Len returns the number of concepts.
func (v *Vocabulary) Len() int { return len(v.numbers) }
