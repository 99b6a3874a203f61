package torch

import (
	"fmt"

	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/pickle"
)

// The functions that rebuild tensors.
const (
	rebuildTensor    pickle.Global = "torch._utils._rebuild_tensor_v2"
	rebuildParameter pickle.Global = "torch._utils._rebuild_parameter"
)

// Limits of a tensor; the largest published one has two dimensions and 92 million elements.
const (
	maxDimensions = 8
	maxElements   = 1 << 40
)

// host provides the values of torch's pickles that are not plain data.
type host struct {
	legacy   bool
	storages map[string]*storage
	tensors  []*Tensor
}

// dtype is the element type of a storage class, or empty.
func dtype(class pickle.Global) weights.DType {
	switch class {
	case "torch.FloatStorage":
		return weights.F32
	case "torch.HalfStorage":
		return weights.F16
	case "torch.BFloat16Storage":
		return weights.BF16
	case "torch.DoubleStorage":
		return weights.F64
	case "torch.LongStorage":
		return weights.I64
	case "torch.IntStorage":
		return weights.I32
	case "torch.ShortStorage":
		return weights.I16
	case "torch.CharStorage":
		return weights.I8
	case "torch.ByteStorage":
		return weights.U8
	case "torch.BoolStorage":
		return weights.Bool
	}
	return ""
}

// Allows reports whether the global is a storage class or rebuilds a tensor.
func (h *host) Allows(g pickle.Global) bool {
	return g == rebuildTensor || g == rebuildParameter || dtype(g) != ""
}

// Persistent returns the storage of an id.
func (h *host) Persistent(id any) (any, error) {
	want := 5
	if h.legacy {
		want = 6
	}
	fields, ok := id.(pickle.Tuple)
	if !ok || len(fields) != want || fields[0] != any("storage") {
		return nil, fmt.Errorf("a persistent id is not a storage's tuple of %d", want)
	}
	if h.legacy && fields[5] != nil {
		return nil, fmt.Errorf(
			"a storage is a view of another, as torch before 0.4 wrote: save the file again with a newer torch",
		)
	}
	class, ok1 := fields[1].(pickle.Global)
	key, ok2 := fields[2].(string)
	elements, ok3 := fields[4].(int64)
	if !ok1 || !ok2 || !ok3 || dtype(class) == "" || elements < 0 || elements > maxElements {
		return nil, fmt.Errorf("the persistent id of a storage needs a class, a key and a number of elements")
	}
	s, ok := h.storages[key]
	if !ok {
		s = &storage{dtype: dtype(class), elements: elements, at: -1}
		h.storages[key] = s
	}
	if s.dtype != dtype(class) || s.elements != elements {
		return nil, fmt.Errorf("storage %.200q is described in two ways", key)
	}
	return s, nil
}

// Call rebuilds a tensor.
func (h *host) Call(g pickle.Global, args pickle.Tuple) (any, error) {
	switch g {
	case rebuildParameter:
		if len(args) == 3 {
			if t, ok := args[0].(*Tensor); ok {
				return t, nil
			}
		}
		return nil, fmt.Errorf("%s needs a tensor and two more arguments", g)
	case rebuildTensor:
		return h.rebuild(args)
	}
	return nil, fmt.Errorf("%s is called, which is a class of storages", g)
}

// rebuild makes a tensor of (storage, first element, shape, strides, requires_grad, hooks) and, in
// newer files, metadata.
func (h *host) rebuild(args pickle.Tuple) (any, error) {
	if len(args) != 6 && len(args) != 7 {
		return nil, fmt.Errorf("%s is called with %d arguments instead of 6", rebuildTensor, len(args))
	}
	s, ok1 := args[0].(*storage)
	first, ok2 := args[1].(int64)
	shape, ok3 := sizes(args[2])
	strides, ok4 := sizes(args[3])
	if !ok1 || !ok2 || !ok3 || !ok4 || first < 0 || first > maxElements || len(shape) != len(strides) {
		return nil, fmt.Errorf(
			"%s needs a storage, an element, a shape of at most %d dimensions and as many strides", rebuildTensor,
			maxDimensions,
		)
	}
	t := &Tensor{storage: s, first: first, Location: weights.Location{Shape: shape, Strides: strides}}
	h.tensors = append(h.tensors, t)
	return t, nil
}

// sizes returns the numbers of a tuple of sizes.
func sizes(v any) ([]int, bool) {
	tuple, ok := v.(pickle.Tuple)
	if !ok || len(tuple) > maxDimensions {
		return nil, false
	}
	numbers := make([]int, len(tuple))
	for i, item := range tuple {
		n, ok := item.(int64)
		if !ok || n < 0 || n > maxElements {
			return nil, false
		}
		numbers[i] = int(n)
	}
	return numbers, true
}
