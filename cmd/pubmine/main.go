// Command pubmine mines PubMed abstracts into typed Parquet tables.
//
// Results go to stdout, everything said to people to stderr. An error is one line, "pubmine: what:
// where: what to do", and the exit code says what a script should do about it: see exitHelp.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/pubmine/pubmine/sources/bulk"
	"github.com/pubmine/pubmine/sources/hub"
)

// version is set by the linker.
var version = ""

// cli is the command line.
type cli struct {
	Run       runCommand       `cmd:"" help:"Mine PubMed XML into the tables of a corpus."`
	Status    statusCommand    `cmd:"" help:"Say what is in a corpus."`
	Show      showCommand      `cmd:"" help:"Print an abstract with its mentions marked."`
	SQL       sqlCommand       `cmd:"" name:"sql" help:"Print views for DuckDB that leave out what was revised or deleted."`
	Sync      syncCommand      `cmd:"" help:"Keep a corpus up to date with all of PubMed."`
	Train     trainCommand     `cmd:"" help:"Train a model by a recipe."`
	Eval      evalCommand      `cmd:"" help:"Measure a model on annotated documents."`
	Model     modelCommand     `cmd:"" help:"List, inspect, convert, check and download models."`
	Generate  generateCommand  `cmd:"" help:"Write the continuations of prompts."`
	Tokenize  tokenizeCommand  `cmd:"" help:"Print the tokens of texts, with their places."`
	Sentences sentencesCommand `cmd:"" help:"Print where the sentences of texts are."`
	Doctor    doctorCommand    `cmd:"" help:"Say what this machine computes with, and what would make it faster."`
	Backend   backendCommand   `cmd:"" help:"Install what XLA needs."`
	Version   versionCommand   `cmd:"" help:"Say which pubmine this is."`
}

// streams are where a command writes.
type streams struct{ out, err io.Writer }

func main() { os.Exit(mainCode()) }

func mainCode() (code int) {
	std := streams{out: os.Stdout, err: os.Stderr}
	defer func() {
		if p := recover(); p != nil {
			code = report(std.err, &defect{value: p, stack: debug.Stack()})
		}
	}()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGUSR1)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	return report(std.err, execute(ctx, os.Args[1:], std))
}

// execute parses the command line and runs the command.
func execute(ctx context.Context, args []string, std streams) error {
	var c cli
	parser, err := kong.New(
		&c,
		kong.Name("pubmine"),
		kong.Description("Mines PubMed abstracts into typed Parquet tables.\n\n"+exitHelp),
		kong.Vars{
			"bulkURL": bulk.DefaultURL, "hubURL": hub.DefaultURL,
		},
		kong.Writers(std.out, std.err),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)
	if err != nil {
		return fmt.Errorf("command line: %w", err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if err != nil {
		return usage("%w: see pubmine %s", err, strings.TrimSpace(named(err)+" --help"))
	}
	command.BindTo(ctx, (*context.Context)(nil))
	return command.Run(std)
}

// named is the command that a parse error is about, as far as it was understood.
func named(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil && parse.Context.Selected() != nil {
		return parse.Context.Selected().Name
	}
	return ""
}
