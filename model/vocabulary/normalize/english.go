package normalize

import "bytes"

// american changes British to American spelling in place, in a lower-case word of at least six
// bytes, and returns what is left of it. It changes some other words too, which does no harm as the
// keys of a text change with those of the names.
func american(key []byte) []byte {
	if !british(key) {
		return key
	}
	out := key[:0]
	for i := 0; i < len(key); i++ {
		c := key[i]
		switch rest := key[i:]; {
		case (c == 'a' || c == 'o') && at(rest, 1) == 'e' && i+2 < len(key): // haem, oedema
			continue
		case c == 'o' && at(rest, 1) == 'u' && at(rest, 2) == 'r': // tumour
			out = append(out, "or"...)
			i += 2
		case c == 's' && at(rest, 1) == 'u' && at(rest, 2) == 'l' && at(rest, 3) == 'p' && at(rest, 4) == 'h':
			out = append(out, "sulf"...)
			i += 4
		case c == 'i' && bytes.HasPrefix(rest, isation): // ionisation
			out = append(out, "ization"...)
			i += len(isation) - 1
		default:
			out = append(out, c)
		}
	}
	if n := len(out); n > 4 && out[n-2] == 'r' && out[n-1] == 'e' && (out[n-3] == 'b' || out[n-3] == 't') {
		out[n-2], out[n-1] = 'e', 'r' // fibre, centre
	}
	return out
}

// british reports whether american may change a word: whether it ends in "re" or has one of pairs.
func british(key []byte) bool {
	var last, found byte
	for _, c := range key {
		c = pairs[c]
		found |= last & (c >> 4)
		last = c
	}
	return found != 0 || key[len(key)-2] == 'r' && key[len(key)-1] == 'e'
}

// pairs has a bit of the lower half for the first letter of a pair, and the same bit of the upper
// half for the second: "ae" and "oe", "ou", "lp" (sulph), "sa" (isation).
var pairs = [256]byte{'a': 1 | 8<<4, 'e': 1 << 4, 'l': 4, 'o': 1 | 2, 'p': 4 << 4, 's': 8, 'u': 2 << 4}

var isation = []byte("isation")

func at(key []byte, i int) byte {
	if i < len(key) {
		return key[i]
	}
	return 0
}

// singular returns a lower-case word of at least five bytes without a regular plural ending,
// changed in place.
func singular(key []byte) []byte {
	n := len(key)
	if n < 5 || key[n-1] != 's' || !letter(key[n-2]) {
		return key
	}
	switch key[n-2] {
	case 's', 'u', 'i': // abscess, virus, arthritis
		return key
	case 'e':
		switch {
		case key[n-3] == 'i' && n > 5: // antibodies
			key[n-3] = 'y'
			return key[:n-2]
		case key[n-3] == 'x', key[n-3] == 'h' && (key[n-4] == 'c' || key[n-4] == 's'),
			key[n-3] == 's' && (key[n-4] == 's' || key[n-4] == 'u' && n > 6): // viruses
			return key[:n-2]
		case key[n-3] == 's' && key[n-4] == 'o' && n > 7: // psychoses
			key[n-2] = 'i'
			return key
		}
	}
	return key[:n-1]
}
