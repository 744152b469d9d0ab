// Configuration that holds a secret goes to the program on a pipe, not in its environment block,
// which other processes of the same user can read for as long as the program runs.
package main

import (
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"runtime"
)

// canPassHidden is false where a process cannot inherit further files.
const canPassHidden = runtime.GOOS != "windows"

// hiddenMarker tells the preloaded module that file 3 is the pipe. The module removes it, so that a
// Node.js process that the program starts does not read its own file 3.
const hiddenMarker = "PULUMI_NODEJS_HIDDEN_ENVIRONMENT"

const hiddenModule = `import { readFileSync, closeSync } from "node:fs";` +
	`if (process.env.` + hiddenMarker + ` === "3") {` +
	`delete process.env.` + hiddenMarker + `;` +
	`Object.assign(process.env, JSON.parse(readFileSync(3, "utf8")));` +
	`try { closeSync(3); } catch {}` +
	`}`

// passHidden makes cmd inherit a pipe with the variables, and gives the node arguments that make the
// program take them over before anything else runs.
func passHidden(cmd *exec.Cmd, variables map[string]string) ([]string, error) {
	content, err := json.Marshal(variables)
	if err != nil {
		return nil, err
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	go func() {
		// Fails only when the program ended without reading.
		_, _ = writer.Write(content)
		_ = writer.Close()
	}()
	cmd.ExtraFiles = []*os.File{reader}
	cmd.Env = append(cmd.Env, hiddenMarker+"=3")
	return []string{"--import", "data:text/javascript," + url.PathEscape(hiddenModule)}, nil
}
