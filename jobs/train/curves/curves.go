// Package curves writes the curves of a training as one self-contained HTML page: an SVG, and the
// values in a table. Write plots loss and F1 by epoch, WriteLosses training and dev loss by step.
package curves

import (
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"
)

// Point is the measurement after an epoch.
type Point struct {
	Epoch int
	Loss  float64 // mean per word
	F1    float64 // on the dev set, 0 to 1
}

// The size of the plot and of its margins, in pixels.
const (
	width, height = 760, 380
	side, foot    = 60, 50
	top           = 20
)

// Losses is the measurement after a step of training a language model.
type Losses struct {
	Step       int
	Train, Dev float64 // mean per token, in nats
}

// Write plots the points and marks the best epoch, which was kept.
func Write(w io.Writer, title string, points []Point, best int) error {
	most := 0.0
	for _, p := range points {
		most = max(most, p.Loss)
	}
	most = scaleOf(most)
	v := plot{
		Title: title, Label: "Loss and F1 by epoch", Columns: []string{"epoch", "loss", "F1"},
		LeftText: "left: loss per word", RightText: "right: F1 in percent",
		Kept: fmt.Sprintf(
			"The best of %d epochs is epoch %d, with F1 %s on the dev set; it was kept.", len(points),
			best, f1Of(points, best),
		),
	}
	for _, p := range points {
		v.add(p.Epoch, p.Epoch == best, p.Loss/most, p.F1, fmt.Sprintf("%.4f", p.Loss), fmt.Sprintf("%.1f", 100*p.F1))
	}
	v.levels(func(share float64) (left, right string) {
		return fmt.Sprintf("%.3g", most*share), fmt.Sprintf("%.0f", 100*share)
	})
	return v.write(w)
}

func f1Of(points []Point, epoch int) string {
	for _, p := range points {
		if p.Epoch == epoch {
			return fmt.Sprintf("%.1f", 100*p.F1)
		}
	}
	return ""
}

// WriteLosses plots the losses of a language model and marks the best step. The right scale is the
// perplexity.
func WriteLosses(w io.Writer, title string, points []Losses, best int) error {
	most := 0.0
	for _, p := range points {
		most = max(most, p.Train, p.Dev)
	}
	most = scaleOf(most)
	v := plot{
		Title: title, Label: "Loss by step", Columns: []string{"step", "training loss", "dev loss", "perplexity"},
		LeftText: "training loss per token", RightText: "dev loss; right: perplexity",
	}
	for _, p := range points {
		perplexity := fmt.Sprintf("%.4g", math.Exp(p.Dev))
		if p.Step == best {
			v.Kept = fmt.Sprintf(
				"The best of %d measurements is at step %d, with perplexity %s on the dev set.",
				len(points), best, perplexity,
			)
		}
		v.add(
			p.Step, p.Step == best, p.Train/most, p.Dev/most, fmt.Sprintf("%.4f", p.Train),
			fmt.Sprintf("%.4f", p.Dev), perplexity,
		)
	}
	v.levels(func(share float64) (left, right string) {
		return fmt.Sprintf("%.3g", most*share), fmt.Sprintf("%.3g", math.Exp(most*share))
	})
	return v.write(w)
}

// scaleOf returns the value at the top of a scale.
func scaleOf(most float64) float64 {
	if !(most > 0) || math.IsInf(most, 0) {
		return 1
	}
	return most
}

// plot is the content of the page.
type plot struct {
	Title, Label, Kept       string
	Columns                  []string
	LeftText, RightText      string
	Rows                     []row
	Levels                   []level
	Width, Height            int
	Left, Right, Top, Bottom int
	LeftLine, RightLine      string
	Ticks                    []tick
	BestX, BestY             float64
}

type row struct {
	At          int
	Best        bool
	Cells       []string
	left, right float64
}

type tick struct {
	X    float64
	Text string
}

type level struct {
	Y           float64
	Left, Right string
}

func (p *plot) add(at int, best bool, left, right float64, cells ...string) {
	p.Rows = append(p.Rows, row{at, best, cells, left, right})
}

func heightOf(share float64) float64 { return float64(height-foot) - float64(height-foot-top)*share }

// levels labels the horizontal lines.
func (p *plot) levels(text func(share float64) (left, right string)) {
	for i := range 5 {
		share := float64(i) / 4
		left, right := text(share)
		p.Levels = append(p.Levels, level{heightOf(share), left, right})
	}
}

func (p *plot) write(w io.Writer) error {
	p.Width, p.Height, p.Left, p.Right, p.Top, p.Bottom = width, height, side, width-side, top, height-foot
	var left, right []string
	for i, r := range p.Rows {
		x := side + float64(width-2*side)*float64(i)/float64(max(1, len(p.Rows)-1))
		left = append(left, fmt.Sprintf("%.1f,%.1f", x, heightOf(r.left)))
		right = append(right, fmt.Sprintf("%.1f,%.1f", x, heightOf(r.right)))
		if r.Best {
			p.BestX, p.BestY = x, heightOf(r.right)
		}
		if every := max(1, (len(p.Rows)+9)/10); i%every == 0 || len(p.Rows) == 1 {
			p.Ticks = append(p.Ticks, tick{x, fmt.Sprint(r.At)})
		}
	}
	p.LeftLine, p.RightLine = strings.Join(left, " "), strings.Join(right, " ")
	if err := page.Execute(w, p); err != nil {
		return fmt.Errorf("curves: %w", err)
	}
	return nil
}

var page = template.Must(template.New("curves").Funcs(template.FuncMap{
	"below":  func(y int) int { return y + 18 },
	"after":  func(x int) int { return x + 8 },
	"before": func(x int) int { return x - 8 },
}).Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Training of {{.Title}}</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; max-width: 800px; margin: 2em auto; color: #222; }
svg text { font: 12px system-ui, sans-serif; fill: #555; }
table { border-collapse: collapse; } td, th { text-align: right; padding: 1px 12px; } .best { font-weight: bold; }
</style></head><body>
<h1>Training of {{.Title}}</h1>
<p>{{.Kept}}</p>
<svg viewBox="0 0 {{.Width}} {{.Height}}" role="img" aria-label="{{.Label}}">
{{- range .Levels}}
<line x1="{{$.Left}}" x2="{{$.Right}}" y1="{{.Y}}" y2="{{.Y}}" stroke="#ddd"/>
<text x="{{before $.Left}}" y="{{.Y}}" dy="4" text-anchor="end">{{.Left}}</text>
<text x="{{after $.Right}}" y="{{.Y}}" dy="4">{{.Right}}</text>
{{- end}}
{{- range .Ticks}}
<text x="{{.X}}" y="{{below $.Bottom}}" text-anchor="middle">{{.Text}}</text>
{{- end}}
<polyline points="{{.LeftLine}}" fill="none" stroke="#c2410c" stroke-width="2"/>
<polyline points="{{.RightLine}}" fill="none" stroke="#1d4ed8" stroke-width="2"/>
<circle cx="{{.BestX}}" cy="{{.BestY}}" r="5" fill="#1d4ed8"/>
<text x="{{.Left}}" y="{{.Height}}" dy="-8" style="fill:#c2410c">{{.LeftText}}</text>
<text x="{{.Right}}" y="{{.Height}}" dy="-8" text-anchor="end" style="fill:#1d4ed8">{{.RightText}}</text>
</svg>
<table><tr>{{range .Columns}}<th>{{.}}</th>{{end}}</tr>
{{- range .Rows}}
<tr{{if .Best}} class="best"{{end}}><td>{{.At}}</td>{{range .Cells}}<td>{{.}}</td>{{end}}</tr>
{{- end}}
</table></body></html>
`))
