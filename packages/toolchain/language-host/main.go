// Command pulumi-language-nodejs lets the Pulumi engine run Node.js programs and policy packs.
// It is started by the engine, prints its port on the first line, and ends when the engine does.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

const parentPollInterval = 500 * time.Millisecond

func main() {
	os.Exit(serve(os.Args[1:], os.Stdout, os.Stderr))
}

// serve runs the host until the engine is gone or a signal comes, and returns the exit code.
func serve(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("pulumi-language-nodejs", flag.ContinueOnError)
	flags.SetOutput(stderr)
	showVersion := flags.Bool("version", false, "print the version and exit")
	// The engine hands these to every plugin; the host has no log of its own.
	flags.Bool("logtostderr", false, "accepted for the engine's sake")
	flags.Bool("logflow", false, "accepted for the engine's sake")
	flags.Int("v", 0, "accepted for the engine's sake")
	tracing := flags.String("tracing", "", "tracing endpoint, handed on to the program")
	flags.String("root", "", "accepted for the engine's sake")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *showVersion {
		fmt.Fprintln(stdout, version.Version)
		return 0
	}
	if flags.NArg() == 0 {
		fmt.Fprintln(stderr, "pulumi-language-nodejs is started by the Pulumi engine; "+
			"its last argument must be the engine's address. Run `pulumi` instead.")
		return 2
	}

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, endSignals()...)
	go func() {
		<-signals
		stop()
	}()
	go watchStdin(os.Stdin, stop)
	go watchParent(ctx, os.Getppid(), stop)

	host := newHost(flags.Arg(0), *tracing)
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
	})
	if err != nil {
		fmt.Fprintf(stderr, "pulumi-language-nodejs could not listen on loopback: %v\n", err)
		return 1
	}
	fmt.Fprintf(stdout, "%d\n", handle.Port)

	code := 0
	select {
	case <-ctx.Done():
	case err := <-handle.Done:
		if err != nil {
			fmt.Fprintf(stderr, "pulumi-language-nodejs stopped serving: %v\n", err)
			code = 1
		}
	}
	host.processes.endAll()
	return code
}

// watchStdin calls stop when the engine's end of our standard input closes, which the system does
// for it even when it is killed. A terminal or /dev/null says nothing about an engine.
func watchStdin(stdin *os.File, stop func()) {
	info, err := stdin.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return
	}
	_, _ = io.Copy(io.Discard, stdin)
	stop()
}

// watchParent calls stop when the process that started us is no longer our parent.
func watchParent(ctx context.Context, parent int, stop func()) {
	ticker := time.NewTicker(parentPollInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if os.Getppid() != parent {
				stop()
				return
			}
		}
	}
}
