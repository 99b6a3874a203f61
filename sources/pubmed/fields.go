package pubmed

// fields says what to do with the children of an element, by name, to fill a T. A child that is not
// named is passed over. The tables below are PubMed's format as this package reads it.
type fields[T any] map[string]field[T]

// field consumes the element whose start tag was just given, its end tag included.
type field[T any] func(d *decoder, into *T)

// walk consumes the element whose start tag was just given, child by child.
func walk[T any](d *decoder, f fields[T], into *T) {
	for {
		switch d.next() {
		case start:
			if read := f[string(d.name)]; read != nil {
				read(d, into)
			} else {
				d.skip()
			}
		case chars: // white space between the children
		default:
			return
		}
	}
}

// group reads an element that only holds others.
func group[T any](f fields[T]) field[T] {
	return func(d *decoder, into *T) { walk(d, f, into) }
}

// text reads the content into a string, unless an earlier element filled it.
func text[T any](at func(*T) *string) field[T] {
	return func(d *decoder, into *T) {
		if s := at(into); *s == "" {
			*s = d.content()
		} else {
			d.skip()
		}
	}
}

// texts appends the content to a list, unless it is empty.
func texts[T any](at func(*T) *[]string) field[T] {
	return func(d *decoder, into *T) {
		if s := d.content(); s != "" {
			*at(into) = append(*at(into), s)
		}
	}
}

// each appends an item to a list: begun from the attributes, filled by the children.
func each[T, E any](at func(*T) *[]E, begin func(*decoder) E, f fields[E]) field[T] {
	return func(d *decoder, into *T) {
		item := begin(d)
		walk(d, f, &item)
		*at(into) = add(*at(into), item)
	}
}

// leaf appends an item that is made of an element's attributes and its content, unless that is
// empty.
func leaf[T, E any](at func(*T) *[]E, begin func(*decoder) E, name func(*E) *string) field[T] {
	return func(d *decoder, into *T) {
		item := begin(d)
		if *name(&item) = d.content(); *name(&item) != "" {
			*at(into) = add(*at(into), item)
		}
	}
}

// add appends to a list, which begins with room for several: few lists of PubMed have one item.
func add[E any](list []E, item E) []E {
	if list == nil {
		list = make([]E, 0, 4)
	}
	return append(list, item)
}
