package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pubmine/pubmine/model/catalog"
)

// eval gives the scores of the bundled model that its card has.
func TestEvalAgreesWithTheCard(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the bundled model over 100 abstracts")
	}
	shared := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(shared); err != nil {
		t.Skip("the public corpora are not here: want ../shared/data beside the repository")
	}
	m, err := catalog.Resolve(catalog.Bundled)
	if err != nil {
		t.Fatal(err)
	}
	var result struct {
		Model   string
		Results []struct {
			Name     string
			Mentions struct {
				Strict struct {
					Micro struct{ Precision, Recall, F1 float64 }
				}
			}
		}
	}
	printed := stdout(t, "eval", "ncbi-disease/dev", "--data", shared, "--tasks", "ner", "--json")
	if err := json.Unmarshal([]byte(printed), &result); err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(m.Card.Scores, func(s catalog.Score) bool {
		return s.Data == "ncbi-disease/dev" && s.Setting == "" && s.Type == ""
	})
	if at < 0 {
		t.Fatal("the card has no scores of ncbi-disease/dev")
	}
	got, want := result.Results[0].Mentions.Strict.Micro, m.Card.Scores[at]
	if result.Model != m.ID() || math.Abs(100*got.F1-want.F1) > 0.1 || math.Abs(100*got.Recall-want.Recall) > 0.2 {
		t.Errorf("model %s: %+v, the card has %+v", result.Model, got, want)
	}
}
