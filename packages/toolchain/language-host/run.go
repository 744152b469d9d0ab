// Running a program: `node @pulumi/pulumi/cmd/run` with what the engine wants it to know.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// exitAlreadyTold is the SDK's exit code for "the user has been told already".
const exitAlreadyTold = 32

// Run runs the program to its end. A program that fails is a response with an error text; only a
// cancelled call is an error.
func (h *host) Run(ctx context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	failed := func(err error) (*pulumirpc.RunResponse, error) {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	if request.GetAttachDebugger() {
		return failed(errors.New("this language host cannot attach a debugger. " +
			"Run without --attach-debugger, or with the vendor's pulumi-language-nodejs"))
	}
	settings, err := readOptions(request.GetInfo())
	if err != nil {
		return failed(err)
	}
	node, err := findNode()
	if err != nil {
		return failed(err)
	}
	runner, err := findSdk(ctx, node, programDirectory(request), "cmd/run")
	if err != nil {
		return failed(err)
	}
	environment, hidden, err := runEnvironment(request, settings)
	if err != nil {
		return failed(err)
	}

	args := append([]string{}, settings.nodeArgs...)
	cmd := exec.Command(node)
	cmd.Env = append(os.Environ(), environment...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if hidden != nil {
		preload, err := passHidden(cmd, hidden)
		if err != nil {
			return failed(err)
		}
		args = append(args, preload...)
	}
	cmd.Args = append(append(cmd.Args, args...), h.runArguments(request, runner)...)

	err = h.processes.run(ctx, cmd)
	for _, file := range cmd.ExtraFiles {
		_ = file.Close()
	}
	return runResponse(ctx, err)
}

// runResponse says to the engine how the program ended.
func runResponse(ctx context.Context, err error) (*pulumirpc.RunResponse, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case ctx.Err() != nil || errors.Is(err, context.Canceled):
		return nil, status.Error(codes.Canceled, "the program was cancelled")
	case errors.As(err, &exit) && exit.ExitCode() == exitAlreadyTold:
		return &pulumirpc.RunResponse{Bail: true}, nil
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return &pulumirpc.RunResponse{
			Error: fmt.Sprintf("Program exited with non-zero exit code: %d", exit.ExitCode()),
		}, nil
	case errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("Program ended by %v", exit)}, nil
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program could not be run: %v", err)}, nil
	}
}

func programDirectory(request *pulumirpc.RunRequest) string {
	if directory := request.GetInfo().GetProgramDirectory(); directory != "" {
		return directory
	}
	return request.GetPwd()
}

// runArguments is the command line of the SDK's runner.
func (h *host) runArguments(request *pulumirpc.RunRequest, runner string) []string {
	args := []string{runner}
	add := func(name, value string) {
		if value != "" {
			args = append(args, "--"+name, value)
		}
	}
	add("monitor", request.GetMonitorAddress())
	add("engine", h.engineAddress)
	add("organization", request.GetOrganization())
	add("project", request.GetProject())
	add("root-directory", request.GetInfo().GetRootDirectory())
	add("stack", request.GetStack())
	add("pwd", request.GetPwd())
	if request.GetDryRun() {
		args = append(args, "--dry-run")
	}
	if parallel := request.GetParallel(); parallel != 0 {
		add("parallel", strconv.Itoa(int(parallel)))
	}
	add("tracing", h.tracing)
	entryPoint := request.GetInfo().GetEntryPoint()
	if entryPoint == "" {
		entryPoint = request.GetProgram()
	}
	if entryPoint == "" {
		entryPoint = "."
	}
	return append(append(args, entryPoint), request.GetArgs()...)
}

// runEnvironment gives the variables that the SDK reads. When the configuration holds a secret it is
// not among them: it is given back as hidden, to be handed over on a pipe.
func runEnvironment(
	request *pulumirpc.RunRequest, settings options,
) (environment []string, hidden map[string]string, err error) {
	config := request.GetConfig()
	if config == nil {
		config = map[string]string{}
	}
	secretKeys := request.GetConfigSecretKeys()
	if secretKeys == nil {
		secretKeys = []string{}
	}
	configJSON, err := json.Marshal(config)
	if err != nil {
		return nil, nil, err
	}
	secretKeysJSON, err := json.Marshal(secretKeys)
	if err != nil {
		return nil, nil, err
	}
	environment = []string{
		"PULUMI_CONFIG_SECRET_KEYS=" + string(secretKeysJSON),
		"PULUMI_NODEJS_TYPESCRIPT=" + strconv.FormatBool(settings.typescript),
	}
	if settings.tsconfigPath != "" {
		environment = append(environment, "PULUMI_NODEJS_TSCONFIG_PATH="+settings.tsconfigPath)
	}
	if len(secretKeys) > 0 && canPassHidden {
		return environment, map[string]string{"PULUMI_CONFIG": string(configJSON)}, nil
	}
	return append(environment, "PULUMI_CONFIG="+string(configJSON)), nil, nil
}
