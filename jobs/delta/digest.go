package delta

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// unsealed stands in the place of the digest while it is computed. It is as long as a digest.
const unsealed = "the SHA-256 of the file in which this text is in place of digest"

// digestKey is the key of the digest in the metadata of a checkpoint.
const digestKey = "pubmine.digest"

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// seal returns a file with its digest in the place of unsealed.
func seal(data []byte) []byte {
	return bytes.Replace(data, []byte(unsealed), []byte(digestOf(data)), 1)
}

// digestIn returns the digest in a commit, or in the metadata of a checkpoint: in Thrift's compact
// protocol, 18 announces a string and 40 is its length.
func digestIn(data []byte) string {
	for _, before := range []string{`"digest":"`, digestKey + "\x18\x40"} {
		_, after, _ := bytes.Cut(data, []byte(before))
		if len(after) < len(unsealed) {
			continue
		}
		digest := string(after[:len(unsealed)])
		if _, err := hex.DecodeString(digest); err == nil {
			return digest
		}
	}
	return ""
}

// checkDigest compares a file with the digest in it.
func checkDigest(data []byte) error {
	digest := digestIn(data)
	if digest == "" || digestOf(bytes.Replace(data, []byte(digest), []byte(unsealed), 1)) != digest {
		return fmt.Errorf("%w: it is not as pubmine writes it", ErrDamaged)
	}
	return nil
}

// isForeign reports whether a commit has neither a digest nor the name of this program: both are
// looked for, so that damage to one of them does not pass for the commit of another program.
func isForeign(commit []byte) bool {
	return digestIn(commit) == "" && !bytes.Contains(commit, []byte(`"engineInfo":"`+engine+`"`))
}
