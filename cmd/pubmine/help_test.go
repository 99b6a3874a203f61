package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
)

// leaves returns the commands of the program.
func leaves(t *testing.T) []*kong.Node {
	t.Helper()
	parser, err := newParser(&cli{}, streams{out: new(bytes.Buffer), err: new(bytes.Buffer)})
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model.Leaves(true)
}

// The help of every command has an example, its exit codes, and lines that fit a terminal.
func TestHelpOfEveryCommand(t *testing.T) {
	commands := leaves(t)
	if len(commands) < 20 {
		t.Fatalf("%d commands", len(commands))
	}
	for _, command := range commands {
		path := commandPath(command)
		text := stdout(t, append(strings.Fields(path), "--help")...)
		for _, want := range []string{"Usage: pubmine " + path, "Example", "pubmine ", "Exit codes:\n  0   success"} {
			if !strings.Contains(text, want) {
				t.Errorf("the help of %s has no %q:\n%s", path, want, text)
			}
		}
		for line := range strings.Lines(text) {
			if n := len([]rune(line)); n > 101 {
				t.Errorf("the help of %s has a line of %d columns: %s", path, n, line)
			}
		}
		if again := stdout(t, append([]string{"help"}, strings.Fields(path)...)...); again != text {
			t.Errorf("help %s differs from %[1]s --help", path)
		}
	}
}

func TestExitCodesInHelp(t *testing.T) {
	all := stdout(t, "help", exitTopic)
	for _, code := range exit.Codes() {
		if meaning := exit.Meaning(code); !strings.Contains(all, meaning) || meaning == exit.Meaning(-1) {
			t.Errorf("no %d in:\n%s", code, all)
		}
	}
	for _, test := range []struct {
		command  string
		has, not []int
	}{
		{"run", []int{exit.Rejects, exit.Input, exit.Again}, nil},
		{"version", []int{exit.OK}, []int{exit.Rejects, exit.Input, exit.Again}},
		{"train heads", []int{exit.Input, exit.Again}, []int{exit.Rejects}},
	} {
		help := stdout(t, append(strings.Fields(test.command), "--help")...)
		for _, code := range exit.Codes() {
			shown := strings.Contains(help, exit.Meaning(code))
			if slices.Contains(test.has, code) && !shown || slices.Contains(test.not, code) && shown {
				t.Errorf("%s: exit code %d is shown: %v", test.command, code, shown)
			}
		}
	}
}

// documented reports whether the help of a command lists an exit code.
func documented(args []string, code int) bool {
	parser, err := newParser(&cli{}, streams{out: new(bytes.Buffer), err: new(bytes.Buffer)})
	if err != nil {
		return false
	}
	parsed, err := parser.Parse(args)
	return err != nil || parsed.Selected() == nil || slices.Contains(exitsOf(parsed.Selected()), code)
}

// executed runs a command line, and checks that the help of the command lists its exit code.
func executed(t *testing.T, ctx context.Context, args []string, std streams) error {
	t.Helper()
	err := execute(ctx, args, std)
	if !documented(args, exit.Code(err)) {
		t.Errorf("%q: the help does not list the exit code %d: %v", args, exit.Code(err), err)
	}
	return err
}

func TestVersion(t *testing.T) {
	if out := stdout(t, "--version"); !strings.HasPrefix(out, "pubmine ") || strings.Count(out, "\n") != 1 {
		t.Errorf("--version prints %q", out)
	}
	if out := stdout(t, "version"); !strings.Contains(out, "model   bundled@") {
		t.Errorf("version prints %q", out)
	}
}

// Numbers that make no sense and empty names are refused, though leaving the option out is fine.
func TestFlagsAreChecked(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"run", "x", "--corpus", "C", "--limit", "0"}, "--limit"},
		{[]string{"run", "x", "--corpus", "C", "--limit=-1"}, "--limit"},
		{[]string{"run", "x", "--corpus", "C", "--chunk", "0"}, "--chunk"},
		{[]string{"run", "x", "--corpus", "C", "--max-rejects", "2"}, "--max-rejects"},
		{[]string{"run", "x", "--corpus", ""}, "--corpus"},
		{[]string{"run", "x", "--corpus", "C", "--model", ""}, "--model"},
		{[]string{"run", "x", "--corpus", "C", "--report", ""}, "--report"},
		{[]string{"run", "--corpus", "C", "--query", ""}, "--query"},
		{[]string{"run", "--corpus", "C", "--query", "x", "--max", "0"}, "--max"},
		{[]string{"sync", "--corpus", ""}, "--corpus"},
		{[]string{"sync", "--corpus", "C", "--mirror", ""}, "--mirror"},
		{[]string{"status", "--corpus", ""}, "--corpus"},
		{[]string{"show", "--corpus", "", "1"}, "--corpus"},
		{[]string{"eval", "x", "--examples", "0"}, "--examples"},
		{[]string{"eval", ""}, "<data>"},
		{[]string{"generate", "--model", "x", "--beams", "0"}, "--beams"},
		{[]string{"generate", "--model", "x", "--slots", "0"}, "--slots"},
		{[]string{"generate", "--model", "x", "--max-new=-1"}, "--max-new"},
		{[]string{"generate", "--model", ""}, "--model"},
		{[]string{"train", "heads", "--tasks", "ner", "--train", "x", "--out", ""}, "--out"},
		{[]string{"train", "lm", "--new", "1x32", "--train", "x", "--out", "y", "--rate", "0"}, "--rate"},
		{[]string{"train", "lm", "--new", "1x32", "--train", "x", "--out", "y", "--warmup", "1.5"}, "--warmup"},
		{[]string{"model", "convert", "x", ""}, "<out>"},
		{[]string{"doctor", "--measure=-1s"}, "--measure"},
	} {
		err := execute(t.Context(), test.args, streams{out: new(bytes.Buffer), err: new(bytes.Buffer)})
		if exit.Code(err) != exit.Misuse || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: exit code %d: %v", test.args, exit.Code(err), err)
		}
	}
}
