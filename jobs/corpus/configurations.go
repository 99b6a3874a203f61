package corpus

import "slices"

// ConfigurationUse is a configuration and the live units that were computed under it.
type ConfigurationUse struct {
	Fingerprint   string         `json:"fingerprint"`
	Configuration *Configuration `json:"configuration"`
	Units         []string       `json:"units"`
}

// Configurations returns the configurations of the live units, in the order of their first unit. It
// reads one commit record per configuration.
func (c *Corpus) Configurations(s *Snapshot) ([]ConfigurationUse, error) {
	all := []ConfigurationUse{}
	for i := range s.Units {
		r := &s.Units[i]
		k := slices.IndexFunc(all, func(u ConfigurationUse) bool { return u.Fingerprint == r.Fingerprint })
		if k < 0 {
			path := recordPath(r.Unit, r.Key)
			data, err := c.dir.Get(path)
			if err != nil {
				return nil, explain(c.root, err)
			}
			record, err := decodeRecord(path, data)
			if err != nil {
				return nil, explain(c.root, err)
			}
			k, all = len(all), append(
				all, ConfigurationUse{Fingerprint: r.Fingerprint, Configuration: record.Configuration},
			)
		}
		all[k].Units = append(all[k].Units, r.Unit)
	}
	return all, nil
}
