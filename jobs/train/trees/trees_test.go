package trees

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var nan = float32(math.NaN())

// learn is Learn for small data.
func learn(t interface{ Fatal(...any) }, rows [][]float32, labels []bool, change func(o *Options)) (scores []float32) {
	o := Options{Trees: 30, Depth: 3, Rate: 0.3, L2: 1, MinWeight: 0.1, Rows: 1, Columns: 1, Seed: 1}
	if change != nil {
		change(&o)
	}
	forest, err := Learn(rows, labels, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		scores = append(scores, forest.Score(r))
	}
	return scores
}

func right(scores []float32, labels []bool) (n int) {
	for i, s := range scores {
		if s > 0 == labels[i] {
			n++
		}
	}
	return n
}

// No single column tells the label.
func TestLearnsExclusiveOr(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	rows, labels := make([][]float32, 400), make([]bool, 400)
	for i := range rows {
		rows[i] = []float32{random.Float32(), random.Float32(), random.Float32()}
		labels[i] = rows[i][0] > 0.5 != (rows[i][1] > 0.4)
	}
	if n := right(learn(t, rows, labels, nil), labels); n < 390 {
		t.Errorf("%d of 400 rows are right", n)
	}
	parts := learn(t, rows, labels, func(o *Options) { o.Rows, o.Columns, o.Trees = 0.7, 0.7, 60 })
	if n := right(parts, labels); n < 380 {
		t.Errorf("%d of 400 rows are right with shares of rows and columns", n)
	}
}

// That a value is missing may be what tells the label, whichever it is.
func TestLearnsFromMissingValues(t *testing.T) {
	for _, absent := range []bool{true, false} {
		rows, labels := make([][]float32, 90), make([]bool, 90)
		for i := range rows {
			rows[i] = []float32{float32(i % 3)}
			if i%3 == 2 {
				rows[i][0] = nan
			}
			labels[i] = i%3 == 0
			if absent {
				labels[i] = i%3 == 2
			}
		}
		if n := right(learn(t, rows, labels, nil), labels); n != len(rows) {
			t.Errorf("positive if absent: %v: %d of %d rows are right", absent, n, len(rows))
		}
	}
}

// drawData draws rows of few distinct values, and labels.
func drawData(t *rapid.T) (rows [][]float32, labels []bool) {
	value := rapid.OneOf(rapid.Map(rapid.IntRange(-8, 8), func(i int) float32 { return float32(i) }), rapid.Just(nan))
	for range rapid.IntRange(1, 60).Draw(t, "rows") {
		rows = append(rows, rapid.SliceOfN(value, 3, 3).Draw(t, "row"))
		labels = append(labels, rapid.Bool().Draw(t, "label"))
	}
	return rows, labels
}

// Only the order of the values of a column counts, and of a doubled column one copy.
func TestScoresKeepUnderRisingFunctions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, labels := drawData(t)
		want := learn(t, rows, labels, nil)
		changed := make([][]float32, len(rows))
		for i, r := range rows {
			changed[i] = []float32{r[0] * 2, r[1] * r[1] * r[1], r[2] + 3, r[0]}
		}
		if diff := cmp.Diff(want, learn(t, changed, labels, nil)); diff != "" {
			t.Errorf("(-before +after):\n%s", diff)
		}
	})
}

// The scores of the training rows are those by which the forest was grown: the mean of the
// probabilities tends to the share of positive rows.
func TestMeanProbability(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, labels := drawData(t)
		scores := learn(t, rows, labels, func(o *Options) { o.Trees = 100 })
		mean, share := 0.0, 0.0
		for i, s := range scores {
			mean += 1 / (1 + math.Exp(-float64(s))) / float64(len(rows))
			if labels[i] {
				share += 1 / float64(len(rows))
			}
		}
		if math.Abs(mean-share) > 0.1 {
			t.Errorf("the mean probability is %.3f, the share of positive rows %.3f", mean, share)
		}
	})
}

func TestManyValues(t *testing.T) {
	rows, labels := make([][]float32, 5000), make([]bool, 5000)
	for i := range rows {
		rows[i] = []float32{float32(i * i), 1}
		labels[i] = i > 3000
	}
	if n := right(learn(t, rows, labels, nil), labels); n < 4900 {
		t.Errorf("%d of 5000 rows are right", n)
	}
	if edges := columnEdges(rows, 0); len(edges) != maxBins-1 || len(columnEdges(rows, 1)) != 0 {
		t.Errorf("%d and %d bounds", len(edges), len(columnEdges(rows, 1)))
	}
}

func TestLearnIsDeterministic(t *testing.T) {
	rows, labels := make([][]float32, 300), make([]bool, 300)
	for i := range rows {
		rows[i] = []float32{float32(i % 7), float32(i % 11), float32(i % 13)}
		labels[i] = i%7 > i%11
	}
	a, err := Learn(rows, labels, Defaults())
	if err != nil {
		t.Fatal(err)
	}
	b, err := Learn(rows, labels, Defaults())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
}

func TestLearnRefuses(t *testing.T) {
	ok := Defaults()
	for _, c := range []struct {
		want string
		rows [][]float32
		o    func(*Options)
	}{
		{"no rows", nil, nil},
		{"row 1 has 2 columns", [][]float32{{1}, {1, 2}}, nil},
		{"row 0, column 0: the value is infinite", [][]float32{{float32(math.Inf(1))}}, nil},
		{"depth 99", [][]float32{{1}}, func(o *Options) { o.Depth = 99 }},
		{"rate 0", [][]float32{{1}}, func(o *Options) { o.Rate = 0 }},
		{"0 of the rows", [][]float32{{1}}, func(o *Options) { o.Rows = 0 }},
	} {
		o := ok
		if c.o != nil {
			c.o(&o)
		}
		_, err := Learn(c.rows, make([]bool, len(c.rows)), o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want an error with %q", err, c.want)
		}
	}
}
