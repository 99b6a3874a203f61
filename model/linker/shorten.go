package linker

import "strings"

// Words that seldom change the concept: at the end and at the beginning of names, by type.
var (
	suffixes = map[string][]string{
		gene: list(
			"protein|proteins|gene|genes|mRNA|receptor|receptors|kinase|antigen|polypeptide|promoter|family|" +
				"isoform|subunit|enzyme",
		),
		chemical: list(
			"hydrochloride|sodium|hydrobromide|sulfate|sulphate|acetate|maleate|citrate|phosphate|chloride|" +
				"mesylate|tartrate|acid|ion|ions|HCl|salts|analogues|compounds|derivatives|agonists|antagonists|treatment|" +
				"therapy",
		),
		disease: list(
			"disease|diseases|syndrome|disorder|disorders|symptoms|phenotype|signs|condition|abnormalities|" +
				"lesions|toxicity|deaths|attacks|episodes|events",
		),
		species: list("strain|strains|virus|spp.|spp|sp.|cells"),
	}
	prefixes = map[string][]string{
		gene: list(
			"human |mouse |murine |rat |bovine |yeast |Drosophila |anti-|wild-type |mutant |recombinant |p-|" +
				"phospho-|c-|v-",
		),
		chemical: list("d-|l-|dl-|(+)-|(-)-|(+/-)-|r-|s-|n-|cis-|trans-|anhydrous |free "),
		disease: list(
			"acute |chronic |severe |mild |recurrent |primary |secondary |idiopathic |sporadic |familial |" +
				"hereditary |inherited |bilateral |advanced |metastatic |early-onset |late-onset |postoperative |transient |" +
				"progressive |isolated |human |adult |childhood |congenital ",
		),
		species: list("wild-type |transgenic |adult |male |female "),
	}
	salts = list("hydrochloride|fumarate|maleate|tartrate|sodium|acetate|sulfate|mesylate|citrate|phosphate|" +
		"hydrobromide|bromide|succinate|besylate|calcium|potassium|chloride")
	ions = map[string]string{
		"Ca": "calcium", "Mg": "magnesium", "Zn": "zinc", "Na": "sodium", "K": "potassium", "Fe": "iron",
		"Cu": "copper", "Mn": "manganese", "Cd": "cadmium", "Hg": "mercury", "Pb": "lead", "Ni": "nickel",
		"Co": "cobalt", "Li": "lithium", "Cl": "chloride", "Al": "aluminum", "Cr": "chromium",
	}
)

func list(words string) []string { return strings.Split(words, "|") }

// stripped returns shorter readings of a name: a gene without "protein", a chemical without its
// salt or stereochemistry, a disease without a stage.
func stripped(typ, name string) (all []string) {
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" && s != name {
			all = append(all, s)
		}
	}
	for _, word := range suffixes[typ] {
		if rest, ok := strings.CutSuffix(name, " "+word); ok {
			add(rest)
		}
	}
	for _, word := range prefixes[typ] {
		if len(name) > len(word) && strings.EqualFold(name[:len(word)], word) {
			add(name[len(word):])
		}
	}
	if typ == gene && len(name) > 3 && strings.ContainsAny(name[:1], "hmrp") && 'A' <= name[1] && name[1] <= 'Z' {
		add(name[1:]) // hTERT, mTOR
	}
	if typ == chemical {
		if at := strings.IndexAny(name, "0123456789(+"); at > 0 && at <= 2 { // Ca2+, Zn(2+)
			if ion, ok := ions[name[:at]]; ok {
				add(ion)
			}
		}
		if name[:1] == "(" || name[:1] == "[" {
			if at := strings.IndexAny(name, ")]"); at > 0 && at+1 < len(name) {
				add(strings.TrimLeft(name[at+1:], "- "))
			}
		}
	}
	return all
}
