package schemas

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// RowError is a row that [NewRows] does not make.
type RowError struct {
	Table   string
	Message string
}

// Check returns what is wrong with the rows of one document, in all tables but rejects and
// superseded: keys that are not unique, references to rows that are missing, and offsets that are
// not those of the text. Rows of NewRows have no errors.
func (r *Rows) Check() []RowError {
	if len(r.Documents) != 1 {
		return []RowError{{"documents", fmt.Sprintf("%d rows for one document", len(r.Documents))}}
	}
	c := rowChecker{doc: &r.Documents[0], sentences: map[int32]*SentenceRow{}, mentions: map[int32]*MentionRow{}}
	c.setText()
	c.checkDocument(r)
	for i := range r.Sentences {
		c.checkSentence(i, r.Sentences)
	}
	for i := range r.Mentions {
		c.checkMention(i, r.Mentions)
	}
	for i := range r.Relations {
		c.checkRelation(i, r.Relations)
	}
	for i := range r.Summaries {
		c.checkSummary(&r.Summaries[i], r.Summaries[:i])
	}
	for i := range r.Answers {
		c.checkAnswer(&r.Answers[i], r.Answers[:i])
	}
	for i := range r.Labels {
		c.checkLabel(&r.Labels[i], r.Labels[:i])
	}
	c.checkVectors(r.Vectors)
	return c.errors
}

// rowChecker collects the errors of one document.
type rowChecker struct {
	doc       *DocumentRow
	text      string
	offsets   []int // of each code point in bytes, and the end; nil when the text is ASCII
	points    int32 // number of code points
	sentences map[int32]*SentenceRow
	mentions  map[int32]*MentionRow
	errors    []RowError
}

// setText sets the text that offsets count in.
func (c *rowChecker) setText() {
	c.text = c.doc.Title + " " + c.doc.Abstract
	c.offsets, c.points = byteOffsets(c.text), int32(len(c.text))
	if c.offsets != nil {
		c.points = int32(len(c.offsets) - 1)
	}
}

func (c *rowChecker) wrong(table, format string, args ...any) {
	c.errors = append(c.errors, RowError{table, fmt.Sprintf(format, args...)})
}

// checkDocument checks the row of documents, and that a tombstone has no other rows.
func (c *rowChecker) checkDocument(r *Rows) {
	d := c.doc
	if d.PMID < 1 || d.Version < 1 {
		c.wrong("documents", "pmid and version are not positive")
	}
	if d.IsDeleted {
		if d.Title != "" || d.Abstract != "" || d.TextSHA256 != "" || len(d.Sections) > 0 || len(r.Sentences) > 0 {
			c.wrong("documents", "it is deleted and has a text")
		}
		return
	}
	if sum := sha256.Sum256([]byte(c.text)); d.TextSHA256 != hex.EncodeToString(sum[:]) {
		c.wrong("documents", "text_sha256 is not that of the text")
	}
	at := int32(0)
	for i, s := range d.Sections {
		kind, start := KindAbstract, at
		if i == 0 {
			kind, at = KindTitle, int32(utf8.RuneCountInString(d.Title))
		} else {
			at = s.DocEnd
		}
		if s.Kind != kind || s.DocStart != start || s.DocEnd != at || at < start || at > c.points {
			c.wrong("documents", "section %d is not code points %d to %d of %d", i, s.DocStart, s.DocEnd, c.points)
			return
		}
		at++
	}
	end := c.points + 1 // after the space that would come before another section
	if d.Abstract == "" && len(d.Sections) == 1 {
		end = c.points // the space after the title
	}
	if len(d.Sections) > 0 && at != end || len(d.Sections) == 0 && c.text != " " {
		c.wrong("documents", "its sections are not the whole text")
	}
}

// checkSpan checks that a span is within its section and has the given text.
func (c *rowChecker) checkSpan(table, what string, section, start, end int32, text string) {
	if section < 0 || int(section) >= len(c.doc.Sections) {
		c.wrong(table, "%s: section %d of %d", what, section, len(c.doc.Sections))
		return
	}
	in := c.doc.Sections[section]
	if start < in.DocStart || end > in.DocEnd || start >= end || start < 0 || end > c.points {
		c.wrong(table, "%s: code points %d to %d are not within section %d", what, start, end, section)
		return
	}
	from, to := int(start), int(end)
	if c.offsets != nil {
		from, to = c.offsets[start], c.offsets[end]
	}
	if c.text[from:to] != text {
		c.wrong(table, "%s: its text is not that of code points %d to %d", what, start, end)
	}
}

func (c *rowChecker) checkSentence(i int, rows []SentenceRow) {
	s := &rows[i]
	what := fmt.Sprintf("sentence %d", s.Sentence)
	if i > 0 && s.Sentence <= rows[i-1].Sentence || s.Sentence < 0 {
		c.wrong("sentences", "%s is not unique and in order", what)
	}
	if i > 0 && s.DocStart < rows[i-1].DocEnd {
		c.wrong("sentences", "%s begins before the end of the sentence before it", what)
	}
	c.checkSpan("sentences", what, s.Section, s.DocStart, s.DocEnd, s.Text)
	c.sentences[s.Sentence] = s
}

func (c *rowChecker) checkMention(i int, rows []MentionRow) {
	m := &rows[i]
	what := fmt.Sprintf("mention %d", m.Mention)
	if i > 0 && m.Mention <= rows[i-1].Mention || m.Mention < 0 {
		c.wrong("mentions", "%s is not unique and in order", what)
	}
	c.checkSpan("mentions", what, m.Section, m.DocStart, m.DocEnd, m.Text)
	if in := c.sentences[m.Sentence]; in == nil {
		c.wrong("mentions", "%s: sentence %d does not exist", what, m.Sentence)
	} else if m.DocStart < in.DocStart || m.DocStart >= in.DocEnd {
		c.wrong("mentions", "%s does not begin in sentence %d", what, m.Sentence)
	}
	c.checkScore("mentions", what, m.Score, m.ConceptScore)
	c.mentions[m.Mention] = m
}

func (c *rowChecker) checkRelation(i int, rows []RelationRow) {
	r := &rows[i]
	what := fmt.Sprintf("relation %d", r.Relation)
	if i > 0 && r.Relation <= rows[i-1].Relation || r.Relation < 0 {
		c.wrong("relations", "%s is not unique and in order", what)
	}
	for _, end := range []struct {
		mention       int32
		text, concept string
	}{{r.Subject, r.SubjectText, r.SubjectConcept}, {r.Object, r.ObjectText, r.ObjectConcept}} {
		if m := c.mentions[end.mention]; m == nil {
			c.wrong("relations", "%s: mention %d does not exist", what, end.mention)
		} else if m.Text != end.text || m.Concept != end.concept {
			c.wrong("relations", "%s: mention %d has another text or concept", what, end.mention)
		}
	}
	if r.Sentence != nil {
		c.checkSentences("relations", what, []int32{*r.Sentence})
	}
	c.checkScore("relations", what, r.Score)
}

func (c *rowChecker) checkSummary(s *SummaryRow, before []SummaryRow) {
	if slices.ContainsFunc(before, func(o SummaryRow) bool { return o.Text == s.Text && o.Method == s.Method }) {
		c.wrong("summaries", "the same summary twice")
	}
	c.checkSentences("summaries", "summary", s.Sentences)
	c.checkScore("summaries", "summary", s.Score)
}

func (c *rowChecker) checkAnswer(a *AnswerRow, before []AnswerRow) {
	what := fmt.Sprintf("answer to question %s", a.QuestionID)
	if slices.ContainsFunc(before, func(o AnswerRow) bool { return o.QuestionID == a.QuestionID }) {
		c.wrong("answers", "%s is not unique", what)
	}
	c.checkSentences("answers", what, a.Sentences)
	c.checkScore("answers", what, a.Score)
}

func (c *rowChecker) checkLabel(x *LabelRow, before []LabelRow) {
	what := fmt.Sprintf("label %q", x.Label)
	if slices.ContainsFunc(before, func(o LabelRow) bool { return o.Label == x.Label }) {
		c.wrong("labels", "%s is not unique", what)
	}
	c.checkScore("labels", what, x.Score)
}

func (c *rowChecker) checkVectors(rows []VectorRow) {
	if len(rows) > 1 {
		c.wrong("vectors", "%d vectors", len(rows))
	}
	for i := range rows {
		length := 0.0
		for _, x := range rows[i].Vector {
			length += float64(x) * float64(x)
		}
		if !(math.Abs(length-1) <= 1e-3) { // also not a number
			c.wrong("vectors", "the square of the length of the vector is %v, not 1", length)
		}
	}
}

func (c *rowChecker) checkSentences(table, what string, sentences []int32) {
	for _, i := range sentences {
		if c.sentences[i] == nil {
			c.wrong(table, "%s: sentence %d does not exist", what, i)
		}
	}
}

func (c *rowChecker) checkScore(table, what string, scores ...float32) {
	for _, s := range scores {
		if !finite(s) {
			c.wrong(table, "%s: score %v", what, s)
		}
	}
}
