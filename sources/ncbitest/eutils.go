package ncbitest

import (
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Ceiling is the maximum number of PMIDs that ESearch lists for one query.
const Ceiling = 9_999

// Reply is the correct reply to a request. Its body is head, parts and tail, concatenated.
type Reply struct {
	Status      int
	ContentType string
	Head, Tail  string
	Parts       []string // the records, or the ids
}

// Body returns the body.
func (r Reply) Body() string { return r.Head + strings.Join(r.Parts, "\n") + r.Tail }

func xmlReply(status int, head string, parts []string, tail string) Reply {
	return Reply{
		Status: status, ContentType: "text/xml; charset=UTF-8",
		Head: `<?xml version="1.0" encoding="UTF-8" ?>` + "\n" + head, Parts: parts, Tail: tail + "\n",
	}
}

func jsonReply(status int, body string) Reply {
	return Reply{Status: status, ContentType: "application/json", Head: body}
}

func plainReply(status int, body string) Reply {
	return Reply{Status: status, ContentType: "text/plain", Head: body + "\n"}
}

func (s *Server) search(r *http.Request) Reply {
	refuse := func(why string) Reply {
		return xmlReply(http.StatusOK, "<eSearchResult><ERROR>"+html.EscapeString(why), nil, "</ERROR></eSearchResult>")
	}
	term := strings.TrimSpace(r.Form.Get("term"))
	first, most := number(r.Form.Get("retstart"), 0), number(r.Form.Get("retmax"), 20)
	switch {
	case r.Form.Get("db") != "pubmed":
		return refuse("Invalid db name specified: " + r.Form.Get("db"))
	case term == "":
		return refuse("Empty term and query_key - nothing todo")
	case first > Ceiling-1:
		return refuse("Search Backend failed: Exception:\n'retstart' cannot be larger than 9998.")
	}
	from, to := day(
		r.Form.Get("mindate"), time.Time{},
	), day(
		r.Form.Get("maxdate"), time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC),
	)
	words, unknown := s.phrases(term)
	var ids []string
	count := 0
	for _, record := range s.records {
		if len(words) == 0 || !containsAll(record.XML, words) || record.Entered.Before(from) ||
			record.Entered.After(to) {
			continue
		}
		if count >= first && len(ids) < most && count < Ceiling {
			ids = append(ids, fmt.Sprintf("<Id>%d</Id>", record.PMID))
		}
		count++
	}
	missing := ""
	for _, word := range unknown {
		missing += "<PhraseNotFound>" + html.EscapeString(word) + "</PhraseNotFound>"
	}
	if missing != "" {
		missing = "<ErrorList>" + missing + "</ErrorList>"
	}
	head := fmt.Sprintf(
		"<eSearchResult><Count>%d</Count><RetMax>%d</RetMax><RetStart>%d</RetStart><IdList>\n", count, len(ids),
		first,
	)
	return xmlReply(
		http.StatusOK,
		head,
		ids,
		"\n</IdList><TranslationSet/><QueryTranslation>"+html.EscapeString(
			term,
		)+"</QueryTranslation>"+missing+"</eSearchResult>",
	)
}

// phrases returns the words of a term: those that some record contains, and the others.
func (s *Server) phrases(term string) (known, unknown []string) {
	for _, word := range strings.Split(term, " AND ") {
		found := false
		for _, record := range s.records {
			if found = strings.Contains(record.XML, word); found {
				break
			}
		}
		if found {
			known = append(known, word)
		} else {
			unknown = append(unknown, word)
		}
	}
	return known, unknown
}

func containsAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

func (s *Server) fetch(r *http.Request) Reply {
	ids := strings.Split(r.Form.Get("id"), ",")
	if r.Method != http.MethodPost && len(ids) > 200 {
		return plainReply(http.StatusRequestURITooLong, "Request-URI Too Long")
	}
	wanted := make(map[uint32]bool, len(ids))
	for _, id := range ids {
		n, err := strconv.ParseUint(strings.TrimSpace(id), 10, 32)
		if err != nil {
			return xmlReply(
				http.StatusBadRequest,
				"<eFetchResult><ERROR>ID list is empty! In it there are neither IDs nor accessions.</ERROR>", nil,
				"</eFetchResult>",
			)
		}
		wanted[uint32(n)] = true
	}
	if r.Form.Get("retmode") != "xml" || r.Form.Get("db") != "pubmed" {
		return plainReply(http.StatusOK, "")
	}
	var records []string
	for _, record := range s.records {
		if wanted[record.PMID] {
			records = append(records, record.XML)
		}
	}
	if len(records) == 0 {
		return xmlReply(http.StatusOK, "<PubmedArticleSet></PubmedArticleSet>", nil, "")
	}
	return xmlReply(http.StatusOK, "<PubmedArticleSet>\n", records, "\n</PubmedArticleSet>")
}

func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 {
		return n
	}
	return otherwise
}

func day(text string, otherwise time.Time) time.Time {
	if t, err := time.Parse("2006/01/02", text); err == nil {
		return t
	}
	return otherwise
}
