package normalize

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// appendRune appends the key of a code point outside ASCII: a Latin letter without its accents, the
// English name of a Greek letter, nothing for a combining mark, the lower case of any other.
func appendRune(dst []byte, r rune) []byte {
	r = unicode.ToLower(r)
	if name := special(r); name != "" {
		return append(dst, name...)
	}
	if unicode.Is(unicode.M, r) {
		return dst
	}
	var buf [utf8.UTFMax]byte
	n := utf8.EncodeRune(buf[:], r)
	if parts := norm.NFKD.Properties(buf[:n]).Decomposition(); len(parts) > 0 {
		base, size := utf8.DecodeRune(parts)
		switch name := special(base); {
		case name != "":
			return append(dst, name...)
		case base < utf8.RuneSelf && (letter(byte(base)|0x20) || digit(byte(base))):
			return append(dst, byte(unicode.ToLower(base)))
		case base != r:
			return append(dst, parts[:size]...)
		}
	}
	return append(dst, buf[:n]...)
}

// special returns the key of a Greek letter, or of a Latin letter that has no decomposition.
func special(r rune) string {
	switch {
	case 'α' <= r && r <= 'ω':
		return greek[r-'α']
	case r == 'µ':
		return "mu"
	case r == 'ϕ':
		return "phi"
	case r == 'ϵ':
		return "epsilon"
	case r == 'æ', r == 'œ':
		return "e"
	case r == 'ø':
		return "o"
	case r == 'ß':
		return "ss"
	case r == 'ł':
		return "l"
	case r == 'ı':
		return "i"
	}
	return ""
}

// greek has the English names of the letters from α to ω.
var greek = [...]string{
	"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu",
	"xi", "omicron", "pi", "rho", "sigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
}
