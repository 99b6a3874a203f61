package linker

import (
	"strings"
)

// composites returns ways to read a name as several names: "ovarian and breast cancer" as "ovarian
// cancer" and "breast cancer", "cancer of the ovary and breast" as "cancer of the ovary" and
// "cancer of the breast". The likelier come first.
func composites(name string) (all [][]string) {
	for _, joint := range []string{" and/or ", " and ", " or ", "/", ", ", " & ", "-"} {
		left, right, ok := strings.Cut(name, joint)
		left, right = strings.TrimSpace(strings.TrimSuffix(left, ",")), strings.TrimSpace(right)
		if !ok || left == "" || right == "" {
			continue
		}
		all = append(all, []string{left, right})
		if joint == "-" {
			continue
		}
		words := strings.Fields(right) // ovarian and [breast] cancer
		for i := len(words) - 1; i > 0; i-- {
			all = append(all, []string{left + " " + strings.Join(words[i:], " "), right})
		}
		words = strings.Fields(left) // cancer of the [ovary] and breast
		for i := len(words) - 1; i > 0; i-- {
			all = append(all, []string{left, strings.Join(words[:i], " ") + " " + right})
		}
	}
	return all
}
