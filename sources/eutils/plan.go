package eutils

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// planFormat is the version of the format of stored plans. Others are rejected.
const planFormat = 1

// Plan is the frozen result of a query: the records that a run fetches, however often it is
// started.
type Plan struct {
	Format   int            `json:"format"`
	Query    Query          `json:"query"`
	Count    int            `json:"count"` // number of matches, also if Query.Max omits some
	Warnings []string       `json:"warnings,omitempty"`
	Digest   string         `json:"digest"` // of PMIDs
	PMIDs    []schemas.PMID `json:"pmids"`  // in the order in which they are fetched
}

// Name returns the name of the plan of a query, which is always the same.
func (q Query) Name() string {
	hash := sha256.Sum256(fmt.Appendf(nil, "%q %q %d", q.Term, q.Since, q.Max))
	return "query-" + hex.EncodeToString(hash[:6])
}

// digest is the sha256, in hex, of PMIDs as lines of text.
func digest(pmids []schemas.PMID) string {
	hash := sha256.New()
	for _, pmid := range pmids {
		fmt.Fprintln(hash, pmid)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

func (p *Plan) encode() ([]byte, error) {
	p.Format, p.Digest = planFormat, digest(p.PMIDs)
	data, err := json.Marshal(p)
	return append(data, '\n'), err
}

// decodePlan reads the plan of a query.
func decodePlan(data []byte, q Query) (*Plan, error) {
	p := new(Plan)
	if err := json.Unmarshal(data, p); err != nil {
		return nil, err
	}
	switch {
	case p.Format != planFormat:
		return nil, fmt.Errorf("format %d is not known, only %d", p.Format, planFormat)
	case p.Query != q:
		return nil, errors.New("it is the plan of another query")
	case p.Digest != digest(p.PMIDs):
		return nil, errors.New("its digest is wrong")
	}
	return p, nil
}

// ReadPMIDs reads a list of PMIDs, one per line. Empty lines, text after a '#' and repeated PMIDs
// are ignored.
func ReadPMIDs(r io.Reader) ([]schemas.PMID, error) {
	var pmids []schemas.PMID
	seen := make(map[schemas.PMID]bool)
	lines := bufio.NewScanner(r)
	number := 0
	for lines.Scan() {
		number++
		text, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\uFEFF"), "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil || !CheckPMID(text) {
			return nil, fmt.Errorf("line %d: %.40q is not a PMID: give one per line, 1 to 9 digits", number, text)
		}
		if pmid := schemas.PMID(n); !seen[pmid] {
			seen[pmid] = true
			pmids = append(pmids, pmid)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", number+1, err)
	}
	return pmids, nil
}
