package ncbitest

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// A Fault answers a request in place of the correct reply.
type Fault func(w http.ResponseWriter, r *http.Request, right Reply)

// Right sends the correct reply.
func Right(w http.ResponseWriter, _ *http.Request, right Reply) { send(w, right) }

func send(w http.ResponseWriter, reply Reply) {
	w.Header().Set("Content-Type", reply.ContentType)
	w.WriteHeader(reply.Status)
	_, _ = w.Write([]byte(reply.Body())) // the client may have gone
}

// TooMany is status 429 with a Retry-After header, unless that is empty. The body repeats the key.
func TooMany(retryAfter string) Fault {
	return func(w http.ResponseWriter, r *http.Request, _ Reply) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		send(w, rateReply(r.Form.Get("api_key")))
	}
}

// Says answers with a status and a body, whatever the request.
func Says(status int, contentType, body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ Reply) {
		send(w, Reply{Status: status, ContentType: contentType, Head: body})
	}
}

// Page is an HTML page with a status.
func Page(status int) Fault {
	return Says(
		status, "text/html",
		"<!DOCTYPE html>\n<html><head><title>Error</title></head><body><p>Something went wrong.<br></body></html>\n",
	)
}

// Complains is status 200 with an ERROR.
func Complains(text string) Fault {
	return Says(
		http.StatusOK, "text/xml",
		`<?xml version="1.0" ?>`+"\n<eFetchResult>\n\t<ERROR>"+text+"</ERROR>\n</eFetchResult>\n",
	)
}

// Echo is a status with a body that repeats the request, including the key.
func Echo(status int) Fault {
	return func(w http.ResponseWriter, r *http.Request, _ Reply) {
		send(w, Reply{Status: status, ContentType: "text/plain", Head: "cannot do " + r.Form.Encode()})
	}
}

// RedirectTo redirects the client to a URL, where it should repeat the POST.
func RedirectTo(url string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ Reply) {
		w.Header().Set("Location", url)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
}

// Hangup closes the connection without an answer.
func Hangup(http.ResponseWriter, *http.Request, Reply) { panic(http.ErrAbortHandler) }

// Cut breaks the connection after n bytes of a body of announced length.
func Cut(n int) Fault {
	return func(w http.ResponseWriter, _ *http.Request, right Reply) {
		body := right.Body()
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		part(w, right, body, n)
		panic(http.ErrAbortHandler)
	}
}

// CutChunked breaks the connection after n bytes of a body in chunks.
func CutChunked(n int) Fault {
	return func(w http.ResponseWriter, _ *http.Request, right Reply) {
		part(w, right, right.Body(), n)
		panic(http.ErrAbortHandler)
	}
}

// CutSilently ends the body after n bytes as if it were complete.
func CutSilently(n int) Fault {
	return func(w http.ResponseWriter, _ *http.Request, right Reply) {
		body := right.Body()
		w.Header().Set("Content-Length", strconv.Itoa(min(n, len(body))))
		part(w, right, body, n)
	}
}

// Bomb is status 200 and a small gzip that expands to n bytes.
func Bomb(n int) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ Reply) {
		w.Header().Set("Content-Encoding", "gzip")
		zipped := gzip.NewWriter(w)
		page := make([]byte, 1<<20)
		for sent := 0; sent < n; sent += len(page) {
			if _, err := zipped.Write(page); err != nil {
				return // the client is gone
			}
		}
		_ = zipped.Close() // as above
	}
}

// CutGzip breaks the connection after n bytes of a compressed body.
func CutGzip(n int) Fault {
	return func(w http.ResponseWriter, _ *http.Request, right Reply) {
		var zipped bytes.Buffer
		z := gzip.NewWriter(&zipped)
		_, _ = z.Write([]byte(right.Body())) // a Buffer never fails
		_ = z.Close()
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Length", strconv.Itoa(zipped.Len()))
		part(w, right, zipped.String(), n)
		panic(http.ErrAbortHandler)
	}
}

// Stall sends n bytes of the body and then nothing for a while.
func Stall(n int, d time.Duration) Fault {
	return func(w http.ResponseWriter, r *http.Request, right Reply) {
		part(w, right, right.Body(), n)
		select {
		case <-r.Context().Done():
		case <-time.After(d):
		}
		panic(http.ErrAbortHandler)
	}
}

// Drip answers with a status and a body without end, a byte at a time.
func Drip(status int) Fault {
	return func(w http.ResponseWriter, r *http.Request, right Reply) {
		w.Header().Set("Content-Type", right.ContentType)
		w.WriteHeader(status)
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(" ")); err != nil {
				return // the client is gone
			}
			_ = http.NewResponseController(w).Flush()
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func part(w http.ResponseWriter, right Reply, body string, n int) {
	w.Header().Set("Content-Type", right.ContentType)
	w.WriteHeader(right.Status)
	_, _ = w.Write([]byte(body[:min(n, len(body))]))
	_ = http.NewResponseController(w).Flush()
}

// Change sends the reply with other records, or other ids.
func Change(change func(parts []string) []string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, right Reply) {
		right.Parts = change(slices.Clone(right.Parts))
		send(w, right)
	}
}

// Lose omits the first n records.
func Lose(n int) Fault {
	return Change(func(parts []string) []string { return parts[min(n, len(parts)):] })
}

// Twice sends every record twice.
func Twice() Fault {
	return Change(func(parts []string) []string { return append(parts, parts...) })
}

// Also sends a record that was not requested.
func Also(r Record) Fault {
	return Change(func(parts []string) []string { return append(parts, r.XML) })
}

// Backwards sends the records in reverse order.
func Backwards() Fault {
	return Change(func(parts []string) []string { slices.Reverse(parts); return parts })
}
