package text

import "github.com/pubmine/pubmine/model"

// windows collects windows.
type windows struct {
	room int
	done []model.Window
	open model.Window
}

// add adds the next sentence, which ends before token end.
func (w *windows) add(end int) {
	if end-w.open.Start > w.room {
		w.flush()
	}
	w.open.End = end
	for w.open.End-w.open.Start > w.room {
		cut := w.open.Start + w.room
		w.done = append(w.done, model.Window{Start: w.open.Start, End: cut})
		w.open.Start = cut
	}
}

func (w *windows) flush() {
	if w.open.End > w.open.Start {
		w.done = append(w.done, w.open)
	}
	w.open.Start = w.open.End
}

func (w *windows) close() []model.Window {
	w.flush()
	return w.done
}
