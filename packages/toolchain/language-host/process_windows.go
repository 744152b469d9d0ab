// Process trees on Windows: there are no groups to signal, so the tree is ended by process id.
package main

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

func endSignals() []os.Signal { return []os.Signal{os.Interrupt} }

func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

func askGroup(pid int) { killGroup(pid) }

func killGroup(pid int) {
	_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(pid)).Run()
}
