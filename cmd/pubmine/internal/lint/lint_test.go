package lint

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

const module = "github.com/pubmine/pubmine/"

// Limits from the project's standards.
const (
	maxFileLines     = 500
	maxFunctionLines = 80
	maxMethods       = 3
)

// file is one parsed Go file of the module.
type file struct {
	path  string // slash-separated, relative to the module's root
	dir   string
	test  bool
	lines int
	text  string
	ast   *ast.File
	fset  *token.FileSet
}

func (f file) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", f.path, f.fset.Position(n.Pos()).Line)
}

func (f file) imports() []string {
	var paths []string
	for _, spec := range f.ast.Imports {
		paths = append(paths, strings.Trim(spec.Path.Value, `"`))
	}
	return paths
}

func load(t *testing.T) []file {
	t.Helper()
	root := filepath.Join("..", "..", "..", "..")
	var files []file
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != root && strings.HasPrefix(entry.Name(), ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, path, text, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		files = append(files, file{
			path: rel, dir: filepath.ToSlash(filepath.Dir(rel)), test: strings.HasSuffix(rel, "_test.go"),
			lines: strings.Count(string(text), "\n"), text: string(text), ast: parsed, fset: fset,
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("found only %d Go files under %s: the walk is wrong", len(files), root)
	}
	return files
}

// allowed lists, for each tree of packages, the other trees of this module that its non-test files
// may import. A package may always import packages below it. The first matching prefix counts, so
// longer prefixes come first.
var allowed = []struct {
	tree    string
	imports []string
}{
	{"cmd/", []string{""}},
	{"jobs/store", nil},
	{"jobs/delta", []string{"jobs/store", "schemas"}},
	{"jobs/modeldir", []string{"jobs/store", "model"}},
	{"jobs/markdown", nil},
	{"jobs", []string{"jobs", "pipeline", "stages", "sources", "model", "schemas"}},
	{"pipeline", []string{"pipeline", "model", "schemas"}},
	{"sources", []string{"sources", "schemas"}},
	{"stages", []string{"stages", "model", "schemas"}},
	{"schemas", []string{"schemas"}},
	{"model/tokenizer", []string{"model/tokenizer", "model", "schemas"}},
	{"model/weights", []string{"model/weights"}},
	{"model", []string{"model", "schemas"}},
}

func mayImport(dir, imported string) bool {
	for _, rule := range allowed {
		if !strings.HasPrefix(dir+"/", rule.tree) {
			continue
		}
		for _, prefix := range rule.imports {
			if prefix == "" || imported == prefix || strings.HasPrefix(imported, prefix+"/") {
				return true
			}
		}
		return false
	}
	return false
}

func TestImportsGoOneWay(t *testing.T) {
	for _, f := range load(t) {
		for _, path := range f.imports() {
			imported, ours := strings.CutPrefix(path, module)
			if ours && !f.test && !mayImport(f.dir, imported) {
				t.Errorf(
					"%s imports %s: the layers go cmd, jobs, pipeline, stages and sources, model, schemas", f.path,
					imported,
				)
			}
			if strings.HasPrefix(f.dir, "stages") && !f.test && (imported == "model/biogpt") {
				t.Errorf("%s imports %s: stages are tested without an engine", f.path, imported)
			}
		}
	}
}

func TestLibrariesStayInTheirPlace(t *testing.T) {
	for _, f := range load(t) {
		for _, path := range f.imports() {
			mlx := strings.HasPrefix(path, "github.com/gomlx/")
			if mlx && !strings.HasPrefix(f.dir, "model/biogpt") && !strings.HasPrefix(f.dir, "jobs/train") {
				t.Errorf("%s imports %s: GoMLX stays in model/biogpt and its training", f.path, path)
			}
			arrow, found := strings.CutPrefix(path, "github.com/apache/arrow/go/v17/arrow")
			if found && !slices.Contains([]string{"", "/array", "/ipc", "/memory"}, arrow) {
				t.Errorf("%s imports %s: of arrow only arrow, array, ipc and memory are used", f.path, path)
			}
		}
	}
}

// durable lists calls that make a file appear, and the packages that may use them. Elsewhere files
// are published by jobs/store, durably and whole. The exceptions write temporary files (an archive
// that is unpacked, a download in parts, standard input) and the file that --report names.
var durable = map[string][]string{
	"Rename":    {"jobs/store"},
	"Link":      {"jobs/store"},
	"WriteFile": {"cmd/pubmine", "cmd/pubmine/internal/pjrt"},
	"Create":    {"cmd/pubmine/internal/inputs", "sources/fetch"},
}

func TestForbiddenCalls(t *testing.T) {
	for _, f := range load(t) {
		if f.test || strings.HasSuffix(f.dir, "test") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				x, ok := n.X.(*ast.Ident)
				if dirs, known := durable[n.Sel.Name]; ok && x.Name == "os" && known && !slices.Contains(dirs, f.dir) {
					t.Errorf("%s: os.%s belongs in jobs/store, which publishes files durably", f.at(n), n.Sel.Name)
				}
			case *ast.GoStmt:
				if strings.HasPrefix(f.dir, "stages") {
					t.Errorf("%s: stages start no goroutines", f.at(n))
				}
			case *ast.FuncDecl:
				if n.Name.Name == "init" && n.Recv == nil {
					t.Errorf("%s: no init functions: wiring is explicit", f.at(n))
				}
			}
			return true
		})
	}
}

// Comment lines have at most 100 columns and code lines 120, a tab counting 4. A line is exempt if
// it is a struct tag or one long string: help texts and messages are better whole.
func TestLineLengths(t *testing.T) {
	for _, f := range load(t) {
		for i, line := range strings.Split(f.text, "\n") {
			expanded := strings.ReplaceAll(line, "\t", "    ")
			columns, trimmed := utf8.RuneCountInString(expanded), strings.TrimSpace(line)
			switch {
			case strings.HasPrefix(trimmed, "//go:"):
			case !strings.HasPrefix(trimmed, "//") && exempt(trimmed):
			case strings.HasPrefix(trimmed, "//") && columns > 100:
				t.Errorf("%s:%d: a comment of %d columns, more than 100", f.path, i+1, columns)
			case !strings.HasPrefix(trimmed, "//") && columns > 120:
				t.Errorf("%s:%d: code of %d columns, more than 120", f.path, i+1, columns)
			}
		}
	}
}

// exempt reports whether a line is mostly one string that cannot be wrapped.
func exempt(line string) bool {
	return longString.MatchString(line) || strings.Count(line, "`")%2 == 1
}

// longString matches a string of 60 characters or more.
var longString = regexp.MustCompile("\"(?:\\\\.|[^\"\\\\]){60,}\"|`[^`]{60,}`")

func TestSizes(t *testing.T) {
	var lengths []int
	for _, f := range load(t) {
		if f.lines > maxFileLines {
			t.Errorf(
				"%s has %d lines, more than %d: split it where a second noun appears", f.path, f.lines,
				maxFileLines,
			)
		}
		if !f.test {
			lengths = append(lengths, f.lines)
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Body == nil {
					return true
				}
				lines := f.fset.Position(n.End()).Line - f.fset.Position(n.Pos()).Line + 1
				if lines > maxFunctionLines {
					t.Errorf("%s: %s has %d lines, more than %d", f.at(n), n.Name.Name, lines, maxFunctionLines)
				}
			case *ast.InterfaceType:
				if n.Methods.NumFields() > maxMethods {
					t.Errorf("%s: an interface of %d methods, more than %d", f.at(n), n.Methods.NumFields(), maxMethods)
				}
			}
			return true
		})
	}
	slices.Sort(lengths)
	if median := lengths[len(lengths)/2]; median > 150 {
		t.Errorf("the median file has %d lines, more than 150", median)
	}
}

func TestEverythingExportedIsDocumented(t *testing.T) {
	packageDocs := map[string]bool{}
	dirs := map[string]bool{}
	for _, f := range load(t) {
		if f.test {
			continue
		}
		dirs[f.dir] = true
		packageDocs[f.dir] = packageDocs[f.dir] || f.ast.Doc.Text() != ""
		for _, decl := range f.ast.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Name.IsExported() && exportedReceiver(decl) && decl.Doc.Text() == "" && !conventional(decl) {
					t.Errorf("%s: %s is not documented", f.at(decl), decl.Name.Name)
				}
			case *ast.GenDecl:
				for _, name := range undocumented(decl) {
					t.Errorf("%s: %s is not documented", f.at(name), name.Name)
				}
			}
		}
	}
	for dir := range dirs {
		if !packageDocs[dir] {
			t.Errorf("package %s has no package doc", dir)
		}
	}
}

// conventional methods mean the same everywhere and need no words.
func conventional(decl *ast.FuncDecl) bool {
	return decl.Recv != nil &&
		slices.Contains([]string{"Error", "Unwrap", "String", "Len", "Less", "Swap", "Close"}, decl.Name.Name)
}

func exportedReceiver(decl *ast.FuncDecl) bool {
	if decl.Recv == nil {
		return true
	}
	typ := decl.Recv.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}

// undocumented returns the exported names of a declaration that neither it nor its group documents.
func undocumented(decl *ast.GenDecl) []*ast.Ident {
	var names []*ast.Ident
	for _, spec := range decl.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && spec.Doc.Text() == "" && decl.Doc.Text() == "" {
				names = append(names, spec.Name)
			}
		case *ast.ValueSpec:
			for _, name := range spec.Names {
				if name.IsExported() && spec.Doc.Text() == "" && spec.Comment.Text() == "" && decl.Doc.Text() == "" {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

func TestTopLevel(t *testing.T) {
	want := []string{
		"LICENSE", "Makefile", "README.md", "cmd", "go.mod", "go.sum", "jobs", "model", "pipeline", "schemas",
		"sources", "stages", "testdata",
	}
	entries, err := os.ReadDir(filepath.Join("..", "..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name := e.Name(); !strings.HasPrefix(name, ".") && name != "bin" && !slices.Contains(want, name) {
			t.Errorf("%s stands at the top level, where only %v belong", name, want)
		}
	}
}
