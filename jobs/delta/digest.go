package delta

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// unsealed stands in the place of the digest while it is computed. It is as long as a digest.
const unsealed = "the SHA-256 of the file in which this text is in place of digest"

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// seal returns a file with its digest in the place of unsealed.
func seal(data []byte) []byte {
	return bytes.Replace(data, []byte(unsealed), []byte(digestOf(data)), 1)
}

// checkSeal compares a file with the digest that was found in it. Files of other programs have
// none; ours have, and their mark is found independently of it, so that damage to one of the two
// does not pass for the file of another program.
func checkSeal(data []byte, digest string, ours bool) error {
	if !ours && digest == "" {
		return nil
	}
	if digest == "" || digestOf(bytes.Replace(data, []byte(digest), []byte(unsealed), 1)) != digest {
		return fmt.Errorf("%w: it does not have the digest with which it was written", ErrDamaged)
	}
	return nil
}
