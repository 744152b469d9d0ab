//go:build !windows

// No process is left behind, however the program, the host or the engine ends.
package main

import (
	"context"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// family starts a child and stays; both ignore the polite request to end when stubborn is set.
func family(stubborn string) string {
	return `const fs = require("fs"), path = require("path");
const folder = path.resolve(__dirname, "../../../../..");
const ignore = "` + stubborn + `" ? "process.on('SIGTERM', () => {});" : "";
const child = require("child_process").spawn(process.execPath,
  ["-e", ignore + "process.send('up'); setInterval(() => {}, 1000)"], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
if (ignore) process.on("SIGTERM", () => {});
const put = (name, pid) => { fs.writeFileSync(path.join(folder, "." + name), String(pid));
  fs.renameSync(path.join(folder, "." + name), path.join(folder, name)); };
child.once("message", () => { put("child.pid", child.pid); put("program.pid", process.pid); });
`
}

type members struct{ program, child int }

func started(t *testing.T, directory string) members {
	t.Helper()
	return members{program: readPid(t, directory, "program.pid"), child: readPid(t, directory, "child.pid")}
}

func (m members) mustEnd(t *testing.T) {
	t.Helper()
	eventually(t, "the program has ended", func() bool { return !alive(m.program) })
	eventually(t, "the program's child has ended", func() bool { return !alive(m.child) })
}

// inBackground makes the host run the program, and gives what Run will answer.
func inBackground(ctx context.Context, host *running, directory string) <-chan error {
	result := make(chan error, 1)
	go func() {
		_, err := host.client.Run(ctx, runRequest(directory))
		result <- err
	}()
	return result
}

func TestCancelEndsTheProgramAndItsChildren(t *testing.T) {
	for _, stubborn := range []string{"", "stubborn"} {
		host := startHost(t)
		directory := program(t, family(stubborn))
		result := inBackground(context.Background(), host, directory)
		running := started(t, directory)
		_, err := host.client.Cancel(context.Background(), &emptypb.Empty{})
		must(t, err)
		if err := <-result; status.Code(err) != codes.Canceled {
			t.Errorf("Run answered %v", err)
		}
		running.mustEnd(t)
	}
}

func TestTheHostRunsAnotherProgramAfterCancel(t *testing.T) {
	host := startHost(t)
	_, err := host.client.Cancel(context.Background(), &emptypb.Empty{})
	must(t, err)
	response, err := host.client.Run(context.Background(), runRequest(program(t, "")))
	must(t, err)
	if response.GetError() != "" {
		t.Error(response.GetError())
	}
}

func TestACallThatTheEngineDropsEndsTheProgram(t *testing.T) {
	host := startHost(t)
	directory := program(t, family(""))
	ctx, drop := context.WithCancel(context.Background())
	result := inBackground(ctx, host, directory)
	running := started(t, directory)
	drop()
	<-result
	running.mustEnd(t)
}

func TestAPluginEndsWithItsCall(t *testing.T) {
	host := startHost(t)
	directory := program(t, family(""))
	ctx, drop := context.WithCancel(context.Background())
	_, err := host.client.RunPlugin(ctx, &pulumirpc.RunPluginRequest{
		Kind: "analyzer", Info: programInfo(directory), Env: os.Environ(),
	})
	must(t, err)
	running := started(t, directory)
	drop()
	running.mustEnd(t)
}

func TestAProgramThatEndsLeavesNoChild(t *testing.T) {
	host := startHost(t)
	directory := program(t, family("")+`child.once("message", () => process.exit(0));`)
	response, err := host.client.Run(context.Background(), runRequest(directory))
	must(t, err)
	if response.GetError() != "" {
		t.Error(response.GetError())
	}
	started(t, directory).mustEnd(t)
}

func TestSignalsEndTheHostAndTheProgram(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		host := startHost(t)
		directory := program(t, family(""))
		inBackground(context.Background(), host, directory)
		running := started(t, directory)
		must(t, host.cmd.Process.Signal(signal))
		running.mustEnd(t)
		eventually(t, "the host has ended", func() bool { return !alive(host.cmd.Process.Pid) })
	}
}

func TestAKilledHostTakesTheProgramWithIt(t *testing.T) {
	if !isLinux() {
		t.Skip("needs the parent-death signal of Linux")
	}
	host := startHost(t)
	directory := program(t, family(""))
	inBackground(context.Background(), host, directory)
	running := started(t, directory)
	must(t, host.cmd.Process.Kill())
	eventually(t, "the program has ended", func() bool { return !alive(running.program) })
	// Its own child is out of anyone's reach then.
	_ = syscall.Kill(running.child, syscall.SIGKILL)
}

func TestAKilledEngineLeavesNothing(t *testing.T) {
	directory := program(t, family("stubborn"))
	engine := exec.Command(os.Args[0], directory)
	engine.Env = append(os.Environ(), roleVariable+"=engine")
	must(t, engine.Start())
	host := readPid(t, directory, "host.pid")
	running := started(t, directory)
	must(t, engine.Process.Kill())
	_ = engine.Wait()
	running.mustEnd(t)
	eventually(t, "the host has ended", func() bool { return !alive(host) })
}

func TestTheHostEndsWithItsParentWhenItsStandardInputTellsNothing(t *testing.T) {
	directory := t.TempDir()
	// The shell is the parent; it ends at once, and the host must see it.
	shell := exec.Command("sh", "-c", `"$0" 127.0.0.1:1 </dev/null >/dev/null 2>&1 & echo $! >"$1/.pid"; sleep 0.3; mv "$1/.pid" "$1/host.pid"`,
		os.Args[0], directory)
	shell.Env = append(os.Environ(), roleVariable+"=host")
	must(t, shell.Run())
	host := readPid(t, directory, "host.pid")
	eventually(t, "the host has ended", func() bool { return !alive(host) })
}

func TestEndAllReturnsWhenNothingRuns(t *testing.T) {
	done := make(chan struct{})
	go func() {
		p := newProcesses()
		p.endAll()
		if err := p.run(context.Background(), exec.Command("true")); err == nil {
			t.Error("a program was started after the end")
		}
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(deadline):
		t.Fatal("endAll hangs")
	}
}
