package ncbitest

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Config says what a server holds.
type Config struct {
	Records []Record
	Keys    []string          // API keys that are known
	Now     func() time.Time  // the server's clock; default time.Now
	Fault   func(n int) Fault // what goes wrong with request n, from 0; nil for nothing
	Files   fs.FS             // what stands below /pubmed/
}

// Request is a line of the server's log.
type Request struct {
	At     time.Time
	Path   string // with the query string, if any
	Form   url.Values
	Range  string // the header, of files
	Status int    // that the request deserved; a fault may have sent another
}

// Server is an NCBI. Close it when done.
type Server struct {
	*httptest.Server
	config Config

	mu      sync.Mutex
	records []Record // newest first
	log     []Request
}

// Start starts a server.
func Start(c Config) *Server {
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Server{config: c}
	s.Add(c.Records...)
	mux := http.NewServeMux()
	mux.HandleFunc("/entrez/eutils/esearch.fcgi", s.program(s.search))
	mux.HandleFunc("/entrez/eutils/efetch.fcgi", s.program(s.fetch))
	if c.Files != nil {
		mux.HandleFunc("/pubmed/", s.files())
	}
	s.Server = httptest.NewServer(mux)
	return s
}

// EUtils is the base URL of the E-utilities.
func (s *Server) EUtils() string { return s.URL + "/entrez/eutils/" }

// Add puts more records into PubMed.
func (s *Server) Add(records ...Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, records...)
	slices.SortStableFunc(
		s.records,
		func(a, b Record) int { return cmp.Or(b.Entered.Compare(a.Entered), cmp.Compare(b.PMID, a.PMID)) },
	)
}

// Log returns the requests so far.
func (s *Server) Log() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// Busiest returns the largest number of requests that came within any one second.
func (s *Server) Busiest() int {
	log, most := s.Log(), 0
	for i, first := range log {
		n := 0
		for n < len(log)-i && log[i+n].At.Sub(first.At) < time.Second {
			n++
		}
		most = max(most, n)
	}
	return most
}

// program makes a handler of an E-utility: the log, the rate, the key, and faults.
func (s *Server) program(answer func(r *http.Request) Reply) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		reply, n := s.answer(r, answer)
		s.fault(n)(w, r, reply)
	}
}

// fault is what request n meets.
func (s *Server) fault(n int) Fault {
	if s.config.Fault != nil {
		if fault := s.config.Fault(n); fault != nil {
			return fault
		}
	}
	return Right
}

func (s *Server) answer(r *http.Request, answer func(r *http.Request) Reply) (Reply, int) {
	parsing := r.ParseForm()
	s.mu.Lock()
	defer s.mu.Unlock()
	key, limit := "", 3
	if slices.Contains(s.config.Keys, r.Form.Get("api_key")) {
		key, limit = r.Form.Get("api_key"), 10
	}
	line := Request{At: s.config.Now(), Path: r.URL.RequestURI(), Form: r.Form}
	recent := 0
	for _, before := range slices.Backward(s.log) {
		if line.At.Sub(before.At) >= time.Second {
			break
		}
		recent++
	}
	var reply Reply
	switch {
	case parsing != nil:
		reply = plainReply(http.StatusBadRequest, parsing.Error())
	case r.Form.Has("api_key") && key == "":
		reply = jsonReply(
			http.StatusBadRequest,
			fmt.Sprintf(
				`{"error":"API key invalid","api-key":%q,"type":"invalid","status":"unknown"}`,
				r.Form.Get("api_key"),
			),
		)
	case recent >= limit:
		reply = rateReply(key)
	default:
		reply = answer(r)
	}
	line.Status = reply.Status
	s.log = append(s.log, line)
	return reply, len(s.log) - 1
}

func rateReply(key string) Reply {
	return jsonReply(
		http.StatusTooManyRequests,
		fmt.Sprintf(
			`{"error":"API rate limit exceeded","api-key":%q,"count":"11","limit":"10"}`, cmp.Or(key, "127.0.0.1"),
		),
	)
}

// Secure serves the same over TLS, with a certificate that nobody trusts.
func Secure(s *Server) *httptest.Server {
	secure := httptest.NewUnstartedServer(s.Config.Handler)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	return secure
}
