package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
)

// exitTopic is the help topic that lists all exit codes.
const exitTopic = "exit-codes"

// errPrinted ends the parsing of a command line whose flag --help or --version was served.
var errPrinted = errors.New("printed")

// helpFlag is the flag --help.
type helpFlag bool

// BeforeReset prints the help of the command.
func (helpFlag) BeforeReset(c *kong.Context) error {
	return errors.Join(c.PrintUsage(false), errPrinted)
}

// helpCommand is pubmine help.
type helpCommand struct {
	Topic []string `arg:"" optional:"" help:"A command, or exit-codes."`
}

// Help is the description in pubmine help --help.
func (*helpCommand) Help() string {
	return example("pubmine help train heads", "pubmine help exit-codes")
}

// Run runs the command.
func (c *helpCommand) Run(ctx context.Context, std streams) error {
	if slices.Equal(c.Topic, []string{exitTopic}) {
		return writeExits(std.out, exit.Codes())
	}
	return execute(ctx, append(slices.Clone(c.Topic), "--help"), std)
}

// example formats command lines for a help text.
func example(lines ...string) string { return "Example:\n\n    " + strings.Join(lines, "\n    ") }

// printHelp prints the help of a command, with its exit codes after its options.
func printHelp(options kong.HelpOptions, c *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, c); err != nil {
		return err
	}
	command := c.Selected()
	if command == nil || !command.Leaf() {
		_, err := fmt.Fprintf(c.Stdout, `
Run "pubmine help COMMAND" for the options of a command, "pubmine help %s" for the exit codes.
`, exitTopic)
		return err
	}
	fmt.Fprintln(c.Stdout)
	return writeExits(c.Stdout, exitsOf(command))
}

// commandPath is how a command is called, as "train heads".
func commandPath(n *kong.Node) string {
	if n.Parent == nil {
		return ""
	}
	return strings.TrimSpace(commandPath(n.Parent) + " " + n.Name)
}

// exitsOf returns the exit codes that a command can have, in order.
func exitsOf(n *kong.Node) []int {
	codes := []int{exit.OK, exit.Failure, exit.Misuse, exit.Bug}
	for field := range strings.FieldsSeq(n.Tag.Get("exits")) {
		code, err := strconv.Atoi(field)
		if err == nil {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return codes
}

func writeExits(w io.Writer, codes []int) error {
	fmt.Fprintln(w, "Exit codes:")
	for _, code := range codes {
		if _, err := fmt.Fprintf(w, "  %-4d%s\n", code, exit.Meaning(code)); err != nil {
			return err
		}
	}
	return nil
}
