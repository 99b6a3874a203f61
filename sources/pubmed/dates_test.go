package pubmed

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPubDates(t *testing.T) {
	medline := func(s string) dateParts { return dateParts{medlineDate: s} }
	tests := []struct {
		printed        dateParts
		year           int
		date           string
		precision, raw string
	}{
		{dateParts{year: "1998", month: "Dec", day: "15"}, 1998, "1998-12-15", "day", "1998 Dec 15"},
		{dateParts{year: "1998", month: "12", day: "05"}, 1998, "1998-12-05", "day", "1998 12 05"},
		{dateParts{year: "1998", month: "december"}, 1998, "1998-12-01", "month", "1998 december"},
		{dateParts{year: "1998", month: "Sept"}, 1998, "1998-09-01", "month", "1998 Sept"},
		{dateParts{year: "1998"}, 1998, "1998-01-01", "year", "1998"},
		{dateParts{year: "1998", day: "7"}, 1998, "1998-01-01", "year", "1998 7"},
		{dateParts{year: "1998", month: "Feb", day: "30"}, 1998, "1998-02-01", "month", "1998 Feb 30"},
		{dateParts{year: "2000", month: "Feb", day: "29"}, 2000, "2000-02-29", "day", "2000 Feb 29"},
		{dateParts{year: "1998", month: "Jan-Feb"}, 1998, "1998-01-01", "season", "1998 Jan-Feb"},
		{dateParts{year: "1998", season: "Fall"}, 1998, "1998-10-01", "season", "1998 Fall"},
		{dateParts{year: "1998", season: "Winter-Spring"}, 1998, "1998-01-01", "season", "1998 Winter-Spring"},
		{dateParts{year: "1998", season: "Apr-Jun"}, 1998, "1998-04-01", "season", "1998 Apr-Jun"},
		{medline("1998 Dec-1999 Jan"), 1998, "1998-12-01", "season", "1998 Dec-1999 Jan"},
		{medline("1975 Mar-Apr"), 1975, "1975-03-01", "season", "1975 Mar-Apr"},
		{medline("1978 Sep-OCT"), 1978, "1978-09-01", "season", "1978 Sep-OCT"},
		{medline("2000 Dec 23-30"), 2000, "2000-12-23", "month", "2000 Dec 23-30"},
		{medline("2000 Dec 23"), 2000, "2000-12-23", "day", "2000 Dec 23"},
		{medline("2000 Dec 31-2001 Jan 6"), 2000, "2000-12-31", "season", "2000 Dec 31-2001 Jan 6"},
		{medline("1944-1945"), 1944, "1944-01-01", "year", "1944-1945"},
		{medline("2000 Spring-Summer"), 2000, "2000-04-01", "season", "2000 Spring-Summer"},
		{medline("Summer 1999"), 1999, "1999-07-01", "season", "Summer 1999"},
		{medline("1990 3rd Quart"), 1990, "1990-07-01", "season", "1990 3rd Quart"},
		{medline("Dec. 5, 1987"), 1987, "1987-12-05", "day", "Dec. 5, 1987"},
		{medline("no year"), 0, "", "", "no year"},
		{dateParts{year: "MCMXC"}, 0, "", "", "MCMXC"},
		{dateParts{}, 0, "", "", ""},
	}
	for _, test := range tests {
		got, date := parsePubDate(test.printed), ""
		if got.date != nil {
			date = time.Unix(int64(*got.date)*86400, 0).UTC().Format(time.DateOnly)
		}
		if got.year != test.year || date != test.date || got.precision != test.precision ||
			test.printed.raw() != test.raw {
			t.Errorf(
				"%+v: %d %s %s %q; want %+v", test.printed, got.year, date, got.precision, test.printed.raw(), test,
			)
		}
	}
}

// TestEveryDayRoundTrips prints days as PubMed does and reads them back.
func TestEveryDayRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 150_000).Draw(t, "day"))
		for _, printed := range []dateParts{
			{year: day.Format("2006"), month: day.Format("Jan"), day: day.Format("2")},
			{year: day.Format("2006"), month: day.Format("01"), day: day.Format("02")},
			{medlineDate: day.Format("2006 Jan 2")},
		} {
			got := parsePubDate(printed)
			if got.date == nil || int64(*got.date)*86400 != day.Unix() || got.precision != precisionDay {
				t.Fatalf("%+v: %+v", printed, got)
			}
		}
	})
}

func TestDays(t *testing.T) {
	tests := map[string]string{
		"<D><Year>2019</Year><Month>07</Month><Day>01</Day></D>": "2019-07-01",
		"<D><Year>2019</Year><Month>Jul</Month></D>":             "2019-07-01",
		"<D><Year>2019</Year></D>":                               "2019-01-01",
		"<D><Year>2019</Year><Month>02</Month><Day>30</Day></D>": "",
		"<D><Year>2019</Year><Month>13</Month><Day>01</Day></D>": "",
		"<D><Year>0</Year></D>":                                  "",
		"<D/>":                                                   "",
	}
	for raw, want := range tests {
		d := new(decoder)
		d.reset([]byte(raw))
		d.next()
		got := ""
		if date := d.day(); date != nil {
			got = time.Unix(int64(*date)*86400, 0).UTC().Format(time.DateOnly)
		}
		if got != want || d.fault != nil {
			t.Errorf("%s: %q, %v; want %q", raw, got, d.fault, want)
		}
	}
}
