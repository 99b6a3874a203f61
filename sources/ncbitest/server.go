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

// Config is the content of a server.
type Config struct {
	Records []Record
	Keys    []string          // valid API keys
	Now     func() time.Time  // the server's clock; default time.Now
	Fault   func(n int) Fault // of request n, from 0; nil for none
	Files   fs.FS             // content of /pubmed/
}

// Request is a line of the server's log.
type Request struct {
	At     time.Time
	Path   string // with the query string, if any
	Form   url.Values
	Range  string // the header, of files
	Status int    // of the correct reply; a fault may have sent another
}

// Server simulates NCBI. Close it when done.
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

// EUtils returns the base URL of the E-utilities.
func (s *Server) EUtils() string { return s.URL + "/entrez/eutils/" }

// Add adds records.
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

// Busiest returns the largest number of requests within any second.
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

// program returns the handler of an E-utility, with log, rate limit, key check and faults.
func (s *Server) program(answer func(r *http.Request) Reply) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		reply, n := s.answer(r, answer)
		s.fault(n)(w, r, reply)
	}
}

// fault returns the fault of request n.
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

// Secure serves the same over TLS, with a certificate that is not trusted.
func Secure(s *Server) *httptest.Server {
	secure := httptest.NewUnstartedServer(s.Config.Handler)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	return secure
}
