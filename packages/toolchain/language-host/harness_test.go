//go:build !windows

// Tests start this very test binary as the host, or as an engine that starts the host, so that
// signals, pipes and process groups are the real ones.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const (
	roleVariable = "LANGUAGE_HOST_TEST_ROLE"
	deadline     = 20 * time.Second
)

func TestMain(m *testing.M) {
	version.Version = "v3.259.0"
	switch os.Getenv(roleVariable) {
	case "host":
		os.Exit(serve(os.Args[1:], os.Stdout, os.Stderr))
	case "engine":
		os.Exit(playEngine(os.Args[1]))
	default:
		os.Exit(m.Run())
	}
}

// running is a host process with a client connected to it.
type running struct {
	cmd    *exec.Cmd
	client pulumirpc.LanguageRuntimeClient
	output string // file that holds what the host and its programs wrote
}

// startHost starts a host as the engine does: an open pipe on its standard input.
func startHost(t *testing.T, environment ...string) *running {
	t.Helper()
	cmd := exec.Command(os.Args[0], "127.0.0.1:1")
	cmd.Env = append(append(os.Environ(), roleVariable+"=host"), environment...)
	stdin, err := cmd.StdinPipe()
	must(t, err)
	output := filepath.Join(t.TempDir(), "output")
	file, err := os.Create(output)
	must(t, err)
	reader, writer, err := os.Pipe()
	must(t, err)
	cmd.Stdout, cmd.Stderr = writer, file
	must(t, cmd.Start())
	must(t, writer.Close())
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	lines := bufio.NewReader(reader)
	line, err := lines.ReadString('\n')
	must(t, err)
	go func() {
		_, _ = lines.WriteTo(file)
	}()
	return &running{cmd: cmd, client: dial(t, strings.TrimSpace(line)), output: output}
}

func dial(t *testing.T, port string) pulumirpc.LanguageRuntimeClient {
	t.Helper()
	connection, err := grpc.NewClient("127.0.0.1:"+port,
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	return pulumirpc.NewLanguageRuntimeClient(connection)
}

// playEngine starts a host, makes it run the program in directory, and waits to be killed.
func playEngine(directory string) int {
	cmd := exec.Command(os.Args[0], "127.0.0.1:1")
	cmd.Env = append(os.Environ(), roleVariable+"=host")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return 1
	}
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		return 1
	}
	write(directory, "host.pid", strconv.Itoa(cmd.Process.Pid))
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return 1
	}
	connection, err := grpc.NewClient("127.0.0.1:"+strings.TrimSpace(line),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return 1
	}
	_, _ = pulumirpc.NewLanguageRuntimeClient(connection).Run(context.Background(), runRequest(directory))
	return 0
}

// program makes a folder whose SDK is the given script, for each of the SDK's runners.
func program(t *testing.T, script string) string {
	t.Helper()
	directory, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	for _, runner := range []string{"run", "run-policy-pack", "run-plugin"} {
		folder := filepath.Join(directory, "node_modules", "@pulumi", "pulumi", "cmd", runner)
		must(t, os.MkdirAll(folder, 0o755))
		must(t, os.WriteFile(filepath.Join(folder, "index.js"), []byte(script), 0o600))
	}
	must(t, os.WriteFile(filepath.Join(directory, "package.json"), []byte(`{"name":"p"}`), 0o600))
	return directory
}

// installPackage puts a package.json into the program's node_modules.
func installPackage(t *testing.T, directory, name, content string) {
	t.Helper()
	folder := filepath.Join(directory, "node_modules", filepath.FromSlash(name))
	must(t, os.MkdirAll(folder, 0o755))
	must(t, os.WriteFile(filepath.Join(folder, "package.json"), []byte(content), 0o600))
}

func programInfo(directory string) *pulumirpc.ProgramInfo {
	return &pulumirpc.ProgramInfo{
		RootDirectory: directory, ProgramDirectory: directory, EntryPoint: "index.js",
	}
}

func runRequest(directory string) *pulumirpc.RunRequest {
	return &pulumirpc.RunRequest{
		Project: "p", Stack: "dev", Pwd: directory, Program: "index.js", Parallel: 8,
		MonitorAddress: "127.0.0.1:2", Organization: "organization", Info: programInfo(directory),
	}
}

func write(directory, name, content string) {
	temporary := filepath.Join(directory, "."+name)
	if err := os.WriteFile(temporary, []byte(content), 0o600); err != nil {
		panic(err)
	}
	if err := os.Rename(temporary, filepath.Join(directory, name)); err != nil {
		panic(err)
	}
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("not within %v: %s", deadline, what)
}

// readPid waits for the file that holds a process id.
func readPid(t *testing.T, directory, name string) int {
	t.Helper()
	var pid int
	eventually(t, name+" is written", func() bool {
		content, err := os.ReadFile(filepath.Join(directory, name))
		if err != nil {
			return false
		}
		pid, err = strconv.Atoi(strings.TrimSpace(string(content)))
		return err == nil
	})
	return pid
}

// alive says whether a process runs; one that is dead but not yet collected does not.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return !os.IsNotExist(err) || !isLinux()
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	return fields[0] != "Z"
}

func isLinux() bool {
	_, err := os.Stat("/proc/self/stat")
	return err == nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	content, err := os.ReadFile(path)
	must(t, err)
	must(t, json.Unmarshal(content, into))
}
