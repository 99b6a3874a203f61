package flags

import (
	"encoding"
	"testing"
)

func TestUnmarshalText(t *testing.T) {
	for _, test := range []struct {
		target    encoding.TextUnmarshaler
		good, bad []string
	}{
		{new(Positive), []string{"1", "42"}, []string{"0", "-1", "1.5", "", "x"}},
		{new(Natural), []string{"0", "42"}, []string{"-1", "1.5", ""}},
		{new(Share), []string{"0", "0.5", "1"}, []string{"-0.1", "1.1", "NaN", ""}},
		{new(Above0), []string{"1e-5", "3"}, []string{"0", "-1", "NaN", "Inf", ""}},
		{new(Name), []string{"x", " "}, []string{""}},
	} {
		for _, text := range test.good {
			if err := test.target.UnmarshalText([]byte(text)); err != nil {
				t.Errorf("%T: %v", test.target, err)
			}
		}
		for _, text := range test.bad {
			if err := test.target.UnmarshalText([]byte(text)); err == nil {
				t.Errorf("%T takes %q", test.target, text)
			}
		}
	}
}
