// What the program needs: the Pulumi plugins of its packages, and its npm dependencies.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// manifest is what we read of a package.json.
type manifest struct {
	Name            string            `json:"name"`
	Version         string            `json:"version"`
	Dependencies    map[string]string `json:"dependencies"`
	DevDependencies map[string]string `json:"devDependencies"`
	Pulumi          struct {
		Resource         bool   `json:"resource"`
		Name             string `json:"name"`
		Version          string `json:"version"`
		Server           string `json:"server"`
		Parameterization *struct {
			Name    string `json:"name"`
			Version string `json:"version"`
			Value   []byte `json:"value"`
		} `json:"parameterization"`
	} `json:"pulumi"`
}

// GetRequiredPackages names the plugins of the packages in the program's node_modules.
func (h *host) GetRequiredPackages(
	_ context.Context, request *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	packages, err := requiredPackages(request.GetInfo())
	if err != nil {
		return nil, err
	}
	return &pulumirpc.GetRequiredPackagesResponse{Packages: packages}, nil
}

// GetRequiredPlugins is the older form of GetRequiredPackages.
func (h *host) GetRequiredPlugins(
	_ context.Context, request *pulumirpc.GetRequiredPluginsRequest,
) (*pulumirpc.GetRequiredPluginsResponse, error) {
	packages, err := requiredPackages(request.GetInfo())
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GetRequiredPluginsResponse{}
	for _, p := range packages {
		response.Plugins = append(response.Plugins, &pulumirpc.PluginDependency{
			Name: p.GetName(), Kind: p.GetKind(), Version: p.GetVersion(), Server: p.GetServer(),
		})
	}
	return response, nil
}

func requiredPackages(info *pulumirpc.ProgramInfo) ([]*pulumirpc.PackageDependency, error) {
	installed, err := installedPackages(info.GetProgramDirectory())
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var packages []*pulumirpc.PackageDependency
	for _, m := range installed {
		if !m.Pulumi.Resource {
			continue
		}
		dependency := &pulumirpc.PackageDependency{
			Name:    cmp.Or(m.Pulumi.Name, pluginName(m.Name)),
			Kind:    "resource",
			Version: "v" + strings.TrimPrefix(cmp.Or(m.Pulumi.Version, m.Version), "v"),
			Server:  m.Pulumi.Server,
		}
		key := dependency.GetName() + "@" + dependency.GetVersion()
		if p := m.Pulumi.Parameterization; p != nil {
			dependency.Parameterization = &pulumirpc.PackageParameterization{
				Name: p.Name, Version: p.Version, Value: p.Value,
			}
			key += " " + p.Name + "@" + p.Version
		}
		if !seen[key] {
			seen[key] = true
			packages = append(packages, dependency)
		}
	}
	slices.SortFunc(packages, func(a, b *pulumirpc.PackageDependency) int {
		return cmp.Or(strings.Compare(a.GetName(), b.GetName()), strings.Compare(a.GetVersion(), b.GetVersion()))
	})
	return packages, nil
}

// pluginName is the plugin's name for a package that does not say it.
func pluginName(packageName string) string {
	return strings.TrimPrefix(strings.TrimPrefix(packageName, "@pulumi/"), "@")
}

// GetProgramDependencies lists the program's npm packages with the versions installed.
func (h *host) GetProgramDependencies(
	_ context.Context, request *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	directory := cmp.Or(request.GetInfo().GetProgramDirectory(), request.GetPwd())
	dependencies := map[string]string{}
	if request.GetTransitiveDependencies() {
		installed, err := installedPackages(directory)
		if err != nil {
			return nil, err
		}
		for _, m := range installed {
			dependencies[m.Name+"@"+m.Version] = m.Name
		}
	} else if path, found := findUpwards(directory, "package.json"); found {
		m, err := readManifest(path)
		if err != nil {
			return nil, err
		}
		for _, declared := range []map[string]string{m.Dependencies, m.DevDependencies} {
			for name, wanted := range declared {
				version := wanted
				if path, found := findUpwards(filepath.Dir(path),
					filepath.Join("node_modules", filepath.FromSlash(name), "package.json")); found {
					if m, err := readManifest(path); err == nil && m.Version != "" {
						version = m.Version
					}
				}
				dependencies[name+"@"+version] = name
			}
		}
	}
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for key, name := range dependencies {
		response.Dependencies = append(response.Dependencies, &pulumirpc.DependencyInfo{
			Name: name, Version: strings.TrimPrefix(key, name+"@"),
		})
	}
	slices.SortFunc(response.Dependencies, func(a, b *pulumirpc.DependencyInfo) int {
		return cmp.Or(strings.Compare(a.GetName(), b.GetName()), strings.Compare(a.GetVersion(), b.GetVersion()))
	})
	return response, nil
}

// installedPackages reads the manifests under the nearest node_modules from directory upwards. It
// goes into packages only where they have a node_modules of their own, so it stays quick beside
// packages with thousands of folders.
func installedPackages(directory string) ([]manifest, error) {
	root, found := findUpwards(directory, "node_modules")
	if !found {
		return nil, nil
	}
	var manifests []manifest
	visited := map[string]bool{}
	var visit func(modules string) error
	visitPackage := func(path string) error {
		real, err := filepath.EvalSymlinks(path)
		if err != nil || visited[real] {
			return nil // a dangling link is not a package
		}
		visited[real] = true
		m, err := readManifest(filepath.Join(real, "package.json"))
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		manifests = append(manifests, m)
		return visit(filepath.Join(real, "node_modules"))
	}
	visit = func(modules string) error {
		entries, err := os.ReadDir(modules)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, entry := range entries {
			path := filepath.Join(modules, entry.Name())
			switch {
			case !entry.IsDir() && entry.Type()&os.ModeSymlink == 0, strings.HasPrefix(entry.Name(), "."):
			case strings.HasPrefix(entry.Name(), "@"):
				scoped, err := os.ReadDir(path)
				if err != nil {
					return err
				}
				for _, s := range scoped {
					if err := visitPackage(filepath.Join(path, s.Name())); err != nil {
						return err
					}
				}
			default:
				if err := visitPackage(path); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return manifests, visit(root)
}

func readManifest(path string) (manifest, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return manifest{}, err
	}
	var m manifest
	if err := json.Unmarshal(content, &m); err != nil {
		// A manifest of another shape (tests, templates) is not one of ours to judge.
		var anything any
		if json.Unmarshal(content, &anything) == nil {
			return manifest{}, nil
		}
		return manifest{}, errors.New(path + " is not JSON: " + err.Error() +
			". Install the dependencies again (npm ci)")
	}
	return m, nil
}
