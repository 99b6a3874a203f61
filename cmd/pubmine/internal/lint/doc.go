// Package lint holds no program, only the test that keeps the shape of the code base: which package
// may import which, how long a file, a function or an interface may grow, and that everything
// exported is documented. It is a Go test so that it runs wherever the other tests do, with nothing
// to install.
package lint
