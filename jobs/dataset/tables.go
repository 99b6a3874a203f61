package dataset

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Tables reads the three tab-separated tables of ChemProt and DrugProt:
//
//	abstracts: PMID, title, abstract
//	entities:  PMID, key, type, start, end, text      (code points in title + " " + abstract)
//	relations: PMID, type, [.. ignored ..], Arg1:key, Arg2:key
//
// relations may be nil.
func Tables(abstracts, entities, relations io.Reader, rules Rules) ([]Example, Stats, error) {
	var stats Stats
	var order []*builder
	docs := map[string]*builder{}
	err := eachRow(abstracts, "abstracts", 3, func(f []string, _ string) error {
		b := &builder{rules: rules, id: f[0], title: f[1], abstract: f[2]}
		docs[f[0]] = b
		order = append(order, b)
		return nil
	})
	if err != nil {
		return nil, stats, err
	}
	if err := eachRow(entities, "entities", 6, entityRow(docs)); err != nil {
		return nil, stats, err
	}
	if relations != nil {
		if err := eachRow(relations, "relations", 4, relationRow(docs)); err != nil {
			return nil, stats, err
		}
	}
	examples := make([]Example, 0, len(order))
	for _, b := range order {
		e, err := b.build(&stats)
		if err != nil {
			return nil, stats, fmt.Errorf("document %s: %w", b.id, err)
		}
		examples = append(examples, e)
	}
	rules.annotate(examples)
	return examples, stats, nil
}

func entityRow(docs map[string]*builder) func([]string, string) error {
	return func(f []string, where string) error {
		b := docs[f[0]]
		if b == nil {
			return fmt.Errorf("%s: no abstract of document %q", where, f[0])
		}
		start, err1 := strconv.Atoi(f[3])
		end, err2 := strconv.Atoi(f[4])
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("%s: offsets: %w", where, err)
		}
		b.mentions = append(
			b.mentions, rawMention{key: f[1], typ: f[2], start: start, end: end, text: f[5], where: where},
		)
		return nil
	}
}

func relationRow(docs map[string]*builder) func([]string, string) error {
	return func(f []string, where string) error {
		b := docs[f[0]]
		if b == nil {
			return fmt.Errorf("%s: no abstract of document %q", where, f[0])
		}
		subject, ok1 := strings.CutPrefix(f[len(f)-2], "Arg1:")
		object, ok2 := strings.CutPrefix(f[len(f)-1], "Arg2:")
		if !ok1 || !ok2 {
			return fmt.Errorf(
				"%s: want Arg1:key and Arg2:key at the end, have %q and %q", where, f[len(f)-2], f[len(f)-1],
			)
		}
		b.relations = append(b.relations, rawRelation{typ: f[1], subject: subject, object: object})
		return nil
	}
}

// eachRow calls do with the tab-separated fields of each line that is not empty; there must be at
// least minFields.
func eachRow(r io.Reader, table string, minFields int, do func(fields []string, where string) error) error {
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := lines.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read table %s: %w", table, err)
		}
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			where := fmt.Sprintf("table %s, line %d", table, n)
			fields := strings.Split(line, "\t")
			if len(fields) < minFields {
				return fmt.Errorf("%s: %d tab-separated fields, want %d", where, len(fields), minFields)
			}
			if bad := do(fields, where); bad != nil {
				return bad
			}
		}
		if err != nil {
			return nil
		}
	}
}
