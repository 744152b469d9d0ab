// The runtime options of Pulumi.yaml (`runtime: {name: nodejs, options: {...}}`).
package main

import (
	"fmt"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

var packageManagers = []string{"npm", "pnpm", "yarn", "bun"}

// options are the runtime options that this host honours.
type options struct {
	typescript     bool
	nodeArgs       []string
	tsconfigPath   string
	packageManager string
}

// readOptions takes the options of a program; an option of the wrong kind is an error.
func readOptions(info *pulumirpc.ProgramInfo) (options, error) {
	result := options{typescript: true}
	values := info.GetOptions().AsMap()
	text := func(key string) (string, error) {
		value, present := values[key]
		if !present || value == nil {
			return "", nil
		}
		s, ok := value.(string)
		if !ok {
			return "", fmt.Errorf("runtime option %s must be a string, got %v", key, value)
		}
		return s, nil
	}
	if value, present := values["typescript"]; present && value != nil {
		typescript, ok := value.(bool)
		if !ok {
			return result, fmt.Errorf("runtime option typescript must be true or false, got %v", value)
		}
		result.typescript = typescript
	}
	nodeArgs, err := text("nodeargs")
	if err != nil {
		return result, err
	}
	if result.nodeArgs, err = splitWords(nodeArgs); err != nil {
		return result, fmt.Errorf("runtime option nodeargs: %w", err)
	}
	// The vendor's host knows this option as tsconfig; both names are taken.
	for _, key := range []string{"tsconfig", "tsconfigpath"} {
		value, err := text(key)
		if err != nil {
			return result, err
		}
		if value != "" {
			result.tsconfigPath = value
		}
	}
	if result.packageManager, err = text("packagemanager"); err != nil {
		return result, err
	}
	switch result.packageManager {
	case "", "auto", "npm", "pnpm", "yarn", "bun":
	default:
		return result, fmt.Errorf("runtime option packagemanager must be one of auto, %s, got %q",
			strings.Join(packageManagers, ", "), result.packageManager)
	}
	return result, nil
}

// splitWords splits at blanks, except inside single or double quotes.
func splitWords(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord := false
	var quote rune
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r == ' ' || r == '\t' || r == '\n':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("a quote is not closed in %q", text)
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}
