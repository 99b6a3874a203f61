package schemas

// Counts are numbers of rows.
type Counts struct {
	Rows     map[string]int64 `json:"rows"`     // by table
	Mentions map[string]int64 `json:"mentions"` // by type
	Rejects  map[string]int64 `json:"rejects"`  // by kind
}

// Add counts the rows of records. After it every table has a number.
func (c *Counts) Add(records []Rows) {
	c.prepare()
	for _, table := range Tables() {
		n := c.Rows[table.Name]
		for i := range records {
			n += int64(table.Len(&records[i]))
		}
		c.Rows[table.Name] = n // also when it is 0: every table is there
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
	for into, from := range map[*map[string]int64]map[string]int64{&c.Rows: other.Rows, &c.Mentions: other.Mentions, &c.Rejects: other.Rejects} {
		for name, n := range from {
			(*into)[name] += n
		}
	}
}

func (c *Counts) prepare() {
	for _, m := range []*map[string]int64{&c.Rows, &c.Mentions, &c.Rejects} {
		if *m == nil {
			*m = map[string]int64{}
		}
	}
}
