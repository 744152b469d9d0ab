// Running a plugin that is written for Node.js: a policy pack, or a provider.
package main

import (
	"errors"
	"os/exec"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// RunPlugin streams the plugin's output; its exit code comes last.
func (h *host) RunPlugin(
	request *pulumirpc.RunPluginRequest, server pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	cmd, err := pluginCommand(request, server)
	if err != nil {
		return status.Error(codes.FailedPrecondition, err.Error())
	}
	// Two writers share one stream, which may not be sent to by two at once.
	var mutex sync.Mutex
	cmd.Stdout = sender(func(data []byte) error {
		mutex.Lock()
		defer mutex.Unlock()
		return server.Send(&pulumirpc.RunPluginResponse{
			Output: &pulumirpc.RunPluginResponse_Stdout{Stdout: data},
		})
	})
	cmd.Stderr = sender(func(data []byte) error {
		mutex.Lock()
		defer mutex.Unlock()
		return server.Send(&pulumirpc.RunPluginResponse{
			Output: &pulumirpc.RunPluginResponse_Stderr{Stderr: data},
		})
	})

	err = h.processes.run(server.Context(), cmd)
	var exit *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return sendExitCode(server, 0)
	case server.Context().Err() != nil:
		return status.Error(codes.Canceled, "the plugin was cancelled")
	case errors.As(err, &exit):
		return sendExitCode(server, exit.ExitCode())
	default:
		return status.Errorf(codes.Internal, "the plugin could not be run: %v", err)
	}
}

// pluginCommand is the command line for the plugin in the request's program directory.
func pluginCommand(
	request *pulumirpc.RunPluginRequest, server pulumirpc.LanguageRuntime_RunPluginServer,
) (*exec.Cmd, error) {
	if request.GetAttachDebugger() {
		return nil, errors.New("this language host cannot attach a debugger to a plugin. " +
			"Run without --attach-debugger, or with the vendor's pulumi-language-nodejs")
	}
	settings, err := readOptions(request.GetInfo())
	if err != nil {
		return nil, err
	}
	node, err := findNode()
	if err != nil {
		return nil, err
	}
	directory := request.GetInfo().GetProgramDirectory()
	args := append([]string{}, settings.nodeArgs...)
	if request.GetKind() == "analyzer" {
		runner, err := findSdk(server.Context(), node, directory, "cmd/run-policy-pack")
		if err != nil {
			return nil, err
		}
		args = append(append(append(args, runner), request.GetArgs()...), directory)
	} else {
		runner, err := findSdk(server.Context(), node, directory, "cmd/run-plugin")
		if err != nil {
			return nil, err
		}
		args = append(append(args, runner, directory), request.GetArgs()...)
	}
	cmd := exec.Command(node, args...)
	cmd.Env = request.GetEnv()
	// A policy pack looks for its package.json in the working directory.
	cmd.Dir = request.GetPwd()
	if request.GetKind() == "analyzer" {
		cmd.Dir = directory
	}
	return cmd, nil
}

func sendExitCode(server pulumirpc.LanguageRuntime_RunPluginServer, code int) error {
	return server.Send(&pulumirpc.RunPluginResponse{
		Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(code)}, //nolint:gosec // 0 to 255
	})
}

// sender is a writer whose every write is one message.
type sender func([]byte) error

func (s sender) Write(data []byte) (int, error) {
	if err := s(data); err != nil {
		return 0, err
	}
	return len(data), nil
}
