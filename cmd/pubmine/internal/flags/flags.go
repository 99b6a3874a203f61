// Package flags has types of command line options that refuse values without a meaning.
package flags

import (
	"errors"
	"fmt"
	"strconv"
)

// Positive is a flag of 1 or more. Its zero value is a flag that was not given.
type Positive int

// UnmarshalText refuses numbers below 1.
func (p *Positive) UnmarshalText(text []byte) error { return number(text, (*int)(p), 1) }

// Natural is a flag of 0 or more.
type Natural int

// UnmarshalText refuses numbers below 0.
func (n *Natural) UnmarshalText(text []byte) error { return number(text, (*int)(n), 0) }

func number(text []byte, target *int, least int) error {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < least {
		return fmt.Errorf("%q is not a whole number of %d or more", text, least)
	}
	*target = n
	return nil
}

// Share is a flag from 0 to 1.
type Share float64

// UnmarshalText refuses numbers outside of 0 to 1.
func (s *Share) UnmarshalText(text []byte) error {
	x, err := strconv.ParseFloat(string(text), 64)
	if err != nil || !(x >= 0 && x <= 1) {
		return fmt.Errorf("%q is not a number from 0 to 1", text)
	}
	*s = Share(x)
	return nil
}

// Above0 is a flag above 0. Its zero value is a flag that was not given.
type Above0 float64

// UnmarshalText refuses 0, negative numbers and infinity.
func (r *Above0) UnmarshalText(text []byte) error {
	x, err := strconv.ParseFloat(string(text), 64)
	if err != nil || !(x > 0 && x <= 1e300) {
		return fmt.Errorf("%q is not a number above 0", text)
	}
	*r = Above0(x)
	return nil
}

// Name is a flag or argument that must not be empty, as it is when a shell variable is unset.
type Name string

// UnmarshalText refuses the empty string.
func (s *Name) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errors.New("the value is empty: leave the option out, or name something")
	}
	*s = Name(text)
	return nil
}
