package schemas

// Counts are numbers of rows.
type Counts struct {
	Rows     map[string]int64 `json:"rows"`     // by table
	Mentions map[string]int64 `json:"mentions"` // by type
	Rejects  map[string]int64 `json:"rejects"`  // by kind
}

// Add adds the rows of records. Afterwards every table has an entry.
func (c *Counts) Add(records []Rows) {
	c.prepare()
	for _, table := range Tables() {
		n := c.Rows[table.Name]
		for i := range records {
			n += int64(table.Len(&records[i]))
		}
		c.Rows[table.Name] = n // also if it is 0
	}
	for i := range records {
		for j := range records[i].Mentions {
			c.Mentions[records[i].Mentions[j].Type]++
		}
		for j := range records[i].Rejects {
			c.Rejects[records[i].Rejects[j].Kind]++
		}
	}
}

// Merge adds other's numbers.
func (c *Counts) Merge(other Counts) {
	c.prepare()
	add := func(to, from map[string]int64) {
		for name, n := range from {
			to[name] += n
		}
	}
	add(c.Rows, other.Rows)
	add(c.Mentions, other.Mentions)
	add(c.Rejects, other.Rejects)
}

func (c *Counts) prepare() {
	for _, m := range []*map[string]int64{&c.Rows, &c.Mentions, &c.Rejects} {
		if *m == nil {
			*m = map[string]int64{}
		}
	}
}
