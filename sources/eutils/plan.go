package eutils

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// planFormat is the version of the format of stored plans: a line of JSON, and a second line with
// its sha256. Version 1 had only the first. Others are rejected.
const planFormat = 2

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
	return slices.Concat(data, []byte("\n"), checkLine(data)), err
}

// checkLine is the second line of a plan.
func checkLine(plan []byte) []byte {
	return fmt.Appendf(nil, "{\"sha256\":\"%x\"}\n", sha256.Sum256(plan))
}

// decodePlan reads the plan of a query.
func decodePlan(data []byte, q Query) (*Plan, error) {
	p, err := decodeAnyPlan(data)
	if err == nil && p.Query != q {
		err = errors.New("it is the plan of another query")
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// CheckPlan returns an error unless data is the intact plan of the query with a name.
func CheckPlan(name string, data []byte) error {
	p, err := decodeAnyPlan(data)
	if err == nil && p.Query.Name() != name {
		err = errors.New("it is the plan of another query")
	}
	return err
}

func decodeAnyPlan(data []byte) (*Plan, error) {
	line, rest, _ := bytes.Cut(data, []byte("\n"))
	p := new(Plan)
	if err := json.Unmarshal(line, p); err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	switch {
	case p.Format < 1 || p.Format > planFormat:
		return nil, fmt.Errorf("its format %d is not known, only 1 to %d", p.Format, planFormat)
	case p.Format == 1 && len(rest) > 0, p.Format > 1 && !bytes.Equal(rest, checkLine(line)):
		return nil, errors.New("it is damaged: its checksum does not match")
	case p.Digest != digest(p.PMIDs):
		return nil, errors.New("it is damaged: its digest does not match")
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
