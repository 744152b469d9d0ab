// Finding things as Node.js does: from the program's folder upwards.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

var errNoNode = errors.New("node was not found on PATH. " +
	"Install Node.js 20.20 or newer, or put its folder on PATH, and run again")

// findNode gives the node executable that PATH names.
func findNode() (string, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return "", errNoNode
	}
	return node, nil
}

// upwards calls visit with directory and each of its parents until visit says that it has found
// what it looked for.
func upwards(directory string, visit func(string) bool) bool {
	directory, err := filepath.Abs(directory)
	if err != nil {
		return false
	}
	for {
		if visit(directory) {
			return true
		}
		parent := filepath.Dir(directory)
		if parent == directory {
			return false
		}
		directory = parent
	}
}

// findUpwards gives the first path, from directory upwards, that exists under the relative name.
func findUpwards(directory, name string) (string, bool) {
	var found string
	ok := upwards(directory, func(candidate string) bool {
		found = filepath.Join(candidate, name)
		_, err := os.Stat(found)
		return err == nil
	})
	return found, ok
}

// findSdk gives the file of `@pulumi/pulumi/<name>` that Node.js would load from directory.
func findSdk(ctx context.Context, node, directory, name string) (string, error) {
	relative := filepath.Join("node_modules", "@pulumi", "pulumi", filepath.FromSlash(name), "index.js")
	if path, ok := findUpwards(directory, relative); ok {
		return path, nil
	}
	// Plug'n'play and NODE_PATH: only Node.js itself knows.
	cmd := exec.CommandContext(ctx, node, "-e",
		"process.stdout.write(require.resolve(process.argv[1]))", "@pulumi/pulumi/"+name)
	cmd.Dir = directory
	if output, err := cmd.Output(); err == nil {
		return strings.TrimSpace(string(output)), nil
	}
	return "", fmt.Errorf("the package @pulumi/pulumi was not found from %s upwards. "+
		"Install the program's dependencies (npm ci, or pulumi install) and run again", directory)
}
