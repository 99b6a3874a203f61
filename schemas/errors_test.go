package schemas_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/pubmine/pubmine/schemas"
)

func TestBadInputError(t *testing.T) {
	err := fmt.Errorf(
		"unit a: %w",
		&schemas.BadInputError{Path: "a.xml.gz", Err: fmt.Errorf("truncated: %w", io.ErrUnexpectedEOF)},
	)
	var bad *schemas.BadInputError
	if !errors.As(err, &bad) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v has no reason", err)
	}
	if want := "unit a: a.xml.gz: truncated: unexpected EOF"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
}

func TestRejectIsAnError(t *testing.T) {
	var err error = &schemas.Reject{Stage: "decode", Kind: "malformed-xml", Message: "record 3 has no end"}
	if want := "decode: malformed-xml: record 3 has no end"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
}
