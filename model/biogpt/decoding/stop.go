package decoding

import "strings"

// tail is how many tokens more than a stop string has bytes are read to find it.
const tail = 8

// StopStrings returns the Request.Stop that ends a sequence as soon as the text of its ids, as
// decode gives it, has one of the strings in it. It returns nil for no strings.
func StopStrings(decode func(ids []int32) string, stops []string) func(ids []int32) bool {
	longest := 0
	for _, s := range stops {
		longest = max(longest, len(s))
	}
	if longest == 0 {
		return nil
	}
	return func(ids []int32) bool {
		// Each token but the special ones writes a byte or more, so that a stop string that has
		// just come stands in the last of them; the whole text is decoded only to make sure.
		last := ids[max(0, len(ids)-longest-tail):]
		_, found := CutStop(decode(last), stops)
		if found && len(last) < len(ids) {
			_, found = CutStop(decode(ids), stops)
		}
		return found
	}
}

// CutStop returns the text before the first of the stop strings in it, and whether there is one.
func CutStop(text string, stops []string) (before string, found bool) {
	at := len(text)
	for _, s := range stops {
		if i := strings.Index(text, s); s != "" && i >= 0 {
			at, found = min(at, i), true
		}
	}
	return text[:at], found
}
