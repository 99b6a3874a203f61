package eutils

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// isRateError recognizes the reply to a request beyond the rate limit, which is JSON with any
// status.
func isRateError(body []byte) bool {
	return !bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) &&
		bytes.Contains(body, []byte("API rate limit exceeded"))
}

// refusal returns the error of a reply that a repeated request would get again.
func refusal(status int, body []byte) error {
	text := string(bytes.TrimSpace(body))
	if _, message := rootAndError(body); message != "" {
		text = message
	}
	switch {
	case strings.Contains(text, "Search Backend failed"), strings.Contains(text, "rate limit exceeded"):
		return tryAgain("NCBI: %s", shorten(text))
	case strings.Contains(text, "API key invalid"):
		return errors.New("NCBI does not know the API key: correct NCBI_API_KEY, or unset it")
	case status == http.StatusForbidden:
		return errors.New("NCBI refuses this address (status 403): write to eutilities@ncbi.nlm.nih.gov")
	case status == http.StatusOK:
		return fmt.Errorf("NCBI: %s", shorten(text))
	}
	return fmt.Errorf("status %d: %s", status, shorten(text))
}

// shorten returns the beginning of a text as one line.
func shorten(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	if len(text) <= shownOfErrors {
		return text
	}
	cut := shownOfErrors
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + " …"
}

// checkXML returns an error for a reply of status 200 that is not complete XML with one of the
// given roots.
func checkXML(body []byte, roots ...string) error {
	text := bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\uFEFF")))
	if len(text) == 0 {
		return tryAgain("an empty reply")
	}
	if text[0] != '<' {
		if bytes.Contains(text, []byte("API key invalid")) {
			return refusal(http.StatusOK, text)
		}
		return tryAgain("a reply that is not XML: %s", shorten(string(text[:min(len(text), 4*shownOfErrors)])))
	}
	root, message := rootAndError(text)
	switch {
	case message != "":
		return refusal(http.StatusOK, text)
	case !slices.Contains(roots, root):
		return tryAgain("a reply with root %q, not %s", root, strings.Join(roots, " or "))
	case bytes.HasSuffix(text, []byte("</"+root+">")):
		return nil
	}
	if i := bytes.LastIndexByte(text, '<'); bytes.HasPrefix(text[i:], []byte("<"+root)) &&
		bytes.HasSuffix(text, []byte("/>")) {
		return nil
	}
	return tryAgain("a reply that does not end in </%s>", root)
}

// rootAndError returns the name of the root element, and the text of an ERROR that is the root or
// the first element in it.
func rootAndError(text []byte) (root, message string) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // names are ASCII
	for {
		token, err := d.Token()
		if err != nil {
			return root, ""
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Local == "ERROR" {
			var message string
			if d.DecodeElement(&message, &start) != nil || strings.TrimSpace(message) == "" {
				message = "an error without a message"
			}
			return root, message
		}
		if root != "" {
			return root, ""
		}
		root = start.Name.Local
	}
}
