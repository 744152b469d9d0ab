//go:build !windows

// Packages, dependencies, installation.
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

func required(t *testing.T, directory string) []string {
	t.Helper()
	packages, err := requiredPackages(programInfo(directory))
	must(t, err)
	var names []string
	for _, p := range packages {
		names = append(names, p.GetName()+"@"+p.GetVersion())
	}
	return names
}

func TestRequiredPackagesAreThoseThatSayTheyHaveAPlugin(t *testing.T) {
	directory := program(t, "")
	installPackage(t, directory, "@pulumi/random",
		`{"name":"@pulumi/random","version":"4.21.1","pulumi":{"resource":true,"name":"random"}}`)
	installPackage(t, directory, "@acme/thing", `{"name":"@acme/thing","version":"v1.0.0","pulumi":{"resource":true}}`)
	installPackage(t, directory, "plain", `{"name":"plain","version":"1.0.0"}`)
	installPackage(t, directory, "odd", `{"name":{"not":"a name"}}`)
	installPackage(t, directory, "outer/node_modules/inner",
		`{"name":"inner","version":"2.0.0","pulumi":{"resource":true,"version":"2.1.0"}}`)
	installPackage(t, directory, "outer", `{"name":"outer","version":"1.0.0"}`)
	installPackage(t, directory, "outer/lib/node_modules/buried",
		`{"name":"buried","version":"1.0.0","pulumi":{"resource":true}}`)
	want := []string{"acme/thing@v1.0.0", "inner@v2.1.0", "random@v4.21.1"}
	if got := required(t, directory); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	below := filepath.Join(directory, "dist", "deep")
	must(t, os.MkdirAll(below, 0o755))
	if got := required(t, below); !slices.Equal(got, want) {
		t.Errorf("from below: got %v, want %v", got, want)
	}
}

func TestTheSamePackageTwiceIsNamedOnce(t *testing.T) {
	directory := program(t, "")
	content := `{"name":"@pulumi/random","version":"4.21.1","pulumi":{"resource":true}}`
	installPackage(t, directory, "@pulumi/random", content)
	installPackage(t, directory, "other", `{"name":"other","version":"1.0.0"}`)
	installPackage(t, directory, "other/node_modules/@pulumi/random", content)
	must(t, os.Symlink(filepath.Join(directory, "node_modules", "other"), filepath.Join(directory, "node_modules", "link")))
	if got := required(t, directory); !slices.Equal(got, []string{"random@v4.21.1"}) {
		t.Errorf("got %v", got)
	}
}

func TestABrokenPackageManifestIsNamed(t *testing.T) {
	directory := program(t, "")
	installPackage(t, directory, "broken", `{"name":`)
	_, err := requiredPackages(programInfo(directory))
	if err == nil || !strings.Contains(err.Error(), filepath.Join("broken", "package.json")) {
		t.Errorf("got %v", err)
	}
}

func TestProgramDependenciesAreTheDeclaredOnesWithTheirInstalledVersions(t *testing.T) {
	directory := program(t, "")
	write(directory, "package.json",
		`{"name":"p","dependencies":{"luxon":"^3.0.0"},"devDependencies":{"absent":"^9.0.0"}}`)
	installPackage(t, directory, "luxon", `{"name":"luxon","version":"3.7.2"}`)
	installPackage(t, directory, "extra", `{"name":"extra","version":"1.0.0"}`)
	dependencies := func(transitive bool) (names []string) {
		response, err := newHost("", "").GetProgramDependencies(context.Background(),
			&pulumirpc.GetProgramDependenciesRequest{
				Info: programInfo(directory), TransitiveDependencies: transitive,
			})
		must(t, err)
		for _, d := range response.GetDependencies() {
			names = append(names, d.GetName()+" "+d.GetVersion())
		}
		return names
	}
	if got := dependencies(false); !slices.Equal(got, []string{"absent ^9.0.0", "luxon 3.7.2"}) {
		t.Errorf("got %v", got)
	}
	if got := dependencies(true); !slices.Equal(got, []string{"extra 1.0.0", "luxon 3.7.2"}) {
		t.Errorf("transitive: got %v", got)
	}
}

// install makes the host install with a package manager that writes its name and arguments.
func install(t *testing.T, directory string, settings map[string]any, script string) (string, error) {
	t.Helper()
	folder := t.TempDir()
	for _, name := range packageManagers {
		must(t, os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700))
	}
	info := programInfo(filepath.Join(directory, "dist"))
	var err error
	info.Options, err = structpb.NewStruct(settings)
	must(t, err)
	host := startHost(t, "PATH="+folder+":"+os.Getenv("PATH"))
	stream, err := host.client.InstallDependencies(context.Background(),
		&pulumirpc.InstallDependenciesRequest{Info: info})
	must(t, err)
	output := ""
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return output, nil
		}
		if err != nil {
			return output, err
		}
		output += string(message.GetStdout()) + string(message.GetStderr())
	}
}

func TestInstallRunsThePackageManagerWhereThePackageManifestIs(t *testing.T) {
	directory := program(t, "")
	script := `echo "$(basename "$0") $* in $PWD"`
	output, err := install(t, directory, nil, script)
	must(t, err)
	if !strings.Contains(output, "npm install --loglevel=error in "+directory+"\n") {
		t.Errorf("got %q", output)
	}
	write(directory, "yarn.lock", "")
	output, err = install(t, directory, nil, script)
	must(t, err)
	if !strings.Contains(output, "yarn install in "+directory+"\n") {
		t.Errorf("got %q", output)
	}
	output, err = install(t, directory, map[string]any{"packagemanager": "bun"}, script)
	must(t, err)
	if !strings.Contains(output, "bun install in "+directory+"\n") {
		t.Errorf("got %q", output)
	}
}

func TestAFailedInstallIsAnErrorWithItsOutput(t *testing.T) {
	output, err := install(t, program(t, ""), nil, `echo "no such package" >&2; exit 4`)
	if err == nil || !strings.Contains(err.Error(), "exit status 4") || !strings.Contains(output, "no such package") {
		t.Errorf("got %v and %q", err, output)
	}
}

func TestThePackageManagerIsAskedForUnlessItIsChosen(t *testing.T) {
	host := newHost("", "")
	response, err := host.RuntimeOptionsPrompts(context.Background(),
		&pulumirpc.RuntimeOptionsRequest{Info: programInfo(t.TempDir())})
	must(t, err)
	if len(response.GetPrompts()) != 1 || response.GetPrompts()[0].GetKey() != "packagemanager" {
		t.Errorf("got %v", response)
	}
	info := programInfo(t.TempDir())
	info.Options, err = structpb.NewStruct(map[string]any{"packagemanager": "npm"})
	must(t, err)
	response, err = host.RuntimeOptionsPrompts(context.Background(), &pulumirpc.RuntimeOptionsRequest{Info: info})
	must(t, err)
	if len(response.GetPrompts()) != 0 {
		t.Errorf("got %v", response)
	}
}

func TestSplitWordsKnowsQuotes(t *testing.T) {
	for text, want := range map[string][]string{
		"": nil, " a  b ": {"a", "b"}, `--x="a b" ''`: {"--x=a b", ""},
	} {
		got, err := splitWords(text)
		must(t, err)
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if _, err := splitWords(`"open`); err == nil {
		t.Error("an open quote was taken")
	}
}
