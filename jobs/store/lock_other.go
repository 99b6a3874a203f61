//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package store

// Lock does nothing here: this system has no flock. Two runs on one corpus then do each other's
// work twice, and publish it once.
func (d *Dir) Lock(string) (release func() error, err error) {
	return func() error { return nil }, nil
}

// WaitLock does nothing here.
func (d *Dir) WaitLock(string) (release func() error, err error) {
	return func() error { return nil }, nil
}
