package device

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/pubmine/pubmine/model/biogpt/cpu"
)

// Speed is the speed of matrix products.
type Speed struct {
	FLOPS float64 // operations per second, where a multiplication and an addition are two
	DType string  // of the factors
}

// Speed measures products of square matrices, of a size at which a backend is fastest, for about
// the given time. On CUDA the factors are bfloat16, otherwise float32. The median round counts,
// because some are disturbed and some clocks jump.
func (d *Device) Speed(about time.Duration) (Speed, error) {
	if d.backend == nil {
		return Speed{FLOPS: cpu.Speed(about, runtime.GOMAXPROCS(0)), DType: dtypes.Float32.String()}, nil
	}
	n, chain, dtype := 1024, 1, dtypes.Float32
	if d.class == CUDA {
		n, chain, dtype = 8192, 4, dtypes.BFloat16
	}
	square := shapes.Make(dtypes.Float32, n, n)
	program, err := d.Compile("speed", []shapes.Shape{square, square}, func(in []*Node) []*Node {
		x, y := ConvertDType(in[0], dtype), ConvertDType(in[1], dtype)
		for range chain {
			x = MulScalar(Dot(x, y).Product(), 0.03) // stays finite
		}
		return []*Node{ReduceAllSum(ConvertDType(x, dtypes.Float32))}
	})
	if err != nil {
		return Speed{}, err
	}
	defer program.Close()
	values := make([]float32, n*n)
	for i := range values {
		values[i] = float32(i*7919%1009)/1009 - 0.5
	}
	factors := make([]Buffer, 2)
	for i := range factors {
		if factors[i], err = Upload(d, values, n, n); err != nil {
			return Speed{}, err
		}
		defer Free(factors[i])
	}
	var rounds []time.Duration
	for start := time.Now(); len(rounds) < 3 || time.Since(start) < about; {
		took, err := program.timed(factors)
		if err != nil {
			return Speed{}, err
		}
		rounds = append(rounds, took)
	}
	slices.Sort(rounds)
	median := rounds[len(rounds)/2]
	if median <= 0 {
		return Speed{}, fmt.Errorf("speed of %s: no time elapsed", d.class)
	}
	return Speed{
		FLOPS: float64(chain) * 2 * float64(n) * float64(n) * float64(n) / median.Seconds(), DType: dtype.String(),
	}, nil
}

// timed runs a program with one output of one value, and returns the time until the value was read.
func (p *Program) timed(in []Buffer) (time.Duration, error) {
	start := time.Now()
	out, err := p.Run(in, 0)
	if err != nil {
		return 0, err
	}
	defer Free(out...)
	_, err = out[0].Float32s(1)
	return time.Since(start), err
}
