//go:build !linux && !windows

// Elsewhere there is no such signal; the host's own watching must do.
package main

import "syscall"

func dieWithParent(*syscall.SysProcAttr) {}
