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

// british reports whether american may change a word.
func british(key []byte) bool {
	for i, c := range key[:len(key)-1] {
		switch next := key[i+1]; {
		case c > 'u' || c < 'a':
		case next == 'e' && (c == 'a' || c == 'o' || c == 'r'), c == 'o' && next == 'u', c == 's' && next == 'u',
			c == 'i' && next == 's':
			return true
		}
	}
	return false
}

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
