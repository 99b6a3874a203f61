package pubmed

// fields are the readers of the children of an element, by name, that fill a T. Other children are
// skipped. The tables below define PubMed's format.
type fields[T any] map[string]field[T]

// field consumes the element whose start tag is the current token, up to its end tag.
type field[T any] func(d *decoder, into *T)

// walk consumes the element whose start tag is the current token, child by child.
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

// group reads an element that has only child elements.
func group[T any](f fields[T]) field[T] {
	return func(d *decoder, into *T) { walk(d, f, into) }
}

// text reads the content into a string, unless that is set.
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

// each appends an item to a list. begin makes it from the attributes, f reads the children.
func each[T, E any](at func(*T) *[]E, begin func(*decoder) E, f fields[E]) field[T] {
	return func(d *decoder, into *T) {
		item := begin(d)
		walk(d, f, &item)
		*at(into) = add(*at(into), item)
	}
}

// leaf appends an item with an element's attributes and content, unless the content is empty.
func leaf[T, E any](at func(*T) *[]E, begin func(*decoder) E, name func(*E) *string) field[T] {
	return func(d *decoder, into *T) {
		item := begin(d)
		if *name(&item) = d.content(); *name(&item) != "" {
			*at(into) = add(*at(into), item)
		}
	}
}

// add appends to a list. A new list has room for several items, as few lists of PubMed have one.
func add[E any](list []E, item E) []E {
	if list == nil {
		list = make([]E, 0, 4)
	}
	return append(list, item)
}
