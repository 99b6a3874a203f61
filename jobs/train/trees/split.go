package trees

// split divides the rows of a node: those whose bin of the column is at most bin go left.
type split struct {
	column, bin int
	missingLeft bool
	gain        float64 // 0 for a node that is not divided
}

func (s split) left(bin uint8) bool {
	if bin == missing {
		return s.missingLeft
	}
	return int(bin) <= s.bin
}

// splits returns the best splits of the nodes of a level, which are numbered from start.
func (l *learner) splits(rows, columns []int, start int) []split {
	best := make([]split, start+1)
	histograms := make([][maxBins + 1]sums, start+1)
	for _, c := range columns {
		clear(histograms)
		bins := l.bins[c]
		for _, i := range rows {
			h := &histograms[l.node[i]-start][bins[i]]
			h.g += l.gradients[i].g
			h.h += l.gradients[i].h
		}
		for node := range histograms {
			l.improve(&best[node], c, &histograms[node])
		}
	}
	return best
}

// improve replaces a split by the best one of a column if that is better.
func (l *learner) improve(best *split, column int, histogram *[maxBins + 1]sums) {
	var all sums
	for _, s := range histogram {
		all = all.plus(s)
	}
	lost := histogram[missing]
	var left sums
	for bin := range l.edges[column] {
		left = left.plus(histogram[bin])
		for _, missingLeft := range []bool{true, false} {
			a := left
			if missingLeft {
				a = a.plus(lost)
			} else if lost.h == 0 {
				break // no row is missing: rows to come go left
			}
			b := all.minus(a)
			if min(a.h, b.h) < l.MinWeight || min(a.h, b.h) <= 0 {
				continue
			}
			const least = 1e-9 // gains below are rounding errors
			if gain := a.gain(l.L2) + b.gain(l.L2) - all.gain(l.L2) - least; gain > best.gain {
				*best = split{column, bin, missingLeft, gain}
			}
		}
	}
}
