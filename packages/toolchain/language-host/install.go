// Installing the program's dependencies for `pulumi install` and `pulumi new`.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// lockFiles say which package manager a folder belongs to.
var lockFiles = map[string]string{
	"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "bun.lock": "bun", "bun.lockb": "bun",
}

// InstallDependencies runs the program's package manager and streams its output.
func (h *host) InstallDependencies(
	request *pulumirpc.InstallDependenciesRequest,
	server pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	settings, err := readOptions(request.GetInfo())
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	directory := cmp.Or(request.GetInfo().GetProgramDirectory(), request.GetDirectory())
	path, found := findUpwards(directory, "package.json")
	if !found {
		return status.Errorf(codes.FailedPrecondition,
			"no package.json was found from %s upwards. Make one with npm init and run again", directory)
	}
	directory = filepath.Dir(path)
	name := packageManagerFor(directory, settings)
	manager, err := exec.LookPath(name)
	if err != nil {
		return status.Errorf(codes.FailedPrecondition,
			"%s was not found on PATH. Install it, or set the runtime option packagemanager, and run again", name)
	}

	var mutex sync.Mutex
	send := func(response *pulumirpc.InstallDependenciesResponse) error {
		mutex.Lock()
		defer mutex.Unlock()
		return server.Send(response)
	}
	stdout := sender(func(data []byte) error {
		return send(&pulumirpc.InstallDependenciesResponse{Stdout: data})
	})
	stderr := sender(func(data []byte) error {
		return send(&pulumirpc.InstallDependenciesResponse{Stderr: data})
	})
	fmt.Fprintf(stdout, "Installing dependencies with %s...\n\n", name)
	args := []string{"install"}
	if name == "npm" {
		args = append(args, "--loglevel=error")
	}
	cmd := exec.Command(manager, args...)
	cmd.Dir = directory
	cmd.Env = os.Environ()
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err = h.processes.run(server.Context(), cmd)
	switch {
	case errors.Is(err, context.Canceled):
		return status.Error(codes.Canceled, "the installation was cancelled")
	case err != nil:
		return status.Errorf(codes.Internal, "%s install failed in %s: %v", name, directory, err)
	}
	fmt.Fprintln(stdout, "Finished installing dependencies")
	return nil
}

func packageManagerFor(directory string, settings options) string {
	if settings.packageManager != "" && settings.packageManager != "auto" {
		return settings.packageManager
	}
	for file, manager := range lockFiles {
		if _, err := os.Stat(filepath.Join(directory, file)); err == nil {
			return manager
		}
	}
	return "npm"
}

// RuntimeOptionsPrompts asks for the package manager during `pulumi new`, unless it is chosen.
func (h *host) RuntimeOptionsPrompts(
	_ context.Context, request *pulumirpc.RuntimeOptionsRequest,
) (*pulumirpc.RuntimeOptionsResponse, error) {
	settings, err := readOptions(request.GetInfo())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	if settings.packageManager != "" {
		return &pulumirpc.RuntimeOptionsResponse{}, nil
	}
	choice := func(name string) *pulumirpc.RuntimeOptionPrompt_RuntimeOptionValue {
		return &pulumirpc.RuntimeOptionPrompt_RuntimeOptionValue{
			PromptType:  pulumirpc.RuntimeOptionPrompt_STRING,
			StringValue: name,
			DisplayName: name,
		}
	}
	prompt := &pulumirpc.RuntimeOptionPrompt{
		Key:         "packagemanager",
		Description: "The package manager to use for installing dependencies",
		PromptType:  pulumirpc.RuntimeOptionPrompt_STRING,
		Default:     choice("npm"),
	}
	for _, name := range packageManagers {
		if _, err := exec.LookPath(name); err == nil {
			prompt.Choices = append(prompt.Choices, choice(name))
		}
	}
	return &pulumirpc.RuntimeOptionsResponse{Prompts: []*pulumirpc.RuntimeOptionPrompt{prompt}}, nil
}
