package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// Style says what the output can show.
type Style struct {
	Color bool // mentions in colour; without, as [text]Type
	Width int  // columns to wrap to; 0 for not at all
}

// Abstract is a document and what was found in it.
type Abstract struct {
	Document  schemas.DocumentRow
	Mentions  []schemas.MentionRow
	Relations []schemas.RelationRow
	Summaries []schemas.SummaryRow
	Answers   []schemas.AnswerRow
	Labels    []schemas.LabelRow
}

// Write prints the abstract: where it was published, its text with the mentions marked, its
// concepts, the relations, the summary, the labels, the answers.
func (a Abstract) Write(w io.Writer, s Style) error {
	p := &page{style: s}
	d := a.Document
	p.line(fmt.Sprintf("PMID %d%s", d.PMID, version(d.Version)), bold)
	p.text(citation(d), 0)
	if d.IsDeleted {
		p.text("This record was deleted from PubMed.", 0)
		return p.flush(w)
	}
	marks := nonOverlapping(a.Mentions)
	points := []rune(d.Title + " " + d.Abstract)
	for _, section := range d.Sections {
		p.gap()
		if section.Label != "" {
			p.line(section.Label, bold)
		}
		p.marked(points, int(section.DocStart), int(section.DocEnd), marks)
	}
	if s.Color && len(marks) > 0 {
		p.gap()
		p.legend(marks)
	}
	p.concepts(conceptsOf(a.Mentions))
	if len(a.Relations) > 0 {
		p.gap()
		p.line("Relations", bold)
		names := namesOf(a.Mentions)
		less := 0
		for _, r := range a.Relations {
			if r.Score < minScore {
				less++
				continue
			}
			subject, object := cmp.Or(names[r.Subject], r.SubjectText), cmp.Or(names[r.Object], r.ObjectText)
			p.text(fmt.Sprintf("%s — %s → %s  (%s)", subject, r.Type, object, details(&r)), 2)
		}
		if less > 0 {
			p.text(fmt.Sprintf("%d more in table relations, with scores below %.1f", less, minScore), 2)
		}
	}
	for _, summary := range a.Summaries {
		p.gap()
		p.line("Summary ("+summary.Method+")", bold)
		p.text(summary.Text, 2)
	}
	if len(a.Labels) > 0 {
		p.gap()
		p.line("Labels", bold)
		for _, x := range a.Labels {
			p.text(fmt.Sprintf("%s (%.2f)", x.Label, x.Score), 2)
		}
	}
	for _, answer := range a.Answers {
		p.gap()
		p.line(answer.Question, bold)
		p.text(fmt.Sprintf("%s (%.2f)", answer.Answer, answer.Score), 2)
		if answer.Evidence != "" {
			p.text(answer.Evidence, 2)
		}
	}
	return p.flush(w)
}

// minScore is the minimum score of the relations that are printed: those likelier right than not.
const minScore = 0.5

// details describes a relation: "head, 0.87, speculative; or CID 0.40".
func details(r *schemas.RelationRow) string {
	s := fmt.Sprintf("%s, %.2f", r.Method, r.Score)
	if r.Certainty != "" && r.Certainty != schemas.Asserted {
		s += ", " + r.Certainty
	}
	for i, a := range r.Alternatives {
		s += fmt.Sprintf("%s %s %.2f", [2]string{"; or", ","}[min(i, 1)], a.Type, a.Score)
	}
	return s
}

func version(v int16) string {
	if v == 1 {
		return ""
	}
	return fmt.Sprintf(", version %d", v)
}

// citation is one line: authors, journal, year, identifier.
func citation(d schemas.DocumentRow) string {
	var parts []string
	if len(d.Authors) > 0 {
		first := cmp.Or(d.Authors[0].CollectiveName, strings.TrimSpace(d.Authors[0].LastName+" "+d.Authors[0].Initials))
		if len(d.Authors) > 1 {
			first += " et al"
		}
		parts = append(parts, first)
	}
	journal := cmp.Or(d.JournalAbbrev, d.Journal)
	if d.PubYear != 0 {
		journal = strings.TrimSpace(fmt.Sprintf("%s %d", journal, d.PubYear))
	}
	if journal != "" {
		parts = append(parts, journal)
	}
	if d.DOI != "" {
		parts = append(parts, "doi:"+d.DOI)
	}
	if d.IsRetracted {
		parts = append(parts, "RETRACTED")
	}
	return strings.Join(parts, ". ")
}

// nonOverlapping orders mentions by where they stand and, of those that overlap, keeps the first
// and longest.
func nonOverlapping(mentions []schemas.MentionRow) []schemas.MentionRow {
	sorted := slices.Clone(mentions)
	slices.SortStableFunc(sorted, func(a, b schemas.MentionRow) int {
		return cmp.Or(cmp.Compare(a.DocStart, b.DocStart), cmp.Compare(b.DocEnd, a.DocEnd))
	})
	end := int32(0)
	return slices.DeleteFunc(sorted, func(m schemas.MentionRow) bool {
		if m.DocStart < end {
			return true
		}
		end = m.DocEnd
		return false
	})
}
