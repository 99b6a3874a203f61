package ncbitest

import (
	"fmt"
	"strings"
	"time"
)

// Record is one record of PubMed.
type Record struct {
	PMID    uint32
	Entered time.Time // day on which it entered PubMed
	XML     string    // a PubmedArticle element
}

var (
	agents   = [...]string{"aspirin", "naloxone", "lithium", "caffeine", "metformin", "warfarin", "heparin"}
	findings = [...]string{"headache", "hypertension", "nausea", "tachycardia", "seizures"}
)

// Records makes n records, from PMID 1001 and the year 2000 on, a few for every day. They are
// always the same.
func Records(n int) []Record {
	records := make([]Record, n)
	day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range records {
		day = day.AddDate(0, 0, i*i%3)
		records[i] = Article(
			uint32(1001+7*i), day,
			fmt.Sprintf("Effects of %s on %s, part %d", agents[i%len(agents)], findings[i%len(findings)], i),
		)
	}
	return records
}

// Article makes a record with a title.
func Article(pmid uint32, entered time.Time, title string) Record {
	sentence := fmt.Sprintf("We gave the substance of study %d to %d volunteers, at P<0.05. ", pmid, 10+pmid%90)
	return Record{PMID: pmid, Entered: entered, XML: fmt.Sprintf(
		`<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">%d</PMID><Article `+
			`PubModel="Print">`+
			`<ArticleTitle>%s</ArticleTitle><Abstract><AbstractText>%s</AbstractText></Abstract></Article>`+
			`</MedlineCitation>`+
			`<PubmedData><History><PubMedPubDate PubStatus="entrez"><Year>%d</Year><Month>%d</Month><Day>%d</Day>`+
			`</PubMedPubDate></History>`+
			`<ArticleIdList><ArticleId IdType="pubmed">%d</ArticleId></ArticleIdList></PubmedData></PubmedArticle>`,
		pmid,
		title,
		strings.ReplaceAll(strings.Repeat(sentence, 1+int(pmid%5)), "<", "&lt;"),
		entered.Year(),
		entered.Month(),
		entered.Day(),
		pmid,
	)}
}
