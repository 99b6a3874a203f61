package schemas

// BadInputError means that an input cannot be read and that a retry will not help.
type BadInputError struct {
	Path string
	Err  error // the reason, and what to do
}

// Error returns the path and the reason.
func (e *BadInputError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns the reason, without the path.
func (e *BadInputError) Unwrap() error { return e.Err }
