package jobs

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// A sample counts every document, and chooses among all of them.
func TestSample(t *testing.T) {
	for _, work := range []pipeline.Work{pipeline.EncodeWork, pipeline.TaskWork} {
		size := map[pipeline.Work]int{pipeline.EncodeWork: sampleSize, pipeline.TaskWork: cheapSize}[work]
		const documents = 5000
		var s sample
		for i := range documents {
			s.add(pipeline.Previewed{Work: work, Document: &schemas.Document{
				PMID: schemas.PMID(i), Sections: []schemas.Section{{Text: "gene"}},
			}})
		}
		late, chosen := 0, map[schemas.PMID]bool{}
		for _, r := range s.chosen {
			chosen[r.Document.PMID] = true
			if r.Document.PMID >= documents/2 {
				late++
			}
		}
		if s.docs != documents || s.chars != 4*documents || len(chosen) != size || late < size/3 || late > 2*size/3 {
			t.Errorf("%d documents, %d chosen, %d of them late", s.docs, len(chosen), late)
		}
	}
	var s sample
	s.add(pipeline.Previewed{Reused: &pipeline.Reused{}, Document: &schemas.Document{}})
	if s.docs != 1 || len(s.chosen) != 0 {
		t.Error("a document is chosen whose results are not known")
	}
}

// A set of texts has the last text that was added of each document.
func TestTextSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set, want := textSet{}, map[schemas.PMID]string{}
		document := func() (*schemas.Document, string) {
			pmid := schemas.PMID(rapid.IntRange(1, 600).Draw(t, "pmid"))
			label := rapid.SampledFrom([]string{"", "AIM"}).Draw(t, "label")
			text := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "text")
			return &schemas.Document{PMID: pmid, Sections: []schemas.Section{
				{Kind: schemas.KindTitle, Text: "x"}, {Kind: schemas.KindAbstract, Label: label, Text: text},
			}}, label + " " + text
		}
		for range rapid.IntRange(0, 60).Draw(t, "documents") {
			doc, text := document()
			if got := set.has(textKeyOf(doc)); got != (want[doc.PMID] == text) {
				t.Fatalf("%d %q is %v", doc.PMID, text, got)
			}
			set.add([]textKey{textKeyOf(doc)})
			want[doc.PMID] = text
		}
	})
}

// The stages run side by side, as far as the processors allow.
func TestTogether(t *testing.T) {
	s := func(wall, cpu float64) elapsed {
		return elapsed{time.Duration(wall * float64(time.Second)), time.Duration(cpu * float64(time.Second))}
	}
	n := float64(runtime.GOMAXPROCS(0))
	host, device := &Components{}, &Components{Encoder: &deviceEncoder{}}
	for _, test := range []struct {
		on                          *Components
		reading, computing, writing elapsed
		want                        float64
	}{
		{host, s(1, 0), s(2, 0), s(3, 0), 6},                   // processor time is not known
		{host, s(0, 0), s(10, 10*n), s(2, n), 11},              // all processors compute
		{host, s(0, 0), s(10, 5), s(0, 5), 20},                 // half of one is left
		{device, s(1, n), s(10, n), s(2, n), 10},               // the device is the limit
		{device, s(10, 10*n), s(1, 0), s(1, n), 11},            // the host is the limit
		{device, s(20, 10), s(1, 0), s(1, 1), max(20, 11/n)},   // reading is the limit
		{host, s(0, 0), s(10, 1000*n), s(0, 10*n), 1010},       // no more than there are
		{device, s(0, 0), s(0.5, 0.5), s(4, 4), max(4, 4.5/n)}, // writing is the limit
	} {
		p := &planner{components: test.on, reading: test.reading}
		if got := p.together(test.computing, test.writing).Seconds(); got < test.want*0.999 || got > test.want*1.001 {
			t.Errorf("%+v: %v s, not %v", test, got, test.want)
		}
	}
}

// deviceEncoder is an encoder whose states depend on the batch, as those of a device do.
type deviceEncoder struct{ pipeline.Encoder }

// Small units are published together.
func TestPartsOfPlan(t *testing.T) {
	p := &planner{plan: &Plan{}, pack: packRecords}
	for i, records := range []int{packRecords, 1, 2, 3 * packRecords, packRecords - 1, 400} {
		p.plan.Units = append(p.plan.Units, PlannedUnit{
			Unit: fmt.Sprint(i), Action: ActionAdd, PlannedWork: PlannedWork{Records: records},
		})
	}
	p.plan.Units = append(p.plan.Units, PlannedUnit{Action: ActionNone}, PlannedUnit{Action: ActionFail})
	if n := p.parts(); n != 4 {
		t.Errorf("%d parts", n)
	}
	if p.pack = 0; p.parts() != 6 {
		t.Errorf("%d parts without packs", p.parts())
	}
}
