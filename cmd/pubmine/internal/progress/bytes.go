package progress

import (
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// bytesAfter is how long work takes before Bytes draws: short work needs no bar.
const bytesAfter = 2 * time.Second

// Bytes returns a function that draws how many of a number of bytes are done, once the work takes
// long, and one that removes what is drawn.
func Bytes(w io.Writer, what string) (show func(done, all int64), end func()) {
	return bytesFrom(w, what, time.Now().Add(bytesAfter))
}

func bytesFrom(w io.Writer, what string, begin time.Time) (show func(done, all int64), end func()) {
	var bar *progressbar.ProgressBar
	// A failure to draw must not stop the work.
	show = func(done, all int64) {
		if time.Now().Before(begin) {
			return
		}
		if bar == nil {
			bar = progressbar.NewOptions64(
				all, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
				progressbar.OptionSetWidth(24), progressbar.OptionShowBytes(true),
				progressbar.OptionSetElapsedTime(false), progressbar.OptionThrottle(200*time.Millisecond),
			)
		}
		_ = bar.Set64(done)
	}
	return show, func() {
		if bar != nil {
			_ = bar.Clear()
		}
	}
}
