//go:build !windows

// Run and RunPlugin: what the program is given, and what the engine is told.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

// tell makes the program write down what it was given.
const tell = `const fs = require("fs");
fs.writeFileSync(process.env.TELL || process.argv[process.argv.indexOf("--pwd") + 1] + "/told.json", JSON.stringify({
  args: process.argv.slice(2), execArgv: process.execArgv, cwd: process.cwd(),
  config: process.env.PULUMI_CONFIG, secretKeys: process.env.PULUMI_CONFIG_SECRET_KEYS,
  typescript: process.env.PULUMI_NODEJS_TYPESCRIPT, tsconfig: process.env.PULUMI_NODEJS_TSCONFIG_PATH,
  marker: process.env.PULUMI_NODEJS_HIDDEN_ENVIRONMENT,
  environ: fs.existsSync("/proc/self/environ") ? fs.readFileSync("/proc/self/environ", "utf8") : "",
}));
`

type told struct {
	Args, ExecArgv                      []string
	Cwd, Config, SecretKeys, Typescript string
	Tsconfig, Marker, Environ           string
}

func TestRunGivesTheProgramWhatTheEngineSays(t *testing.T) {
	directory := program(t, tell)
	request := runRequest(directory)
	request.DryRun = true
	request.Args = []string{"extra"}
	request.Config = map[string]string{"p:colour": "blue"}
	response, err := startHost(t).client.Run(context.Background(), request)
	must(t, err)
	if response.GetError() != "" || response.GetBail() {
		t.Fatalf("got %v", response)
	}
	var got told
	readJSON(t, filepath.Join(directory, "told.json"), &got)
	want := []string{
		"--monitor", "127.0.0.1:2", "--engine", "127.0.0.1:1", "--organization", "organization",
		"--project", "p", "--root-directory", directory, "--stack", "dev", "--pwd", directory,
		"--dry-run", "--parallel", "8", "index.js", "extra",
	}
	if !slices.Equal(got.Args, want) {
		t.Errorf("arguments %q, want %q", got.Args, want)
	}
	if got.Config != `{"p:colour":"blue"}` || got.SecretKeys != "[]" || got.Typescript != "true" {
		t.Errorf("environment %+v", got)
	}
}

func TestRunKeepsSecretConfigurationOutOfTheEnvironmentBlock(t *testing.T) {
	directory := program(t, tell)
	request := runRequest(directory)
	request.Config = map[string]string{"p:password": strings.Repeat("hunter2", 20_000)}
	request.ConfigSecretKeys = []string{"p:password"}
	response, err := startHost(t).client.Run(context.Background(), request)
	must(t, err)
	if response.GetError() != "" {
		t.Fatal(response.GetError())
	}
	var got told
	readJSON(t, filepath.Join(directory, "told.json"), &got)
	if !strings.Contains(got.Config, "hunter2") || got.SecretKeys != `["p:password"]` {
		t.Errorf("the program got config of %d bytes, secret keys %s", len(got.Config), got.SecretKeys)
	}
	if strings.Contains(got.Environ, "hunter2") {
		t.Error("the environment block holds the secret")
	}
	if strings.Contains(strings.Join(got.Args, " ")+strings.Join(got.ExecArgv, " "), "hunter2") {
		t.Error("the command line holds the secret")
	}
	if got.Marker != "" {
		t.Error("a process that the program starts would look for the pipe")
	}
}

func TestRunHonoursTheRuntimeOptions(t *testing.T) {
	directory := program(t, tell)
	request := runRequest(directory)
	var err error
	request.Info.Options, err = structpb.NewStruct(map[string]any{
		"typescript": false, "nodeargs": "--no-warnings '--title=a b'", "tsconfigpath": "ts.json",
	})
	must(t, err)
	_, err = startHost(t).client.Run(context.Background(), request)
	must(t, err)
	var got told
	readJSON(t, filepath.Join(directory, "told.json"), &got)
	if got.Typescript != "false" || got.Tsconfig != "ts.json" ||
		!slices.Equal(got.ExecArgv, []string{"--no-warnings", "--title=a b"}) {
		t.Errorf("got %+v", got)
	}
}

func TestRunRefusesARuntimeOptionOfTheWrongKind(t *testing.T) {
	host := startHost(t)
	for option, value := range map[string]any{
		"typescript": "yes", "nodeargs": 5.0, "packagemanager": "pip", "tsconfig": true,
	} {
		request := runRequest(program(t, tell))
		var err error
		request.Info.Options, err = structpb.NewStruct(map[string]any{option: value})
		must(t, err)
		response, err := host.client.Run(context.Background(), request)
		must(t, err)
		if !strings.Contains(response.GetError(), "runtime option "+option+" must be") {
			t.Errorf("%s: got %q", option, response.GetError())
		}
	}
}

func TestRunFindsTheSdkAboveTheProgramFolder(t *testing.T) {
	root := program(t, tell)
	directory := filepath.Join(root, "dist")
	must(t, os.Mkdir(directory, 0o755))
	request := runRequest(directory)
	request.Info.RootDirectory = root
	response, err := startHost(t).client.Run(context.Background(), request)
	must(t, err)
	if response.GetError() != "" {
		t.Fatal(response.GetError())
	}
	var got told
	readJSON(t, filepath.Join(directory, "told.json"), &got)
}

func TestRunTellsTheEngineHowTheProgramEnded(t *testing.T) {
	host := startHost(t)
	for _, c := range []struct {
		script, errorText string
		bail              bool
	}{
		{script: ""},
		{script: "process.exit(32)", bail: true},
		{script: "process.exit(3)", errorText: "Program exited with non-zero exit code: 3"},
		{script: "process.kill(process.pid, 'SIGKILL'); setInterval(()=>{}, 1000)", errorText: "signal: killed"},
	} {
		response, err := host.client.Run(context.Background(), runRequest(program(t, c.script)))
		must(t, err)
		if response.GetBail() != c.bail || !strings.Contains(response.GetError(), c.errorText) ||
			(c.errorText == "" && response.GetError() != "") {
			t.Errorf("%q: got %v", c.script, response)
		}
	}
}

func TestRunSaysWhatToDoWithoutTheSdkOrNode(t *testing.T) {
	response, err := startHost(t).client.Run(context.Background(), runRequest(t.TempDir()))
	must(t, err)
	if !strings.Contains(response.GetError(), "@pulumi/pulumi was not found") {
		t.Errorf("got %q", response.GetError())
	}
	response, err = startHost(t, "PATH=/nonexistent").client.Run(
		context.Background(), runRequest(program(t, "")))
	must(t, err)
	if !strings.Contains(response.GetError(), "node was not found on PATH") {
		t.Errorf("got %q", response.GetError())
	}
}

func TestRunPassesTheProgramsOutputOn(t *testing.T) {
	host := startHost(t)
	_, err := host.client.Run(context.Background(), runRequest(
		program(t, `process.stdout.write("to stdout\n"); process.stderr.write("to stderr\n")`)))
	must(t, err)
	eventually(t, "the output has both lines", func() bool {
		content, err := os.ReadFile(host.output)
		return err == nil && strings.Contains(string(content), "to stdout\n") &&
			strings.Contains(string(content), "to stderr\n")
	})
}

func TestRunPluginStreamsOutputAndTheExitCodeLast(t *testing.T) {
	directory := program(t, `console.log(JSON.stringify([process.cwd(), process.argv.slice(2), process.env.GIVEN]));
console.error("complaint"); process.exitCode = 7;`)
	stream, err := startHost(t).client.RunPlugin(context.Background(), &pulumirpc.RunPluginRequest{
		Pwd: t.TempDir(), Args: []string{"127.0.0.1:1"}, Kind: "analyzer", Info: programInfo(directory),
		Env: []string{"PATH=" + os.Getenv("PATH"), "GIVEN=yes"},
	})
	must(t, err)
	stdout, stderr, code, last := collect(t, stream)
	if want := `["` + directory + `",["127.0.0.1:1","` + directory + `"],"yes"]` + "\n"; stdout != want {
		t.Errorf("stdout %q, want %q", stdout, want)
	}
	if stderr != "complaint\n" || code != 7 || !last {
		t.Errorf("stderr %q, exit code %d, last %v", stderr, code, last)
	}
}

func TestRunPluginOfAnotherKindRunsInTheEnginesFolder(t *testing.T) {
	directory := program(t, `console.log(process.cwd() + " " + process.argv[2])`)
	pwd, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	stream, err := startHost(t).client.RunPlugin(context.Background(), &pulumirpc.RunPluginRequest{
		Pwd: pwd, Kind: "resource", Info: programInfo(directory), Env: os.Environ(),
	})
	must(t, err)
	if stdout, _, code, _ := collect(t, stream); stdout != pwd+" "+directory+"\n" || code != 0 {
		t.Errorf("stdout %q, exit code %d", stdout, code)
	}
}

// collect reads a plugin's stream; last says whether the exit code was the last message.
func collect(
	t *testing.T, stream pulumirpc.LanguageRuntime_RunPluginClient,
) (stdout, stderr string, code int32, last bool) {
	t.Helper()
	code = -1
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stdout, stderr, code, last
		}
		must(t, err)
		stdout += string(message.GetStdout())
		stderr += string(message.GetStderr())
		_, last = message.GetOutput().(*pulumirpc.RunPluginResponse_Exitcode)
		if last {
			code = message.GetExitcode()
		}
	}
}
