package pubmed

import (
	"strconv"
	"strings"
	"time"

	"github.com/pubmine/pubmine/schemas"
)

// The values of PubDatePrecision: the smallest of these periods that contains the printed date. A
// range of months is a season.
const (
	precisionDay    = "day"
	precisionMonth  = "month"
	precisionSeason = "season"
	precisionYear   = "year"
)

// dateParts are the children of a date element, as printed.
type dateParts struct{ year, month, day, season, medlineDate string }

var dateFields = fields[dateParts]{
	"Year":        text(func(p *dateParts) *string { return &p.year }),
	"Month":       text(func(p *dateParts) *string { return &p.month }),
	"Day":         text(func(p *dateParts) *string { return &p.day }),
	"Season":      text(func(p *dateParts) *string { return &p.season }),
	"MedlineDate": text(func(p *dateParts) *string { return &p.medlineDate }),
}

// raw returns the printed parts joined by spaces.
func (p dateParts) raw() string {
	return strings.Join(
		strings.Fields(strings.Join([]string{p.year, p.month, p.day, p.season, p.medlineDate}, " ")), " ",
	)
}

// day consumes a date element of numbers, such as DateRevised, and returns its day. A missing day
// or month is the first. It returns nil if there is no such day.
func (d *decoder) day() *schemas.Date {
	var p dateParts
	walk(d, dateFields, &p)
	return newDate(
		number(p.year), max(monthNumber(p.month), oneIfEmpty(p.month)), max(number(p.day), oneIfEmpty(p.day)),
	)
}

func oneIfEmpty(s string) int {
	if s == "" {
		return 1
	}
	return 0
}

// newDate returns nil if there is no such day.
func newDate(year, month, day int) *schemas.Date {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if year < 1 || year > 9999 || t.Month() != time.Month(month) || t.Day() != day {
		return nil
	}
	date := schemas.NewDate(year, time.Month(month), day)
	return &date
}

// number returns the value of a string of digits, or 0.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// monthNumber reads "5", "05", "May" and "MAY". It returns 0 for anything else.
func monthNumber(s string) int {
	if n := number(s); n >= 1 && n <= 12 {
		return n
	}
	if len(s) < 3 {
		return 0
	}
	const names = "january february march april may june july august september october november december"
	for i, name := range strings.Fields(names) {
		if strings.HasPrefix(name, strings.ToLower(s)) {
			return i + 1
		}
	}
	return 0
}

// seasonStart returns the first month of a season or quarter, as in PubMed's help on sorting by
// date.
var seasonStart = map[string]int{
	"winter": 1, "spring": 4, "summer": 7, "fall": 10, "autumn": 10,
	"1st": 1, "2nd": 4, "3rd": 7, "4th": 10,
}

// published is a parsed publication date.
type published struct {
	year      int
	date      *schemas.Date
	precision string
}

// parsePubDate reads any form of a publication date: "1998 Dec 15", "2000 Spring", "1998 Dec-1999
// Jan", "2000 Dec 23-30", "1976-1977". The year is the first printed one, the date the first day of
// the known period.
func parsePubDate(p dateParts) published {
	var seen printed
	if p.medlineDate != "" {
		seen.read(p.medlineDate)
	} else {
		seen.years = append(seen.years, number(p.year))
		if m := monthNumber(p.month); m > 0 {
			seen.months = append(seen.months, m)
		} else {
			seen.read(p.month)
		}
		seen.read(p.season)
		if d := number(p.day); d > 0 && len(seen.months) > 0 {
			seen.days = append(seen.days, d)
		}
	}
	return seen.publication()
}

// printed has the parts of a date in the order of printing.
type printed struct{ years, months, days, seasons []int }

func (s *printed) read(text string) {
	afterMonth := false
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" -/,;.&–", r) }) {
		n := number(word)
		switch {
		case n >= 1000 && n <= 9999:
			s.years, afterMonth = append(s.years, n), false
		case n >= 1 && n <= 31:
			if afterMonth {
				s.days = append(s.days, n)
			}
		case seasonStart[strings.ToLower(word)] > 0:
			s.seasons, afterMonth = append(s.seasons, seasonStart[strings.ToLower(word)]), false
		case monthNumber(word) > 0:
			s.months, afterMonth = append(s.months, monthNumber(word)), true
		}
	}
}

func (s *printed) publication() published {
	if len(s.years) == 0 || s.years[0] < 1 || s.years[0] > 9999 {
		return published{}
	}
	p := published{year: s.years[0], precision: precisionYear}
	month, day := 1, 1
	switch {
	case len(s.months) == 0 && len(s.seasons) == 0:
	case len(s.months) == 0:
		month, p.precision = s.seasons[0], precisionSeason
	default:
		month, p.precision = s.months[0], precisionMonth
		if len(s.months) > 1 || len(s.years) > 1 || len(s.seasons) > 0 {
			p.precision = precisionSeason
		}
	}
	if len(s.days) > 0 && newDate(p.year, month, s.days[0]) != nil {
		day = s.days[0]
		if len(s.days) == 1 && p.precision == precisionMonth {
			p.precision = precisionDay
		}
	}
	p.date = newDate(p.year, month, day)
	return p
}
