package main

import (
	"errors"
	"fmt"
	"strconv"
)

// positive is a flag of 1 or more. Its zero value is a flag that was not given.
type positive int

// UnmarshalText refuses numbers below 1.
func (p *positive) UnmarshalText(text []byte) error { return number(text, (*int)(p), 1) }

// natural is a flag of 0 or more.
type natural int

// UnmarshalText refuses numbers below 0.
func (n *natural) UnmarshalText(text []byte) error { return number(text, (*int)(n), 0) }

func number(text []byte, target *int, least int) error {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < least {
		return fmt.Errorf("%q is not a whole number of %d or more", text, least)
	}
	*target = n
	return nil
}

// share is a flag from 0 to 1.
type share float64

// UnmarshalText refuses numbers outside of 0 to 1.
func (s *share) UnmarshalText(text []byte) error {
	x, err := strconv.ParseFloat(string(text), 64)
	if err != nil || !(x >= 0 && x <= 1) {
		return fmt.Errorf("%q is not a number from 0 to 1", text)
	}
	*s = share(x)
	return nil
}

// above0 is a flag above 0. Its zero value is a flag that was not given.
type above0 float64

// UnmarshalText refuses 0, negative numbers and infinity.
func (r *above0) UnmarshalText(text []byte) error {
	x, err := strconv.ParseFloat(string(text), 64)
	if err != nil || !(x > 0 && x <= 1e300) {
		return fmt.Errorf("%q is not a number above 0", text)
	}
	*r = above0(x)
	return nil
}

// nonEmpty is a flag or argument whose value, as that of an unset shell variable, must not be empty.
type nonEmpty string

// UnmarshalText refuses the empty string.
func (s *nonEmpty) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errors.New("the value is empty: leave the option out, or name something")
	}
	*s = nonEmpty(text)
	return nil
}

// modelFlag names the model of a command.
type modelFlag struct {
	Model nonEmpty `default:"bundled" placeholder:"MODEL" help:"\"bundled\", the name of a model that was pulled, or a model directory (default ${default})."`
}

// backendFlag names the backend of a command.
type backendFlag struct {
	Backend string `default:"auto" enum:"${backends}" placeholder:"NAME" help:"Compute with ${enum} (default ${default})."`
}

// strings of flags.
func plain(values []nonEmpty) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return all
}

// corpusFlag names the corpus of a command.
type corpusFlag struct {
	Corpus nonEmpty `required:"" placeholder:"DIR" help:"Corpus directory; run and sync create it."`
}

// root is the directory of the corpus.
func (f *corpusFlag) root() string { return string(f.Corpus) }
