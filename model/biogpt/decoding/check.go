package decoding

import (
	"fmt"
	"slices"
)

// CheckPrompts returns the error of a Decoder with these limits for an argument of Prefill.
func (l Limits) CheckPrompts(prompts []Prompt) error {
	var slots []int
	for _, p := range prompts {
		if err := l.checkSlot(p.Slot, slots); err != nil {
			return err
		}
		slots = append(slots, p.Slot)
		if len(p.IDs) == 0 {
			return fmt.Errorf("slot %d: the prompt has no tokens", p.Slot)
		}
		if len(p.IDs) > l.MaxLen {
			return fmt.Errorf(
				"slot %d: a prompt of %d tokens, the model has %d positions", p.Slot, len(p.IDs), l.MaxLen,
			)
		}
		for _, id := range p.IDs {
			if err := l.checkID(p.Slot, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// CheckTokens returns the error of a Decoder with these limits for an argument of Step; held has
// the number of tokens in each slot.
func (l Limits) CheckTokens(tokens []Token, held []int) error {
	var slots []int
	for _, t := range tokens {
		if err := l.checkSlot(t.Slot, slots); err != nil {
			return err
		}
		slots = append(slots, t.Slot)
		switch held[t.Slot] {
		case 0:
			return fmt.Errorf("slot %d is empty", t.Slot)
		case l.MaxLen:
			return fmt.Errorf("slot %d holds %d tokens, the model has no more positions", t.Slot, l.MaxLen)
		}
		if err := l.checkID(t.Slot, t.ID); err != nil {
			return err
		}
	}
	return nil
}

// CheckCopy returns the error of a Decoder with these limits for the arguments of Copy; held has
// the number of tokens in each slot.
func (l Limits) CheckCopy(from, to []int, held []int) error {
	if len(from) != len(to) {
		return fmt.Errorf("copy of %d slots to %d", len(from), len(to))
	}
	for i := range from {
		if err := l.checkSlot(to[i], to[:i]); err != nil {
			return err
		}
		if err := l.checkSlot(from[i], nil); err != nil {
			return err
		}
		if held[from[i]] == 0 {
			return fmt.Errorf("slot %d is empty", from[i])
		}
	}
	return nil
}

func (l Limits) checkSlot(slot int, before []int) error {
	if slot < 0 || slot >= l.Slots {
		return fmt.Errorf("slot %d is not below the number of slots, %d", slot, l.Slots)
	}
	if slices.Contains(before, slot) {
		return fmt.Errorf("slot %d is named twice", slot)
	}
	return nil
}

func (l Limits) checkID(slot int, id int32) error {
	if id < 0 || int(id) >= l.Vocab {
		return fmt.Errorf("slot %d: id %d is not below the vocabulary size, %d", slot, id, l.Vocab)
	}
	return nil
}
