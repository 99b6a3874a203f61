// Package curves draws how training went as one HTML page that needs nothing else: an SVG with the loss and the F1 on the development
// part by epoch, and the figures in a table.
package curves

import (
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"
)

// Point is what was measured after an epoch.
type Point struct {
	Epoch int
	Loss  float64 // mean of a word
	F1    float64 // on the development part, 0 to 1
}

// The size of the drawing and of its margins, in pixels.
const (
	width, height = 760, 380
	side, foot    = 60, 50
	top           = 20
)

// Write draws the points, with the epoch that was kept marked.
func Write(w io.Writer, title string, points []Point, best int) error {
	most := 0.0
	for _, p := range points {
		most = max(most, p.Loss)
	}
	if !(most > 0) || math.IsInf(most, 0) {
		most = 1
	}
	v := plot{Title: title, Best: best, Points: points, Width: width, Height: height, Left: side, Right: width - side, Top: top, Bottom: height - foot}
	x := func(i int) float64 {
		return side + float64(width-2*side)*float64(i)/float64(max(1, len(points)-1))
	}
	y := func(share float64) float64 { return float64(height-foot) - float64(height-foot-top)*share }
	var loss, f1 []string
	for i, p := range points {
		loss = append(loss, fmt.Sprintf("%.1f,%.1f", x(i), y(p.Loss/most)))
		f1 = append(f1, fmt.Sprintf("%.1f,%.1f", x(i), y(p.F1)))
		if p.Epoch == best {
			v.BestX, v.BestY, v.BestF1 = x(i), y(p.F1), fmt.Sprintf("%.1f", 100*p.F1)
		}
		if every := max(1, (len(points)+9)/10); i%every == 0 || len(points) == 1 {
			v.Epochs = append(v.Epochs, tick{x(i), fmt.Sprint(p.Epoch)})
		}
	}
	v.Loss, v.F1 = strings.Join(loss, " "), strings.Join(f1, " ")
	for i := range 5 {
		share := float64(i) / 4
		v.Shares = append(v.Shares, level{y(share), fmt.Sprintf("%.3g", most*share), fmt.Sprintf("%.0f", 100*share)})
	}
	if err := page.Execute(w, v); err != nil {
		return fmt.Errorf("curves: %w", err)
	}
	return nil
}

type plot struct {
	Title                    string
	Best                     int
	BestX, BestY             float64
	BestF1                   string
	Points                   []Point
	Width, Height            int
	Left, Right, Top, Bottom int
	Loss, F1                 string
	Epochs                   []tick
	Shares                   []level
}

type tick struct {
	X    float64
	Text string
}

type level struct {
	Y        float64
	Loss, F1 string
}

var page = template.Must(template.New("curves").Funcs(template.FuncMap{
	"percent": func(x float64) string { return fmt.Sprintf("%.1f", 100*x) },
	"below":   func(y int) int { return y + 18 },
	"after":   func(x int) int { return x + 8 },
	"before":  func(x int) int { return x - 8 },
}).Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Training of {{.Title}}</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; max-width: 800px; margin: 2em auto; color: #222; }
svg text { font: 12px system-ui, sans-serif; fill: #555; }
table { border-collapse: collapse; } td, th { text-align: right; padding: 1px 12px; } .best { font-weight: bold; }
</style></head><body>
<h1>Training of {{.Title}}</h1>
<p>The best of {{len .Points}} epochs is epoch {{.Best}}, with F1 {{.BestF1}} on the development part; it was kept.</p>
<svg viewBox="0 0 {{.Width}} {{.Height}}" role="img" aria-label="Loss and F1 by epoch">
{{- range .Shares}}
<line x1="{{$.Left}}" x2="{{$.Right}}" y1="{{.Y}}" y2="{{.Y}}" stroke="#ddd"/>
<text x="{{before $.Left}}" y="{{.Y}}" dy="4" text-anchor="end">{{.Loss}}</text>
<text x="{{after $.Right}}" y="{{.Y}}" dy="4">{{.F1}}</text>
{{- end}}
{{- range .Epochs}}
<text x="{{.X}}" y="{{below $.Bottom}}" text-anchor="middle">{{.Text}}</text>
{{- end}}
<polyline points="{{.Loss}}" fill="none" stroke="#c2410c" stroke-width="2"/>
<polyline points="{{.F1}}" fill="none" stroke="#1d4ed8" stroke-width="2"/>
<circle cx="{{.BestX}}" cy="{{.BestY}}" r="5" fill="#1d4ed8"/>
<text x="{{.Left}}" y="{{.Height}}" dy="-8" style="fill:#c2410c">left: loss of a word</text>
<text x="{{.Right}}" y="{{.Height}}" dy="-8" text-anchor="end" style="fill:#1d4ed8">right: F1 in percent</text>
</svg>
<table><tr><th>epoch</th><th>loss</th><th>F1</th></tr>
{{- range .Points}}
<tr{{if eq .Epoch $.Best}} class="best"{{end}}><td>{{.Epoch}}</td><td>{{printf "%.4f" .Loss}}</td><td>{{percent .F1}}</td></tr>
{{- end}}
</table></body></html>
`))
