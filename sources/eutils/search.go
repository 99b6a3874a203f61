package eutils

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/pubmine/pubmine/schemas"
)

// ceiling is the maximum number of PMIDs that ESearch lists for one query.
const ceiling = 9_999

// maxSearches is the maximum number of searches if the index changes during a search.
const maxSearches = 3

// Query is a query of PubMed.
type Query struct {
	Term  string `json:"term"`            // in PubMed's own syntax
	Since string `json:"since,omitempty"` // only records that entered PubMed on this day (YYYY-MM-DD) or later
	Max   int    `json:"max,omitempty"`   // maximum number of records, the newest; 0 for all
}

// CheckPMID reports whether s is a PMID: a number of at most 9 digits. Anything else must not be
// sent to E-utilities, for which "1,2" is a list.
func CheckPMID(s string) bool { return pmidForm.MatchString(s) }

var pmidForm = regexp.MustCompile(`^[1-9][0-9]{0,8}$`)

// days is a range of days, including both ends.
type days struct{ first, last time.Time }

// ever contains every day on which a record can have entered PubMed. For old journals that is the
// day of publication.
var ever = days{time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 12, 31, 0, 0, 0, 0, time.UTC)}

// halves divides a range of more than one day.
func (d days) halves() (older, newer days) {
	half := int(d.last.Sub(d.first)/(24*time.Hour)) / 2
	return days{d.first, d.first.AddDate(0, 0, half)}, days{d.first.AddDate(0, 0, half+1), d.last}
}

// found is the result of ESearch for one part of a query.
type found struct {
	count    int
	pmids    []schemas.PMID // the first of them, at most ceiling
	warnings []string
}

// errMoved means that the counts of parts do not add up.
var errMoved = errors.New("the index changed during the search")

// Search returns the PMIDs that match a query, all or the first q.Max, their number, and warnings
// about parts of the query that PubMed ignored.
func (c *Client) Search(ctx context.Context, q Query) (pmids []schemas.PMID, count int, warnings []string, err error) {
	within := (*days)(nil)
	if q.Since != "" {
		since, err := time.Parse(time.DateOnly, q.Since)
		if err != nil || since.Before(ever.first) || !since.Before(ever.last) {
			return nil, 0, nil, fmt.Errorf("since %q: give a day as YYYY-MM-DD", q.Since)
		}
		within = &days{since, ever.last}
	}
	for range maxSearches {
		s := &search{client: c, query: q, seen: map[schemas.PMID]bool{}}
		whole, err := s.run(ctx, within)
		if err == nil {
			return s.pmids, whole.count, whole.warnings, nil
		}
		if !errors.Is(err, errMoved) {
			return nil, 0, nil, err
		}
	}
	return nil, 0, nil, fmt.Errorf("%w: esearch: %w, %d times", ErrUnavailable, errMoved, maxSearches)
}

// search is one attempt to list the matches of a query.
type search struct {
	client *Client
	query  Query
	pmids  []schemas.PMID
	seen   map[schemas.PMID]bool
}

func (s *search) run(ctx context.Context, within *days) (found, error) {
	whole, err := s.client.esearch(ctx, s.query.Term, within, s.limit())
	if err != nil {
		return found{}, err
	}
	if len(whole.pmids) == whole.count || s.query.Max > 0 && len(whole.pmids) >= s.query.Max {
		return whole, s.take(whole.pmids)
	}
	if within != nil {
		return whole, s.split(ctx, *within, whole.count)
	}
	count, err := s.part(ctx, ever)
	if err == nil && !s.full() && count != whole.count {
		err = errMoved
	}
	return whole, err
}

// part adds the PMIDs of a range of days and returns their number.
func (s *search) part(ctx context.Context, d days) (int, error) {
	part, err := s.client.esearch(ctx, s.query.Term, &d, ceiling)
	if err != nil {
		return 0, err
	}
	if part.count <= ceiling {
		return part.count, s.take(part.pmids)
	}
	return part.count, s.split(ctx, d, part.count)
}

// split adds the PMIDs of a range of days with too many for one list.
func (s *search) split(ctx context.Context, d days, count int) error {
	if d.first.Equal(d.last) {
		return fmt.Errorf(
			"esearch: %d records entered PubMed on %s, more than the %d that can be listed: ask for less, by two "+
				"queries",
			count, d.first.Format(time.DateOnly), ceiling,
		)
	}
	older, newer := d.halves()
	sum, err := s.part(ctx, newer)
	if err != nil || s.full() {
		return err
	}
	rest, err := s.part(ctx, older)
	if err != nil || s.full() {
		return err
	}
	if sum+rest != count {
		return errMoved
	}
	return nil
}

// take adds PMIDs to the list, up to the maximum.
func (s *search) take(pmids []schemas.PMID) error {
	for _, pmid := range pmids {
		if s.full() {
			return nil
		}
		if s.seen[pmid] {
			return errMoved
		}
		s.seen[pmid] = true
		s.pmids = append(s.pmids, pmid)
	}
	return nil
}

func (s *search) full() bool { return s.query.Max > 0 && len(s.pmids) >= s.query.Max }

// limit returns the length of the list to request.
func (s *search) limit() int {
	if s.query.Max > 0 {
		return min(s.query.Max, ceiling)
	}
	return ceiling
}

// esearch requests the matches of a term that entered PubMed within a range of days.
func (c *Client) esearch(ctx context.Context, term string, within *days, limit int) (f found, err error) {
	form := url.Values{
		"term": {term}, "retmode": {"xml"}, "sort": {"pub_date"}, "retstart": {"0"},
		"retmax": {strconv.Itoa(limit)},
	}
	if within != nil {
		form.Set("datetype", "edat")
		form.Set("mindate", within.first.Format("2006/01/02"))
		form.Set("maxdate", within.last.Format("2006/01/02"))
	}
	err = c.post(ctx, "esearch", form, func(body []byte) (err error) {
		f, err = readSearch(body, limit)
		return err
	})
	return f, err
}

// readSearch reads the reply to a search with at most limit PMIDs listed.
func readSearch(body []byte, limit int) (found, error) {
	if err := checkXML(body, "eSearchResult"); err != nil {
		return found{}, err
	}
	var reply struct {
		Count   *int     `xml:"Count"`
		IDs     []string `xml:"IdList>Id"`
		Phrases []string `xml:"ErrorList>PhraseNotFound"`
		Fields  []string `xml:"ErrorList>FieldNotFound"`
		Quoted  []string `xml:"WarningList>QuotedPhraseNotFound"`
	}
	if err := xml.Unmarshal(body, &reply); err != nil {
		return found{}, tryAgain("a broken reply: %w", err)
	}
	if reply.Count == nil || *reply.Count < 0 {
		return found{}, tryAgain("a reply without a count")
	}
	f := found{count: *reply.Count, pmids: make([]schemas.PMID, len(reply.IDs))}
	if want := min(f.count, limit); len(f.pmids) != want {
		return found{}, tryAgain("a list of %d PMIDs of %d", len(f.pmids), want)
	}
	for i, id := range reply.IDs {
		if !CheckPMID(id) {
			return found{}, tryAgain("%.20q in a list of PMIDs", id)
		}
		n, err := strconv.ParseUint(id, 10, 32)
		if err != nil {
			return found{}, tryAgain("%.20q in a list of PMIDs: %w", id, err)
		}
		f.pmids[i] = schemas.PMID(n)
	}
	for _, phrase := range slices.Concat(reply.Phrases, reply.Quoted) {
		f.warnings = append(
			f.warnings, fmt.Sprintf("PubMed does not know %q, and answered the rest of the query", phrase),
		)
	}
	for _, field := range reply.Fields {
		f.warnings = append(
			f.warnings, fmt.Sprintf("PubMed has no field %q, and answered the rest of the query", field),
		)
	}
	return f, nil
}
