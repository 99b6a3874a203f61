// Command pubmine mines PubMed abstracts into typed Parquet tables.
//
// Results go to stdout, messages to stderr. An error is one line: what happened, where, and what to
// do next. The exit code tells a script what to do about it: see exitMeaning.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/sources/bulk"
	"github.com/pubmine/pubmine/sources/hub"
)

// version is set by the linker.
var version = ""

// cli is the command line. The tag exits lists the exit codes of a command beside those that every
// command has.
type cli struct {
	Run       runCommand       `cmd:"" exits:"3 42 75" help:"Extract tables from PubMed XML into a corpus."`
	Status    statusCommand    `cmd:"" help:"Show the contents and state of a corpus."`
	Show      showCommand      `cmd:"" help:"Print an abstract with its mentions marked."`
	Triples   triplesCommand   `cmd:"" exits:"75" help:"Aggregate relations: who is related to what, in how many abstracts."`
	SQL       sqlCommand       `cmd:"" name:"sql" help:"Print DuckDB views that hide superseded and deleted records."`
	Verify    verifyCommand    `cmd:"" exits:"75" help:"Compare everything in a corpus with its log, down to the rows."`
	Edition   editionCommand   `cmd:"" help:"List, use and drop the editions of a corpus."`
	Diff      diffCommand      `cmd:"" exits:"75" help:"Compare two editions of a corpus: what an upgrade changed."`
	GC        gcCommand        `cmd:"" name:"gc" exits:"75" help:"Remove files of a corpus that were replaced some days ago."`
	Compact   compactCommand   `cmd:"" exits:"75" help:"Merge the small files of a corpus."`
	Sync      syncCommand      `cmd:"" exits:"3 42 75" help:"Update a corpus with PubMed's baseline and update files."`
	Train     trainCommand     `cmd:"" help:"Train a model."`
	Eval      evalCommand      `cmd:"" help:"Evaluate a model."`
	Model     modelCommand     `cmd:"" help:"List, inspect, convert, check and download models."`
	Vocab     vocabCommand     `cmd:"" help:"Build, inspect and search vocabularies of concepts."`
	Generate  generateCommand  `cmd:"" exits:"42 75" help:"Continue prompts with a causal language model."`
	Tokenize  tokenizeCommand  `cmd:"" exits:"42 75" help:"Print the tokens of texts and their offsets."`
	Sentences sentencesCommand `cmd:"" exits:"42 75" help:"Print the offsets of the sentences of texts."`
	Doctor    doctorCommand    `cmd:"" exits:"75" help:"Show the machine, the backends and their speed, with advice."`
	Backend   backendCommand   `cmd:"" help:"Install XLA plugins."`
	Version   versionCommand   `cmd:"" help:"Print the versions of the program, the tables and the bundled model."`
	Help      helpCommand      `cmd:"" help:"Show the help of a command, or of the topic exit-codes."`

	ShowHelp    helpFlag    `name:"help" short:"h" help:"Show help."`
	ShowVersion versionFlag `name:"version" help:"Print the version of the program."`
}

func main() { os.Exit(mainCode()) }

func mainCode() (code int) {
	std := streams{out: os.Stdout, err: os.Stderr}
	defer func() {
		if p := recover(); p != nil {
			code = exit.Report(std.err, &exit.Panic{Value: p, Stack: debug.Stack()})
		}
	}()
	signals := []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGUSR1}
	if !signal.Ignored(syscall.SIGHUP) { // which nohup makes it
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	return exit.Report(std.err, execute(ctx, os.Args[1:], std))
}

// newParser returns the parser of the command line.
func newParser(c *cli, std streams) (*kong.Kong, error) {
	parser, err := kong.New(
		c,
		kong.Name("pubmine"),
		kong.Description("Mines PubMed abstracts into typed Parquet tables."),
		kong.Vars{
			"bulkURL": bulk.DefaultURL, "hubURL": hub.DefaultURL, "backends": "auto,cpu,xla:cpu,cuda",
		},
		kong.Writers(std.out, std.err),
		kong.NoDefaultHelp(),
		kong.Help(printHelp),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)
	if err != nil {
		return nil, fmt.Errorf("command line: %w", err)
	}
	return parser, nil
}

// execute parses the command line and runs the command.
func execute(ctx context.Context, args []string, std streams) (err error) {
	std, end := std.guarded()
	defer func() {
		if ended := end(); ended != nil {
			err = errors.Join(err, ended)
		}
	}()
	parser, err := newParser(&cli{}, std)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if errors.Is(err, errPrinted) {
		return nil
	}
	if err != nil {
		return exit.Usage("%w: see pubmine %s", err, strings.TrimSpace(commandOf(err)+" --help"))
	}
	command.BindTo(ctx, (*context.Context)(nil))
	return command.Run(std)
}

// commandOf is the command that a parse error is about, as far as the arguments name one.
func commandOf(err error) string {
	var parse *kong.ParseError
	if !errors.As(err, &parse) || parse.Context == nil || parse.Context.Selected() == nil {
		return ""
	}
	return commandPath(parse.Context.Selected())
}
