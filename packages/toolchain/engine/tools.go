//go:build tools

// Package engine pins the Pulumi CLI and everything it is built from. It has no code of its own:
// `go build github.com/pulumi/pulumi/pkg/v3/cmd/pulumi` in this folder builds the CLI.
package engine

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
