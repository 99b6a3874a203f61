package eutils

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/pubmed"
)

// pageSize is the number of records per request. NCBI allows more, but longer replies break more
// often.
const pageSize = 200

// Item is the result for one PMID: a document, or the reason why there is none.
type Item struct {
	Document *schemas.Document
	Reject   *schemas.Reject
}

// Fetch returns the records of at most a few hundred PMIDs, one item each, in their order.
func (c *Client) Fetch(ctx context.Context, pmids []schemas.PMID) ([]Item, error) {
	got, err := c.efetch(ctx, pmids)
	if err != nil {
		return nil, err
	}
	var missing []schemas.PMID
	for _, pmid := range pmids {
		if got[pmid].Document == nil {
			missing = append(missing, pmid)
		}
	}
	if len(missing) > 0 {
		second, err := c.efetch(ctx, missing)
		if err != nil {
			return nil, err
		}
		for pmid, item := range second {
			got[pmid] = item
		}
	}
	items := make([]Item, len(pmids))
	for i, pmid := range pmids {
		items[i] = got[pmid]
		if items[i] == (Item{}) {
			items[i].Reject = &schemas.Reject{
				PMID: pmid, Stage: "fetch", Kind: "missing", Message: "PubMed has no record of this PMID",
			}
		}
	}
	return items, nil
}

// efetch requests records and returns those of the requested ones that were in the reply.
func (c *Client) efetch(ctx context.Context, pmids []schemas.PMID) (got map[schemas.PMID]Item, err error) {
	ids := make([]string, len(pmids))
	for i, pmid := range pmids {
		ids[i] = strconv.FormatUint(uint64(pmid), 10)
		if !CheckPMID(ids[i]) {
			return nil, fmt.Errorf("efetch: %s is not a PMID", ids[i])
		}
	}
	form := url.Values{"id": {strings.Join(ids, ",")}, "retmode": {"xml"}}
	err = c.post(ctx, "efetch", form, func(body []byte) (err error) {
		got, err = readRecords(body, pmids)
		return err
	})
	return got, err
}

// readRecords reads the reply to a request for records.
func readRecords(body []byte, asked []schemas.PMID) (map[schemas.PMID]Item, error) {
	if err := checkXML(body, "PubmedArticleSet", "PubmedBookArticleSet"); err != nil {
		return nil, err
	}
	wanted := make(map[schemas.PMID]bool, len(asked))
	for _, pmid := range asked {
		wanted[pmid] = true
	}
	got := make(map[schemas.PMID]Item, len(asked))
	for doc, err := range pubmed.Documents(bytes.NewReader(body), "reply") {
		reject := (*schemas.Reject)(nil)
		if err != nil && !errors.As(err, &reject) {
			return nil, tryAgain("a broken reply: %w", errors.Unwrap(err))
		}
		switch {
		case reject != nil && wanted[reject.PMID] && got[reject.PMID].Document == nil:
			got[reject.PMID] = Item{Reject: reject}
		case doc != nil && wanted[doc.PMID] && !doc.Deleted && newer(doc, got[doc.PMID].Document):
			got[doc.PMID] = Item{Document: doc}
		}
	}
	return got, nil
}

func newer(doc, than *schemas.Document) bool { return than == nil || doc.Version > than.Version }
