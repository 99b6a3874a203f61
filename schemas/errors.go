package schemas

// BadInputError says that an input cannot be read and that trying again will not help.
type BadInputError struct {
	Path string
	Err  error // what is wrong, and what to do
}

// Error returns the path and what is wrong with it.
func (e *BadInputError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns what is wrong, without the path.
func (e *BadInputError) Unwrap() error { return e.Err }
