package decoding

import "strings"

// tail is the number of tokens that are searched for a stop string, in addition to the number of
// its bytes.
const tail = 8

// StopStrings returns a Request.Stop that ends a sequence as soon as the text of its ids, decoded
// by decode, contains one of the strings. It returns nil for no strings.
func StopStrings(decode func(ids []int32) string, stops []string) func(ids []int32) bool {
	longest := 0
	for _, s := range stops {
		longest = max(longest, len(s))
	}
	if longest == 0 {
		return nil
	}
	return func(ids []int32) bool {
		// Every token except the special ones is at least one byte of text, so a stop string that
		// was just completed is in the last tokens; the whole text is decoded only to confirm.
		last := ids[max(0, len(ids)-longest-tail):]
		_, found := CutStop(decode(last), stops)
		if found && len(last) < len(ids) {
			_, found = CutStop(decode(ids), stops)
		}
		return found
	}
}

// CutStop returns the text before the first stop string in it, and whether there is one.
func CutStop(text string, stops []string) (before string, found bool) {
	at := len(text)
	for _, s := range stops {
		if i := strings.Index(text, s); s != "" && i >= 0 {
			at, found = min(at, i), true
		}
	}
	return text[:at], found
}
