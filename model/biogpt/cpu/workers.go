package cpu

import (
	"sync"
	"sync/atomic"
)

// parallel calls f for every task below tasks on up to threads goroutines, including the caller's;
// worker is the number of the goroutine. Tasks start in order.
func parallel(threads, tasks int, f func(worker, task int)) {
	var next atomic.Int64
	work := func(worker int) {
		for {
			task := int(next.Add(1)) - 1
			if task >= tasks {
				return
			}
			f(worker, task)
		}
	}
	var wg sync.WaitGroup
	for worker := 1; worker < min(threads, tasks); worker++ {
		wg.Go(func() { work(worker) })
	}
	work(0)
	wg.Wait()
}
